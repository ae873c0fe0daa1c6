"""What is written, read by decoders that others wrote."""

from __future__ import annotations

import csv
import io
import warnings
from pathlib import Path

import numpy as np
import pydicom
import pytest

from einthoven.ecg import ECG, LEADS, UsageError
from einthoven.formats import read, write
from einthoven.formats.write.encoded import stored_leads

_CODES = dict(zip(LEADS, (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), strict=True))


@pytest.fixture(params=["made up", "gaps", "eight leads", "offset", "MUSE"])
def ecg(request, full: ECG, gappy, tmp_path: Path) -> ECG:
    if request.param == "gaps":
        return gappy(full)
    if request.param == "eight leads":
        kept = [0, 1, *range(6, 12)]
        return ECG(full.signal[kept], 500, [LEADS[place] for place in kept])
    if request.param == "offset":
        return ECG(full.signal + np.float32(120), 500)
    if request.param == "MUSE":
        file = request.getfixturevalue("shared") / "fixtures/muse/muse_ecg1.xml"
        if not file.is_file():
            pytest.skip("the real files are not here")
        return read(file)
    return full


def same(expected: ECG, leads, signal: np.ndarray, steps: dict[str, float]) -> None:
    """signal (samples, leads) in mV."""
    assert tuple(leads) == stored_leads(expected) and signal.shape == (expected.samples, len(leads))
    for lead, row in zip(leads, signal.T, strict=True):
        wanted = expected.lead(lead).astype(float)
        assert np.array_equal(np.isnan(row), np.isnan(wanted))
        assert np.nanmax(np.abs(row - wanted)) <= steps[lead] / 2000 + 1e-6 * np.nanmax(np.abs(wanted))


def test_wfdb(ecg: ECG, tmp_path: Path) -> None:
    wfdb = pytest.importorskip("wfdb")
    written = write(ecg, tmp_path / "rec_1")
    assert written.paths == (tmp_path / "rec_1.hea", tmp_path / "rec_1.dat")
    record = wfdb.rdrecord(str(tmp_path / "rec_1"))
    same(ecg, record.sig_name, record.p_signal, written.encoded.steps)
    assert record.fs == ecg.rate and set(record.units) == {"mV"} and record.fmt == ["16"] * len(record.sig_name)
    digital = wfdb.rdrecord(str(tmp_path / "rec_1"), physical=False)
    assert [total & 0xFFFF for total in digital.checksum] == [int(s) & 0xFFFF for s in digital.calc_checksum()]
    assert digital.init_value == digital.d_signal[0].tolist()
    assert (record.base_datetime is None) == (ecg.time is None)
    if ecg.time:
        assert record.base_datetime == ecg.time
        assert {"Age: 56", "Sex: Female", "Patient ID: P 1"} <= set(record.comments) or ecg.format == "MUSE XML"


def test_dicom(ecg: ECG, tmp_path: Path) -> None:
    written = write(ecg, tmp_path / "x.dcm")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        dataset = pydicom.dcmread(tmp_path / "x.dcm")
        dataset.walk(lambda _, element: element.value)  # converts and validates every value
    assert dataset.SOPClassUID == dataset.file_meta.MediaStorageSOPClassUID == "1.2.840.10008.5.1.4.1.1.9.1.1"
    assert dataset.SOPClassUID.name == "12-lead ECG Waveform Storage"
    (group,) = dataset.WaveformSequence
    raw = np.frombuffer(group.WaveformData, "<i2").reshape(-1, group.NumberOfWaveformChannels)
    signal = np.array(dataset.waveform_array(0), float) / 1000  # microvolt
    if "WaveformPaddingValue" in group:
        signal[raw == np.frombuffer(group.WaveformPaddingValue, "<i2")[0]] = np.nan
    leads = [channel.ChannelLabel for channel in group.ChannelDefinitionSequence]
    same(ecg, leads, signal, written.encoded.steps)
    assert group.NumberOfWaveformSamples == ecg.samples and float(group.SamplingFrequency) == ecg.rate
    for lead, channel in zip(leads, group.ChannelDefinitionSequence, strict=True):
        source, unit = channel.ChannelSourceSequence[0], channel.ChannelSensitivityUnitsSequence[0]
        assert (source.CodeValue, source.CodingSchemeDesignator) == (f"2:{_CODES[lead]}", "MDC")
        assert (unit.CodeValue, unit.CodingSchemeDesignator) == ("uV", "UCUM")
        assert channel.WaveformBitsStored == group.WaveformBitsAllocated == 16


# What the standard wants of a 12-lead ECG: type 1 has a value, type 2 is there (PS3.3 A.34.3 and the modules it names).
_TYPE_1 = (
    *("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "InstanceNumber"),
    *("ContentDate", "ContentTime", "AcquisitionDateTime", "WaveformSequence", "WaveformAnnotationSequence"),
)
_TYPE_2 = (
    *("PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyDate", "StudyTime", "AccessionNumber"),
    *("ReferringPhysicianName", "StudyID", "SeriesNumber", "Manufacturer", "AcquisitionContextSequence"),
)
_GROUP = (
    *("MultiplexGroupTimeOffset", "WaveformOriginality", "NumberOfWaveformChannels", "NumberOfWaveformSamples"),
    *("SamplingFrequency", "ChannelDefinitionSequence", "WaveformBitsAllocated", "WaveformSampleInterpretation"),
    "WaveformData",
)
_CHANNEL = (
    *("ChannelSourceSequence", "ChannelSensitivity", "ChannelSensitivityUnitsSequence", "ChannelSampleSkew"),
    *("ChannelSensitivityCorrectionFactor", "ChannelBaseline", "WaveformBitsStored"),
)


def test_dicom_holds_what_the_standard_wants(full: ECG, tmp_path: Path) -> None:
    write(full, tmp_path / "x.dcm")
    dataset = pydicom.dcmread(tmp_path / "x.dcm")
    assert all(dataset.get(name) not in (None, "") for name in _TYPE_1)
    assert all(name in dataset for name in _TYPE_2) and dataset.Modality == "ECG"
    assert all(group.get(name) not in (None, "") for group in dataset.WaveformSequence for name in _GROUP)
    channels = dataset.WaveformSequence[0].ChannelDefinitionSequence
    assert all(channel.get(name) not in (None, "") for channel in channels for name in _CHANNEL)
    for item in dataset.WaveformAnnotationSequence:
        assert ("UnformattedTextValue" in item) != ("ConceptNameCodeSequence" in item)
        assert item.ReferencedWaveformChannels == [1, 0]
    assert dataset.PatientAge == "056Y" and dataset.PatientSex == "F"
    assert str(dataset.PatientName) == "" and dataset.AcquisitionDateTime == "20210510131518.250000"


def test_a_long_recording_is_a_general_ecg(full: ECG, tmp_path: Path) -> None:
    def kind(samples: int) -> str:
        ecg = ECG(np.resize(full.signal, (12, samples)), 500)
        write(ecg, tmp_path / f"{samples}.dcm")
        assert read(tmp_path / f"{samples}.dcm").samples == samples
        return pydicom.dcmread(tmp_path / f"{samples}.dcm").SOPClassUID.name

    assert kind(16_384) == "12-lead ECG Waveform Storage"
    assert kind(16_385) == "General ECG Waveform Storage"


@pytest.mark.filterwarnings("ignore")
def test_aecg(ecg: ECG, tmp_path: Path) -> None:
    pytest.importorskip("ecgdatakit")
    from ecgdatakit.parsing.parsers.hl7_aecg import HL7aECGParser

    if any("gaps" in notice.text for notice in ecg.notices):
        pytest.skip("aECG has no value for a gap")
    written = write(ecg, tmp_path / "x.xml")
    record = HL7aECGParser().parse(tmp_path / "x.xml")
    names = [lead.label for lead in record.leads]
    assert {lead.sampling_rate for lead in record.leads} == {ecg.rate}
    assert {lead.resolution_unit for lead in record.leads} == {"uV"}
    signal = np.stack([lead.samples * lead.resolution + lead.offset for lead in record.leads], axis=1) / 1000
    same(ecg, names, signal, written.encoded.steps)


def test_csv(ecg: ECG, tmp_path: Path) -> None:
    write(ecg, tmp_path / "x.csv")
    lines = (tmp_path / "x.csv").read_text().splitlines()
    said = dict(line[2:].split(": ", 1) for line in lines if line.startswith("#"))
    table = list(csv.reader(line for line in lines if not line.startswith("#")))
    assert table[0] == list(stored_leads(ecg))
    signal = np.array(table[1:], np.float32)
    expected = np.stack([ecg.lead(lead) for lead in table[0]])
    expected[np.abs(expected) < 1e-9] = 0  # a picovolt
    assert np.array_equal(signal.T, expected, equal_nan=True)
    assert float(said["rate"]) == ecg.rate and said["unit"] == "mV"
    assert said.get("time") == (ecg.time.isoformat() if ecg.time else None)
    body = io.StringIO("\n".join(",".join(row) for row in table[1:]))
    assert np.array_equal(np.loadtxt(body, np.float32, delimiter=",", ndmin=2), signal, equal_nan=True)


def test_csv_by_its_own_reader(ecg: ECG, tmp_path: Path) -> None:
    write(ecg, tmp_path / "x.csv")
    again = read(tmp_path / "x.csv")
    np.testing.assert_allclose(again.signal, ecg.signal, rtol=1e-6, atol=1e-6)  # derived leads are derived again
    assert again.rate == ecg.rate
    assert (again.patient, again.time, again.device) == (ecg.patient, ecg.time, ecg.device)


@pytest.mark.parametrize("name", ["a b", "rec.1", "ü", "x" * 81])
def test_names_that_no_wfdb_record_has(full: ECG, tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="letters, digits"):
        write(full, tmp_path / f"{name}.hea")
    assert not list(tmp_path.iterdir())
