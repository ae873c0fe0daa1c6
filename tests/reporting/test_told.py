"""A draft on the terminal is in one language, headings and all."""

from __future__ import annotations

import re

import pytest

from einthoven.reporting import report
from einthoven.reporting.reasons import in_language
from einthoven.retrieval.kept import unnamed
from einthoven.testing import simulate

ENGLISH = re.compile(
    r"\b(?:because|Measured|heart rate|Each statement|rests on|neighbours|confidence|Most similar|present|female|"
    r"critical|What such findings|Research use|age|Notices|within|sure enough)\b"
)


@pytest.fixture(scope="module")
def slow():
    return simulate(heart_rate=46, rate=100, calibrated=False)


@pytest.mark.parametrize("confidence", [{"SBRAD": 0.9, "LNGQT": 0.3}, {"AFIB": 0.3}])
def test_german_headings(slow, answering, confidence):
    draft = report(slow, answering(confidence), language="de")
    said = str(draft)
    own = said.replace("Notices", "")
    own = own.replace("fixed", "")
    assert not ENGLISH.findall(own), own
    assert "  weil: " in said and "Gemessen" in said and "Herzfrequenz" in said and "46/min" in said
    assert said.endswith("Unbestätigter Entwurf.")


def test_what_it_rests_on_in_german(slow, answering):
    said = str(report(slow, answering({"SBRAD": 0.9}), language="de"))
    assert "Worauf jede Aussage beruht" in said and "25 von 25 Nachbarn; Herzfrequenz 46/min" in said
    assert "vorhanden, Konfidenz 90 %" in said and "50 J., weiblich" in said and "Alter ?, Geschlecht ?" in said


def test_another_patients_report_is_called_so_in_german(slow, archive):
    said = str(report(slow, archive, method="nearest", language="de"))
    assert "\nDie codierten Aussagen des ähnlichsten EKGs, r" in said and "Of the nearest" not in said


def test_english_stays(slow, answering):
    said = str(report(slow, answering({"SBRAD": 0.9})))
    for part in ("  because: ", "Measured\n  heart rate        46 bpm", "Each statement rests on", "confidence 90%",
                 "25 of 25 neighbours; heart rate 46 bpm", "Most similar ECGs in fixed", "50 y, female"):  # fmt: skip
        assert part in said, said


def test_one_ecg_is_one():
    assert unnamed(1).startswith("1 ECG of the archive names") and unnamed(2).startswith(
        "2 ECGs of the archive name no"
    )
    assert in_language(unnamed(1), "de").startswith("1 EKG des Archivs nennt")
    assert in_language(unnamed(2), "de").startswith("2 EKGs des Archivs nennen")
