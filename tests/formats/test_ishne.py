"""ISHNE Holter recordings, written by hand; compared with another decoder where it is installed."""

from __future__ import annotations

import binascii
import struct
from collections.abc import Sequence

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, FormatError, SignalError, TruncatedError
from einthoven.formats import read

TWELVE = {name: code for code, name in enumerate(LEADS, 5)}


def ishne(
    raw: np.ndarray,
    codes: Sequence[int] = tuple(TWELVE.values()),
    steps: Sequence[int] = (2500,) * 12,
    rate: int = 200,
    count: int | None = None,
    comment: bytes = b"",
    samples_at: int | None = None,
    checksum: int | None = None,
    born: Sequence[int] = (2, 5, 1951),
    day: Sequence[int] = (22, 11, 2002),
    clock: Sequence[int] = (9, 10, 0),
    recorder: bytes = b"digital",
    leads: int | None = None,
) -> bytes:
    """A file of `raw` (samples, leads)."""
    number = len(codes)
    rest = struct.pack(
        "<4ih",
        len(comment),
        len(raw) if count is None else count,
        522,
        522 + len(comment) if samples_at is None else samples_at,
        1,
    )
    rest += b"Erika".ljust(40, b"\0") + b"Mustermann".ljust(40, b"\0") + b"ID-7".ljust(20, b"\0")
    rest += struct.pack("<hh3h3h3h3h", 2, 1, *born, *day, 1, 1, 2003, *clock)
    rest += struct.pack("<h", number if leads is None else leads)
    for values, none in ((codes, -9), ([1] * number, -9), (steps[:number], -9)):
        rest += struct.pack("<12h", *values, *[none] * (12 - len(values)))
    rest += struct.pack("<h", 0) + recorder.ljust(40, b"\0") + struct.pack("<h", rate)
    rest = rest.ljust(512, b"\0") + comment
    found = binascii.crc_hqx(rest, 0xFFFF) if checksum is None else checksum
    return b"ISHNE1.0" + struct.pack("<H", found) + rest + raw.astype("<i2").tobytes()


@pytest.fixture(scope="module")
def raw() -> np.ndarray:
    """(samples, 12), integers without any relation between leads."""
    return np.random.default_rng(3).integers(-1500, 1500, (600, 12))


def kinds(ecg: ECG) -> list[str]:
    return [notice.kind for notice in ecg.notices if notice.kind != "einthoven-residual"]


def test_all_leads_and_words(put, raw) -> None:
    ecg = read(put(ishne(raw, comment=b"a remark", recorder=b"H12+")))
    assert (ecg.format, ecg.rate, ecg.samples, kinds(ecg)) == ("ISHNE", 200, 600, [])
    for column, lead in enumerate(TWELVE):
        np.testing.assert_allclose(ecg.lead(lead) / 0.0025, raw[:, column], atol=1e-3)
    assert (ecg.patient.id, ecg.patient.age, ecg.patient.sex) == ("ID-7", 51, "female")
    assert str(ecg.time) == "2002-11-22 09:10:00" and ecg.device == "H12+"
    assert "Mustermann" not in repr(ecg)


def test_the_other_decoder(put, raw) -> None:
    parser = pytest.importorskip("ecgdatakit.parsing.parsers.ishne_holter").ISHNEHolterParser()
    path = put(ishne(raw, steps=[1000 + 100 * n for n in range(12)], comment=b"a remark"))
    ecg = read(path)
    for lead in parser.parse(path).leads:
        np.testing.assert_allclose(ecg.lead(lead.label), lead.samples * lead.resolution / 1000, rtol=1e-6, atol=1e-6)


def test_three_leads_as_most_recorders_have(put, raw) -> None:
    ecg = read(put(ishne(raw[:, :3], codes=(6, 15, 0))))
    assert "V5" not in ecg.missing and "lead 3" in " ".join(map(str, ecg.notices))
    np.testing.assert_allclose(ecg.lead("V5") / 0.0025, raw[:, 1], atol=1e-3)


def test_faults_and_gains(put, raw) -> None:
    broken = raw.copy()
    broken[5:9, 0] = -32768
    ecg = read(put(ishne(broken)))
    assert np.isnan(ecg.lead("I")[5:9]).all() and np.isfinite(ecg.lead("I")[9:]).all()
    for step in (0, -9):
        ecg = read(put(ishne(raw, steps=[step, *[2500] * 11])))
        assert not ecg.calibrated and ecg.lead("II")[3] == raw[3, 1]


def test_checksums(put, raw) -> None:
    whole = ishne(raw)
    swapped = whole[:8] + whole[9:10] + whole[8:9] + whole[10:]
    for data in (swapped, ishne(raw, checksum=0)):
        assert kinds(read(put(data))) == []
    assert kinds(read(put(whole[:8] + bytes([whole[8] ^ 1]) + whole[9:]))) == ["checksum"]


def test_ways_of_counting(put, raw) -> None:
    assert kinds(read(put(ishne(raw, count=7200)))) == ["count-of-all"]
    assert kinds(read(put(ishne(raw, count=-1)))) == ["no-count"]
    shorter = read(put(ishne(raw, count=500)))
    assert kinds(shorter) == ["longer-data"] and shorter.samples == 500
    assert kinds(read(put(ishne(raw) + b"\0"))) == ["longer-data"]
    assert kinds(read(put(ishne(raw, samples_at=522 + 5, comment=b"remark")))) == ["samples-place"]
    for data in (ishne(raw, count=601), ishne(raw)[:-1], ishne(raw, count=-1)[:-1], ishne(raw)[:522], ishne(raw)[:500]):
        with pytest.raises(TruncatedError):
            read(put(data))


def test_headers_that_cannot_be(put, raw) -> None:
    for leads in (0, 13, -1):
        with pytest.raises(FormatError, match=f"announces {leads} leads"):
            read(put(ishne(raw, leads=leads)))
    for rate in (0, -5, 20):
        with pytest.raises(SignalError, match="sampling rate"):
            read(put(ishne(raw, rate=rate)))
    with pytest.raises(SignalError, match="None of the 12 leads"):
        read(put(ishne(raw[:, :3], codes=(2, 3, 4))))
    comment = bytearray(ishne(raw))
    comment[10:14] = struct.pack("<i", -1)
    with pytest.raises(FormatError, match="-1 bytes of comment"):
        read(put(bytes(comment)))


@pytest.mark.parametrize(
    ("how", "time", "age"),
    [
        ({"day": (0, 0, 0)}, None, None),
        ({"day": (31, 2, 2002)}, None, None),
        ({"born": (0, 0, 0)}, "2002-11-22 09:10:00", None),
        ({"clock": (24, 0, 0)}, None, None),
    ],
)
def test_dates(put, raw, how, time, age) -> None:
    ecg = read(put(ishne(raw, **how)))
    assert (None if ecg.time is None else str(ecg.time), ecg.patient.age) == (time, age)
    assert ("unread-time" in kinds(ecg)) == (time is None and how.get("day") != (0, 0, 0))


def test_a_whole_day_is_refused_by_its_length(put, raw) -> None:
    path = put(ishne(raw[:, :3], codes=(5, 6, 11), count=24 * 3600 * 200))
    with path.open("r+b") as file:
        file.truncate(522 + 24 * 3600 * 200 * 6)  # sparse
    with pytest.raises(SignalError, match="lasts 86400 s; at most 3600 s are read"):
        read(path)


def test_damaged_files(put, survives, ecgs_of_damaged, raw) -> None:
    small = ishne(raw[:8, :2], codes=(5, 6), comment=b"a remark")
    path = put(small)
    assert isinstance(survives(path), ECG)
    for end in range(len(small)):
        path.write_bytes(small[:end])
        found = survives(path, end)
        # Half of two leads is as long as a whole file that counts both leads together; it says so.
        assert isinstance(found, ECG) == (end == len(small) - 16)
        assert not isinstance(found, ECG) or "count-of-all" in kinds(found)
    assert 20 < ecgs_of_damaged(small, "ishne", 300) < 280
