"""Codes and names of DICOM leads."""

from __future__ import annotations

import pytest

from einthoven.ecg import LEADS, SignalError
from einthoven.formats import read
from einthoven.formats.dicom_leads import lead_of

NUMBERS = (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8)


@pytest.mark.parametrize(("number", "lead"), list(zip(NUMBERS, LEADS, strict=True)))
def test_codes(number: int, lead: str) -> None:
    assert {lead_of(code, "") for code in (f"2:{number}", f"5.6.3-9-{number}", str(131072 + number))} == {lead}


@pytest.mark.parametrize(
    ("code", "meaning"), [("2:9", "Lead V7"), ("2:0", ""), ("", ""), ("2:99999", "x"), ("٢:1", "")]
)
def test_other_channels(code: str, meaning: str) -> None:
    assert lead_of(code, meaning) is None


def test_a_file_with_words_only_and_in_another_order(write_dicom, dicom_channel, heart) -> None:
    order = [11, *range(11)]
    leads = [LEADS[i] for i in order]
    channels = [dicom_channel(lead, code=f"local-{lead}", scheme="99X", meaning=f"Lead {lead}") for lead in leads]
    words = read(write_dicom(raw=heart()[:, order], channels=channels))
    assert (words.signal == read(write_dicom()).signal).all()


def test_channels_without_names_are_not_taken_by_position(write_dicom, dicom_channel) -> None:
    with pytest.raises(SignalError, match="None of the 12 leads"):
        read(write_dicom(channels=[dicom_channel(lead, code="x", meaning="") for lead in LEADS]))


def test_eight_leads(write_dicom, heart) -> None:
    kept = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
    ecg = read(write_dicom(raw=heart()[:, [LEADS.index(lead) for lead in kept]], leads=kept))
    assert ecg.derived == ("III", "aVR", "aVL", "aVF") and not ecg.missing
