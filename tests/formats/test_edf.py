"""EDF and EDF+: files by an independent encoder (edfio) and by hand, against an independent decoder."""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from typing import Any

import edfio
import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, FormatError, Patient, SignalError, TruncatedError, UnsafeFileError
from einthoven.formats import read
from einthoven.formats.edf import lead_of

Row = dict[str, Any]
USUAL = {
    **{"transducer": "", "unit": "uV", "low": "-3276.8", "high": "3276.7", "least": "-32768", "most": "32767"},
    **{"filter": "", "reserved": ""},
}
WIDTHS = {
    **{"label": 16, "transducer": 80, "unit": 8, "low": 8, "high": 8, "least": 8, "most": 8, "filter": 80},
    **{"count": 8, "reserved": 32},
}


def field(value: object, width: int) -> bytes:
    text = str(value).encode("latin-1")
    assert len(text) <= width
    return text.ljust(width)


def by_hand(signals: Sequence[Row], records: int, seconds: object = 1, /, **head: object) -> bytes:
    """An EDF file from rows of `label`, `data` (records, samples) and other fields; `head` replaces the header's."""
    rows = [USUAL | {"count": row["data"].shape[1]} | row for row in signals]
    parts = {
        "version": ("0", 8),
        "patient": ("", 80),
        "recording": ("", 80),
        "day": ("09.11.84", 8),
        "clock": ("09.17.34", 8),
        "size": (256 * (len(rows) + 1), 8),
        "kind": ("", 44),
        "records": (records, 8),
        "seconds": (seconds, 8),
        "signals": (len(rows), 4),
    }
    out = b"".join(field(head.get(name, value), width) for name, (value, width) in parts.items())
    for name, width in WIDTHS.items():
        out += b"".join(field(row[name], width) for row in rows)
    return out + np.hstack([row["data"][:records] for row in rows]).astype("<i2").tobytes()


def notes(texts: Sequence[bytes], size: int = 30) -> np.ndarray:
    """The annotation signal of each record."""
    return np.stack([np.frombuffer(text.ljust(2 * size, b"\0"), "<i2") for text in texts])


def leads(records: int = 3, samples: int = 100, names: Sequence[str] = ("ECG I", "ECG II"), **how: object) -> list[Row]:
    noise = np.random.default_rng(4)
    return [{"label": name, "data": noise.integers(-900, 900, (records, samples)), **how} for name in names]


def kinds(ecg: ECG) -> list[str]:
    return [notice.kind for notice in ecg.notices]


@pytest.mark.parametrize(("unit", "factor"), [("uV", 1e-3), ("mV", 1.0), ("V", 1e3), ("nV", 1e-6)])
@pytest.mark.parametrize("annotated", [False, True])
def test_what_edfio_writes(put, unit: str, factor: float, annotated: bool) -> None:
    noise = np.random.default_rng(2)
    digital = {lead: noise.integers(-2000, 2000, 5000).astype(np.int16) for lead in LEADS}
    signals = [
        edfio.EdfSignal.from_digital(
            row, 500, label=f"ECG {lead}", physical_dimension=unit, physical_range=(-5, 7), digital_range=(-2048, 2047)
        )
        for lead, row in digital.items()
    ]
    edf = edfio.Edf(
        signals,
        patient=edfio.Patient(code="ID_7", sex="F", birthdate=datetime.date(1951, 5, 2), name="Erika_Mustermann"),
        recording=edfio.Recording(startdate=datetime.date(2015, 2, 19), equipment_code="Cart_9"),
        starttime=datetime.time(9, 30, 35),
        annotations=[edfio.EdfAnnotation(1.5, None, "Lights off")] if annotated else None,
    )
    path = put(edf.to_bytes())
    ecg, other = read(path), edfio.read_edf(path)
    assert (ecg.format, ecg.rate, ecg.samples, ecg.calibrated) == ("EDF", 500, 5000, True)
    for lead, signal in zip(LEADS, other.signals, strict=True):
        np.testing.assert_allclose(ecg.lead(lead), signal.data * factor, rtol=2e-7, atol=1e-6 * factor)
    assert str(ecg.time) == "2015-02-19 09:30:35"
    assert (ecg.patient.age, ecg.patient.sex, ecg.device) == (63, "female", "Cart 9")
    assert ecg.patient.id == ("ID 7" if annotated else None)  # only then is it EDF+
    assert ("annotations" in kinds(ecg)) == annotated
    assert "Mustermann" not in repr(ecg) + " ".join(map(str, ecg.notices))


def test_by_hand_and_by_edfio_are_the_same(put) -> None:
    path = put(by_hand(leads(), 3))
    ecg, other = read(path), edfio.read_edf(path)
    assert ecg.samples == 300 and str(ecg.time) == "2084-11-09 09:17:34" and ecg.patient.id is None
    for lead, signal in zip(("I", "II"), other.signals, strict=True):
        np.testing.assert_allclose(ecg.lead(lead), signal.data / 1000, atol=1e-6)


@pytest.mark.parametrize(
    ("label", "lead"),
    [
        *(("ECG I", "I"), ("EKG II", "II"), ("ecg v1", "V1"), ("ECG-aVR", "aVR"), ("ECG C3", "V3"), ("ECG LA-RA", "I")),
        *(("EKG LL-RA", "II"), ("ECG LL-LA", "III"), ("III", "III"), ("V6", "V6"), ("LA-RA", None), ("C3", None)),
        *(("D1", None), ("EEG C3", None), ("ECG", None), ("ECG1", None), ("EKG V", None), ("ECG II-III", None)),
        *(("Resp V1", None), ("", None), ("ECG X", None), ("EEG Fpz-Cz", None)),
    ],
)
def test_labels(label: str, lead: str | None) -> None:
    assert lead_of(label)[0] == lead


def test_signals_that_are_none_of_an_ecg(put) -> None:
    sleep = leads(names=("C3", "C4", "V1", "ECG", "Resp"))
    with pytest.raises(SignalError, match=r"'?No signal of the EDF file .*\(C3, C4, V1, ECG, Resp\)"):
        read(put(by_hand(sleep, 3)))
    both = read(put(by_hand([*sleep, *leads(names=("EKG II",))], 3)))
    assert both.missing == ("I", "III", "aVR", "aVL", "aVF", "V2", "V3", "V4", "V5", "V6")
    assert "not among the 12 leads: C3, C4, ECG, Resp." in " ".join(map(str, both.notices))


def test_several_rates(put) -> None:
    """The leads of the rate that most leads have; nothing is resampled."""
    fast, slow = leads(samples=100), leads(samples=50, names=("ECG V1",))
    ecg = read(put(by_hand([*slow, *fast, *leads(samples=10, names=("Temp",))], 3)))
    assert ecg.rate == 100 and "V1" in ecg.missing
    assert [str(n) for n in ecg.notices if n.kind == "other-rate"] == [
        "Leads of another sampling rate were left out: V1."
    ]
    np.testing.assert_allclose(ecg.lead("II"), fast[1]["data"].ravel() / 1e4, atol=1e-6)


@pytest.mark.parametrize(
    ("seconds", "samples", "rate"), [("0.5", 100, 200), (10, 5000, 500), ("0.25", 64, 256), (1, 50, 50)]
)
def test_lengths_of_records(put, seconds: object, samples: int, rate: float) -> None:
    assert read(put(by_hand(leads(samples=samples), 3, seconds))).rate == rate


def test_inverted_and_missing_scales(put) -> None:
    inverted = read(put(by_hand(leads(low="3276.7", high="-3276.8"), 3)))
    np.testing.assert_allclose(inverted.lead("I"), -(leads()[0]["data"].ravel() + 1) / 1e4, atol=1e-6)
    for how in ({"unit": ""}, {"unit": "mmHg"}, {"low": "5", "high": "5"}, {"least": "9", "most": "9"}, {"low": "?"}):
        ecg = read(put(by_hand(leads(**how), 3)))
        assert not ecg.calibrated and "no-gain" in kinds(ecg)
        assert ecg.lead("I")[7] == leads()[0]["data"].ravel()[7]


def test_samples_beyond_the_stated_range(put) -> None:
    ecg = read(put(by_hand(leads(least="-800", most="800"), 3)))
    assert sum(kind == "beyond-range" for kind in kinds(ecg)) == 2


def plus(onsets: Sequence[str], kind: str = "EDF+D", extra: bytes = b"") -> bytes:
    texts = [f"+{onset}\x14\x14\0".encode() + extra for onset in onsets]
    rows = [*leads(len(onsets)), {"label": "EDF Annotations", "data": notes(texts)}]
    return by_hand(rows, len(onsets), kind=kind)


def test_interrupted_recordings_keep_their_times(put) -> None:
    ecg = read(put(plus(["5", "6", "9.5"])))
    data = leads()[0]["data"].ravel() / 1e4
    assert ecg.samples == 550 and "interrupted" in kinds(ecg) and "invalid-samples" in kinds(ecg)
    assert "2.5 s in it hold no samples" in " ".join(map(str, ecg.notices))
    np.testing.assert_allclose(ecg.lead("I")[:200], data[:200], atol=1e-6)
    np.testing.assert_allclose(ecg.lead("I")[450:], data[200:], atol=1e-6)
    assert np.isnan(ecg.lead("II")[200:450]).all()


def test_records_that_follow_at_once(put) -> None:
    for onsets, kind in ((["0", "1", "2"], "EDF+D"), (["0", "1.004", "1.996"], "EDF+D"), (["0", "7", "99"], "EDF+C")):
        ecg = read(put(plus(onsets, kind)))
        assert ecg.samples == 300 and "interrupted" not in kinds(ecg)


def test_records_of_no_time_or_out_of_order(put) -> None:
    with pytest.raises(FormatError, match="overlap or are out of order"):
        read(put(plus(["0", "2", "1"])))
    with pytest.raises(FormatError, match="does not say when"):
        read(put(plus(["0", "x", "2"])))
    with pytest.raises(FormatError, match="does not say when"):
        read(put(by_hand(leads(), 3, kind="EDF+D")))
    with pytest.raises(SignalError, match="at most 3600 s"):
        read(put(plus(["0", "1", "9999999999"])))


def test_annotations_are_counted_and_left_out(put) -> None:
    ecg = read(put(plus(["0", "1", "2"], "EDF+C", b"+1\x1530\x14Dr. X said\x14\0+2\x14a\x14b\x14\0")))
    assert [str(n) for n in ecg.notices if n.kind == "annotations"] == ["9 annotations of the EDF+ file were left out."]


@pytest.mark.parametrize(
    ("patient", "recording", "found"),
    [
        (
            "MCH-0234567 F 02-MAY-1951 Haagse_Harry",
            "Startdate 02-MAR-2002 EMG561 BK/JOP Sony.",
            ("MCH-0234567", 50, "female", "2002-03-02", "Sony."),
        ),
        ("X X X X", "Startdate X X X X", (None, None, None, "None", None)),
        ("A m 99-XXX-1951 B", "Startdate 30-FEB-2002 X X X", ("A", None, "male", "None", None)),
        ("", "", (None, None, None, "2084-11-09", None)),
        ("only", "Startdate", ("only", None, None, "2084-11-09", None)),
    ],
)
def test_people(put, patient: str, recording: str, found: tuple) -> None:
    ecg = read(put(by_hand(leads(), 3, patient=patient, recording=recording, kind="EDF+C")))
    assert (ecg.patient.id, ecg.patient.age, ecg.patient.sex, str(ecg.time)[:10], ecg.device) == found
    assert "Harry" not in repr(ecg)
    assert ("unread-time" in kinds(ecg)) == ("30-FEB" in recording)


def test_the_patient_of_plain_edf_is_free_text(put) -> None:
    ecg = read(put(by_hand(leads(), 3, patient="Harry Haagse, male, 1951", day="31.12.85")))
    assert ecg.patient == Patient() and "patient-unread" in kinds(ecg) and ecg.time.year == 1985
    as_plus = read(put(by_hand(leads(), 3, patient="Haagse M 02-MAY-1951 Harry")))
    assert (as_plus.patient.id, as_plus.patient.sex) == (None, "male") and "patient-unread" not in kinds(as_plus)
    assert "unread-time" in kinds(read(put(by_hand(leads(), 3, day="32.13.85"))))
    hidden = read(put(by_hand(leads(), 3, recording="Startdate X X X X", day="01.01.85")))
    assert hidden.time is None and "unread-time" not in kinds(hidden)


def test_unknown_numbers_of_records(put) -> None:
    whole = by_hand(leads(), 3)
    ecg = read(put(whole[:236] + field(-1, 8) + whole[244:-3]))
    assert ecg.samples == 200 and "unfinished" in kinds(ecg)
    with pytest.raises(TruncatedError, match="0 of the 1 records"):
        read(put(whole[:236] + field(-1, 8) + whole[244:800]))


def test_lengths_that_do_not_fit(put) -> None:
    whole = by_hand(leads(), 3)
    assert "longer-data" in kinds(read(put(whole + bytes(7))))
    with pytest.raises(TruncatedError, match="2 of the 3 records"):
        read(put(whole[:-1]))
    with pytest.raises(TruncatedError, match="header of 2 signals"):
        read(put(whole[:700]))


@pytest.mark.parametrize(
    ("head", "error", "match"),
    [
        ({"size": 512}, FormatError, "not as long"),
        ({"size": 0}, FormatError, "header bytes"),
        ({"signals": 0}, FormatError, "number of signals"),
        ({"signals": 999, "size": 256000}, UnsafeFileError, "999 signals"),
        ({"records": 0}, FormatError, "number of records"),
        ({"records": -2}, FormatError, "number of records"),
        ({"records": 99999999}, SignalError, "at most 3600 s"),
        ({"seconds": "x"}, FormatError, "how long a record lasts"),
        ({"seconds": "0"}, FormatError, "last no time"),
        ({"seconds": "-1"}, FormatError, "how long a record lasts"),
        ({"seconds": "1e9"}, SignalError, "sampling rate"),
    ],
)
def test_headers_that_cannot_be(put, head: dict, error: type[Exception], match: str) -> None:
    with pytest.raises(error, match=match):
        read(put(by_hand(leads(), 3, **head)))


def test_counts_that_cannot_be(put) -> None:
    for count, error in ((0, FormatError), ("x", FormatError), ("-5", FormatError), (99999999, UnsafeFileError)):
        with pytest.raises(error):
            read(put(by_hand(leads(count=count), 3)))


def test_a_long_recording_is_refused_by_its_length_before_it_is_read(put) -> None:
    path = put(by_hand(leads(1, 500), 1, records=86400))
    with path.open("r+b") as file:
        file.truncate(768 + 2000 * 86400)  # sparse, and more than any file that is read
    with pytest.raises(SignalError, match="lasts 86400 s; at most 3600 s are read"):
        read(path)


def test_records_of_one_sample_each(put) -> None:
    """As many records as samples: no more work than for few of them, or refused."""
    rows = [{"label": "ECG I", "data": np.zeros((200_000, 1), int)}]
    started = time.process_time()
    assert read(put(by_hand(rows, 200_000, "0.002"))).samples == 200_000
    assert time.process_time() - started < 2
    with pytest.raises(UnsafeFileError, match="200000 parts"):
        read(
            put(by_hand([*rows, {"label": "EDF Annotations", "data": rows[0]["data"]}], 200_000, "0.002", kind="EDF+D"))
        )


def test_damaged_files(put, survives, ecgs_of_damaged) -> None:
    rows = [
        *leads(3, 6),
        {"label": "EDF Annotations", "data": notes([b"+0\x14\x14\0", b"+1\x14\x14\0", b"+5\x14\x14\0"], 8)},
    ]
    small = by_hand(rows, 3, "0.1", kind="EDF+D")
    path = put(small)
    assert isinstance(survives(path), ECG)
    for end in range(len(small)):
        path.write_bytes(small[:end])
        assert not isinstance(survives(path, end), ECG)
    assert 20 < ecgs_of_damaged(small, "edf", 300) < 280
