"""Times and ages that are stated, follow, or are not there."""

from __future__ import annotations

from datetime import datetime

import pytest
from pydicom.dataset import Dataset

from einthoven.formats import read

NOON = datetime(2020, 3, 1, 12)


@pytest.mark.parametrize(
    ("tags", "time"),
    [
        ({"AcquisitionDateTime": "20200301120000"}, NOON),
        ({"AcquisitionDateTime": "202003011200"}, NOON),
        ({"AcquisitionDate": "20200301", "AcquisitionTime": "120000"}, NOON),
        ({"ContentDate": "20200301", "ContentTime": "120000.0"}, NOON),
        ({"AcquisitionDateTime": "", "ContentDate": "20200301", "ContentTime": "1200"}, NOON),
        ({"AcquisitionDateTime": "20200301"}, None),
        ({"ContentDate": "20200301"}, None),
        ({"StudyDate": "20200301", "StudyTime": "120000"}, None),
        ({}, None),
    ],
)
def test_time(write_dicom, tags: dict[str, str], time: datetime | None) -> None:
    assert read(write_dicom(tags=tags)).time == time


@pytest.mark.parametrize(
    ("tags", "age"),
    [
        ({"PatientAge": "042Y"}, 42.0),
        ({"PatientAge": "006M"}, 0.5),
        ({"PatientAge": "", "PatientBirthDate": "19600302", "AcquisitionDateTime": "20200301120000"}, 59.0),
        ({"PatientBirthDate": "19600301", "AcquisitionDateTime": "20200301120000"}, 60.0),
        ({"PatientBirthDate": "20210301", "AcquisitionDateTime": "20200301120000"}, None),
        ({"PatientBirthDate": "19600301"}, None),
        ({}, None),
    ],
)
def test_age(write_dicom, tags: dict[str, str], age: float | None) -> None:
    assert read(write_dicom(tags=tags)).patient.age == age


@pytest.mark.parametrize(("stated", "sex"), [("M", "male"), ("F", "female"), ("O", None), ("", None)])
def test_sex_id_and_device(write_dicom, stated: str, sex: str | None) -> None:
    ecg = read(write_dicom(tags={"PatientSex": stated, "PatientID": "", "Manufacturer": "Unknown"}))
    assert (ecg.patient.sex, ecg.patient.id, ecg.device) == (sex, None, None)


def _code(value: str, scheme: str, meaning: str, long: bool = False) -> Dataset:
    item = Dataset()
    setattr(item, "LongCodeValue" if long else "CodeValue", value)
    item.CodingSchemeDesignator, item.CodeMeaning = scheme, meaning
    return item


def test_codes_of_an_impression_are_statements_and_other_annotations_are_not(write_dicom) -> None:
    """A measurement or a point in time is annotated by codes as well."""

    def coded(name: Dataset, *values: Dataset) -> Dataset:
        item = Dataset()
        item.ConceptNameCodeSequence, item.ReferencedWaveformChannels = [name], [1, 0]
        if values:
            item.ConceptCodeSequence = list(values)
        return item

    impression = _code("8601-7", "LN", "EKG impression")
    annotations = [
        coded(impression, _code("426783006", "SCT", "Sinus rhythm")),
        coded(impression, _code("NORM", "SCPECG", "NORM")),
        coded(impression, _code("MDC_ECG_RHY_SINUS_RHY", "MDC", "Sinus Rhythm", long=True)),
        coded(impression, _code("SR", "99Philips", "SR")),
        coded(impression),
        coded(_code("2:15872", "MDC", "PR"), _code("x", "y", "z")),
    ]
    ecg = read(write_dicom(tags={"WaveformAnnotationSequence": annotations}))
    assert [(s.code, s.system, s.text) for s in ecg.statements] == [
        ("426783006", "SNOMED", "Sinus rhythm"),
        ("NORM", "SCP", ""),
        ("MDC_ECG_RHY_SINUS_RHY", "MDC", "Sinus Rhythm"),
        ("SR", "Philips", ""),
    ]
