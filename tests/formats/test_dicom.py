"""DICOM ECGs against pydicom's own arrays, and the files that are none."""

from __future__ import annotations

import zlib
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from einthoven.ecg import FormatError, SignalError, TruncatedError, UnsafeFileError
from einthoven.formats import dicom_file, read
from einthoven.measurement import measure

DEFLATED = "1.2.840.10008.1.2.1.99"


def _kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("name", ["pydicom", "shared"])
def test_real_files(name: str, request) -> None:
    path = Path(
        get_testdata_file("waveform_ecg.dcm")
        if name == "pydicom"
        else request.getfixturevalue("shared") / "fixtures/dicom/Example.dcm"
    )
    ecg = read(path)
    raw = pydicom.dcmread(path).waveform_array(0)  # group 0 is the rhythm in both, in microvolt
    np.testing.assert_allclose(ecg.signal, raw.T / 1000, rtol=1e-6)
    assert ecg.seconds == 10 and ecg.calibrated and not ecg.missing
    assert {notice.kind for notice in ecg.notices} <= {"annotations-unread", "measured-unit"}
    assert ecg.patient.id and ecg.patient.age in {42.0, 49.0} and ecg.patient.sex and ecg.time and ecg.device


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("name", ["example-DICOM1.dcm", "example-DICOM2.dcm"])
def test_real_files_of_two_more_carts(packaged, name: str) -> None:
    path = packaged(name)
    ecg, raw = read(path), pydicom.dcmread(path)
    np.testing.assert_allclose(ecg.signal, raw.waveform_array(0).T / 1000, rtol=1e-6, atol=1e-7)
    assert (ecg.seconds, ecg.rate, ecg.calibrated, ecg.missing) == (10, 500, True, ())
    found = measure(ecg)
    assert (found.pr is None) == any("FIBRILLATION" in statement.text for statement in ecg.statements)
    for name in {"qrs", "qt", "heart_rate"} & set(ecg.measured):
        assert abs(getattr(found, name) - ecg.measured[name]) < 10


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", DEFLATED])
@pytest.mark.parametrize("kind", [1, 2, 3, 4])
def test_transfer_syntaxes_and_classes(write_dicom, heart, syntax: str, kind: int) -> None:
    stored = ">i2" if syntax.endswith("2.2") else "<i2"
    path = write_dicom(syntax=syntax, sop=f"1.2.840.10008.5.1.4.1.1.9.1.{kind}", stored=stored)
    ecg = read(path)
    np.testing.assert_allclose(ecg.signal, heart().T * 2.5e-3, rtol=1e-6)
    assert ecg.format == "DICOM" and ecg.rate == 500


@pytest.mark.parametrize(("rate", "seconds"), [(100, 2), (250, 60), (1000, 10)])
def test_rates_and_lengths(write_dicom, heart, rate: float, seconds: float) -> None:
    ecg = read(write_dicom(raw=heart(int(rate * seconds), rate), rate=rate))
    assert (ecg.rate, ecg.seconds) == (rate, seconds)


def test_tags(write_dicom) -> None:
    texts = []
    for text in ("sinus rhythm\x1b[31m", "", "left axis"):
        item = Dataset()
        item.UnformattedTextValue = text
        texts.append(item)
    tags = {
        "PatientID": "P1",
        "PatientAge": "018M",
        "PatientSex": "F",
        "AcquisitionDateTime": "20200102030405.250000+0100",
        "Manufacturer": "Maker",
        "ManufacturerModelName": "M 1",
        "WaveformAnnotationSequence": texts,
    }
    ecg = read(write_dicom(tags=tags))
    assert (ecg.patient.id, ecg.patient.age, ecg.patient.sex) == ("P1", 1.5, "female")
    assert ecg.time == datetime(2020, 1, 2, 3, 4, 5, 250000, timezone(timedelta(hours=1))) and ecg.device == "Maker M 1"
    assert [s.text for s in ecg.statements] == ["sinus rhythm", "left axis"]


def test_the_rhythm_is_read_not_the_median_beat(write_dicom, dicom_group, heart) -> None:
    beat = dicom_group(raw=heart(600, seed=1), label="MEDIAN BEAT", original=False)
    rhythm = dicom_group(raw=heart(5000), label=None)
    for groups in ([beat, rhythm], [rhythm, beat]):
        ecg = read(write_dicom(groups=groups))
        assert ecg.samples == 5000 and not ecg.notices


def test_a_truncated_rhythm_is_not_replaced_by_the_beat(write_dicom, dicom_group, heart) -> None:
    rhythm, beat = dicom_group(raw=heart(5000)), dicom_group(raw=heart(600), label="MEDIAN BEAT")
    rhythm.NumberOfWaveformSamples = 6000
    with pytest.raises(TruncatedError):
        read(write_dicom(groups=[rhythm, beat]))
    beat.NumberOfWaveformSamples, rhythm.NumberOfWaveformSamples = 700, 5000
    assert _kinds(read(write_dicom(groups=[rhythm, beat]))) == ["group-unread"]
    assert "median-beat" in _kinds(read(write_dicom(raw=heart(600), label="MEDIAN BEAT")))


def test_two_rhythms(write_dicom, dicom_group, heart) -> None:
    ecg = read(write_dicom(groups=[dicom_group(raw=heart(1000)), dicom_group(raw=heart(5000))]))
    assert ecg.samples == 5000 and _kinds(ecg) == ["groups-left-out"]


@pytest.mark.parametrize("name", ["CT_small.dcm", "MR_small.dcm", "rtplan.dcm", "DICOMDIR"])
def test_other_dicom_files(name: str) -> None:
    with pytest.raises(FormatError, match=r"image|no ECG|DICOMDIR"):
        read(get_testdata_file(name))


def test_without_waveform(write_dicom) -> None:
    with pytest.raises(FormatError, match="no waveform"):
        read(write_dicom(groups=[]))


def test_deflated_content_is_bounded(write_dicom, monkeypatch) -> None:
    path = write_dicom(syntax=DEFLATED)
    data = path.read_bytes()
    path.write_bytes(data[:-40])
    with pytest.raises(TruncatedError):
        read(path)
    path.write_bytes(data)
    monkeypatch.setattr(dicom_file, "MOST_INFLATED_BYTES", 10_000)
    with pytest.raises(UnsafeFileError, match="inflates"):
        read(path)


def test_a_bomb_is_refused_before_it_is_inflated(write_dicom, monkeypatch) -> None:
    path = write_dicom(syntax=DEFLATED)
    _, end = dicom_file._meta(path.read_bytes())
    deflater = zlib.compressobj(9, zlib.DEFLATED, -15)
    bomb = b"".join([*(deflater.compress(bytes(2**20)) for _ in range(40)), deflater.flush()])
    path.write_bytes(path.read_bytes()[:end] + bomb)
    monkeypatch.setattr(dicom_file, "MOST_INFLATED_BYTES", 2**24)
    with pytest.raises(UnsafeFileError):
        read(path)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1"])
def test_sequences_nested_without_end(write_dicom, syntax: str) -> None:
    path = write_dicom(syntax=syntax)
    vr = b"" if syntax.endswith("1.2") else b"SQ\0\0"
    # An Annotation Sequence in an Annotation Sequence, each of undefined length.
    nested = (b"\x40\0\x20\xb0" + vr + b"\xff" * 4 + b"\xfe\xff\x00\xe0" + b"\xff" * 4) * 4000
    path.write_bytes(path.read_bytes()[: dicom_file._meta(path.read_bytes())[1]] + nested)
    with pytest.raises((UnsafeFileError, FormatError)):
        read(path)


def test_elements_without_end(write_dicom) -> None:
    path = write_dicom(syntax="1.2.840.10008.1.2")
    data = path.read_bytes()
    numbers = np.arange(6000)
    elements = np.stack([np.full(6000, 9), numbers, 0 * numbers, 0 * numbers], axis=1).astype("<u2")
    path.write_bytes(data[: dicom_file._meta(data)[1]] + elements.tobytes())
    with pytest.raises(UnsafeFileError, match="elements"):
        read(path)


def test_channels_and_rates_of_no_ecg(write_dicom, dicom_group, heart) -> None:
    group = dicom_group()
    group.NumberOfWaveformChannels = 40
    with pytest.raises(UnsafeFileError):
        read(write_dicom(groups=[group]))
    group.NumberOfWaveformChannels = 11
    with pytest.raises(FormatError, match="announces 11"):
        read(write_dicom(groups=[group]))
    with pytest.raises(SignalError):
        read(write_dicom(rate=10))
    with pytest.raises(UnsafeFileError):
        read(write_dicom(groups=[dicom_group(raw=heart(10)) for _ in range(17)]))


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2", "1.2.840.10008.1.2.1", "1.2.840.10008.1.2.2", DEFLATED])
def test_a_file_cut_anywhere_is_cut_short(write_dicom, heart, syntax: str) -> None:
    data = write_dicom(syntax=syntax, raw=heart(300), stored=">i2" if syntax.endswith("2.2") else "<i2").read_bytes()
    path = write_dicom(name="cut.dcm")
    for end in (*range(160, min(1200, len(data)), 9), *range(1200, len(data) - 1, 197)):  # behind the first value
        path.write_bytes(data[:end])
        with pytest.raises(TruncatedError, match=r"cut short|too early|bytes that its header promises"):
            read(path)


def test_an_empty_waveform_is_not_called_cut(write_dicom) -> None:
    with pytest.raises(FormatError, match="holds no waveform") as refused:
        read(write_dicom(groups=[]))
    assert not isinstance(refused.value, TruncatedError)
