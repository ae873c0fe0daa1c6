"""DICOM ECG waveforms: 12-lead ECG where its limits allow, General ECG where they do not (PS3.3 A.34.3, A.34.4)."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any, NamedTuple

from einthoven.ecg import ECG, Notice, SignalError, Statement
from einthoven.ecg.measured import MEASURED_UNITS, MEASURED_WORDS
from einthoven.formats.dicom_annotations import IMPRESSION, MDC_CODES, SCHEMES
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.write.dicom_waveform import code, group
from einthoven.formats.write.digits import coarse_notices, digits_of
from einthoven.formats.write.encoded import Encoded, left_out, stored_leads

RATES = (200.0, 1000.0)
"""Hz; the limits of both kinds of object."""

MOST_SAMPLES_12_LEAD = 16_384


class _Kind(NamedTuple):
    uid: str
    words: str


_TWELVE_LEAD = _Kind("1.2.840.10008.5.1.4.1.1.9.1.1", "DICOM 12-lead ECG")
_GENERAL = _Kind("1.2.840.10008.5.1.4.1.1.9.1.2", "DICOM General ECG")
_SCHEMES = {"MDC": "MDC", **{system: scheme for scheme, system in SCHEMES.items()}}
_MDC = {name: value for value, name in MDC_CODES.items()}
_UNITS = {"/min": ("/min", "per minute"), "ms": ("ms", "millisecond"), "°": ("deg", "degree")}
_SHORT, _LONG_TEXT = 16, 1024


def encode(ecg: ECG, name: str) -> Encoded:
    """The object; `name` does not stand in it.

    Raises:
        SignalError: a rate outside the limits of both kinds of object, a range that no ECG has.
    """
    if not RATES[0] <= ecg.rate <= RATES[1]:
        raise SignalError(
            f"DICOM ECGs have {RATES[0]:g} to {RATES[1]:g} Hz; this one has {ecg.rate:g} Hz.",
            "Write WFDB, HL7 aECG or CSV, which have no such limit.",
        )
    kind = _TWELVE_LEAD if ecg.samples <= MOST_SAMPLES_12_LEAD else _GENERAL
    leads = stored_leads(ecg)
    digits = {lead: digits_of(ecg.lead(lead), lead) for lead in leads}
    dataset = _described(ecg, kind.uid)
    dataset.WaveformSequence = [group(digits, ecg.rate)]
    if annotations := [*_measurements(ecg.measured), *_annotations(ecg.statements)]:
        dataset.WaveformAnnotationSequence = annotations
    likelihoods = any(statement.likelihood is not None for statement in ecg.statements)
    uncoded = {name: True for name in ecg.measured if name not in _MDC}
    lost = left_out("DICOM", likelihoods_of_statements=likelihoods, **uncoded)
    notices = (*coarse_notices(digits.items()), *lost, *_timeless(ecg))
    return Encoded({".dcm": _bytes(dataset)}, kind.words, leads, {k: v.step for k, v in digits.items()}, notices)


def _described(ecg: ECG, sop_class: str) -> Any:
    """Patient, study, series, equipment and identification; what the standard wants and nobody knows is empty."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian, generate_uid

    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.SOPClassUID, dataset.SOPInstanceUID = sop_class, generate_uid(None)
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(None), generate_uid(None)
    dataset.Modality, dataset.InstanceNumber, dataset.SeriesNumber = "ECG", 1, 1
    day, clock = (f"{ecg.time.year:04d}{ecg.time:%m%d}", f"{ecg.time:%H%M%S.%f}") if ecg.time else ("", "")
    dataset.StudyDate = dataset.ContentDate = day
    dataset.StudyTime = dataset.ContentTime = clock
    dataset.AcquisitionDateTime = day + clock + (f"{ecg.time:%z}" if ecg.time else "")
    for empty in ("StudyID", "AccessionNumber", "ReferringPhysicianName", "PatientName", "PatientBirthDate"):
        setattr(dataset, empty, "")
    dataset.PatientID = _text(ecg.patient.id or "")
    dataset.PatientSex = {"male": "M", "female": "F"}.get(ecg.patient.sex or "", "")
    if ecg.patient.age is not None:
        dataset.PatientAge = _age(ecg.patient.age)
    dataset.Manufacturer = ""
    if ecg.device:
        dataset.ManufacturerModelName = _text(ecg.device)
    dataset.AcquisitionContextSequence = []
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = sop_class
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def _annotations(statements: tuple[Statement, ...]) -> list[Any]:
    """An annotation of the whole recording for each statement: a code, or a text."""
    from pydicom.dataset import Dataset

    items = []
    for number, statement in enumerate(statements, 1):
        text = clean(statement.text, _LONG_TEXT).replace("\\", "/")
        if statement.code:
            item = Dataset()
            item.ConceptNameCodeSequence = [code(IMPRESSION, "LN", "EKG impression")]
            scheme = _SCHEMES.get(statement.system or "", _text(f"99{statement.system or 'LOCAL'}", _SHORT))
            item.ConceptCodeSequence = [code(_text(statement.code), scheme, _text(text) or _text(statement.code))]
            items.append((number, item))
        if text and (not statement.code or len(text) > NAME_LENGTH):
            item = Dataset()
            item.UnformattedTextValue = text
            items.append((number, item))
    for number, item in items:
        item.ReferencedWaveformChannels = [1, 0]  # all channels of the first group
        item.AnnotationGroupNumber = number
    return [item for _, item in items]


def _measurements(measured: Mapping[str, float]) -> list[Any]:
    """An annotation of all leads together for each measurement that has a code of its own."""
    from pydicom.dataset import Dataset
    from pydicom.valuerep import format_number_as_ds

    items = []
    for name, value in measured.items():
        if name in _MDC:
            item = Dataset()
            item.ConceptNameCodeSequence = [code(_MDC[name], "MDC", f"{MEASURED_WORDS[name]}, global")]
            unit, words = _UNITS[MEASURED_UNITS[name]]
            item.MeasurementUnitsCodeSequence = [code(unit, "UCUM", words)]
            item.NumericValue = format_number_as_ds(value)
            item.ReferencedWaveformChannels, item.AnnotationGroupNumber = [1, 0], 0
            items.append(item)
    return items


def _timeless(ecg: ECG) -> tuple[Notice, ...]:
    if ecg.time:
        return ()
    text = "The DICOM standard wants a time; the ECG states none, so the file's is empty."
    return (Notice("no-time", text),)


def _age(years: float) -> str:
    """The age as DICOM writes it: whole years, or whole months or days for the youngest.

    >>> _age(56.0), _age(1.5), _age(0.05)
    ('056Y', '018M', '018D')
    """
    if years >= 2 or years == 1:
        return f"{min(int(years), 999):03d}Y"
    months = years * 12
    return f"{round(months):03d}M" if abs(months - round(months)) < 0.05 else f"{round(years * 365.25):03d}D"


def _text(text: str, most: int = NAME_LENGTH) -> str:
    """Text for one value of DICOM: a backslash would begin another."""
    return clean(text, most).replace("\\", "/")


def _bytes(dataset: Any) -> bytes:
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
