"""Times and ages that are stated, follow, or are not there."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from einthoven.formats import read

NOON = datetime(2020, 3, 1, 12)
FIVE_WEST = timezone(timedelta(hours=-5))


@pytest.mark.parametrize(
    ("tags", "time"),
    [
        ({"AcquisitionDateTime": "20200301120000"}, NOON),
        ({"AcquisitionDateTime": "202003011200"}, NOON),
        ({"AcquisitionDateTime": "202003011200-0500"}, NOON.replace(tzinfo=FIVE_WEST)),
        (
            {"ContentDate": "20200301", "ContentTime": "120000", "TimezoneOffsetFromUTC": "-0500"},
            NOON.replace(tzinfo=FIVE_WEST),
        ),
        (
            {"AcquisitionDateTime": "20200301120000-0500", "TimezoneOffsetFromUTC": "+0100"},
            NOON.replace(tzinfo=FIVE_WEST),
        ),
        ({"AcquisitionDateTime": "20200301120000", "TimezoneOffsetFromUTC": "+9900"}, NOON),
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
