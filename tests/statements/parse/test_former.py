"""What is known and what is there now are two things."""

from __future__ import annotations

import pytest

from einthoven.statements.parse import parse_report


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("known atrial fibrillation, now sinus rhythm", {"AFIB": "prior", "SR": "present"}),
        ("Bekanntes Vorhofflimmern, aktuell Sinusrhythmus", {"AFIB": "prior", "SR": "present"}),
        ("Vorhofflimmern bekannt; jetzt Sinusbradykardie", {"AFIB": "prior", "SBRAD": "present"}),
        ("Paroxysmal atrial flutter. Currently sinus rhythm.", {"AFLT": "prior", "SR": "present"}),
        ("Vorhofflimmern, jetzt Sinusrhythmus", {"AFIB": "prior", "SR": "present"}),
        ("Atrial fibrillation. Now sinus rhythm.", {"AFIB": "prior", "SR": "present"}),
        ("Now sinus rhythm, atrial fibrillation", {"AFIB": "present", "SR": "present"}),
        ("Known atrial fibrillation", {"AFIB": "present"}),
        ("bekanntes Vorhofflimmern, aktuell tachykard übergeleitet", {"AFIB": "present"}),
        ("Sinus rhythm, now atrial fibrillation, known", {"SR": "present", "AFIB": "present"}),
        ("known LBBB, now sinus rhythm", {"CLBBB": "present", "SR": "present"}),
        ("sinus rhythm with intermittent atrial fibrillation", {"SR": "present", "AFIB": "present"}),
    ],
)
def test_a_known_rhythm_is_prior_where_sinus_rhythm_is_there_now(text: str, wanted: dict[str, str]) -> None:
    found = parse_report(text).polarities()
    assert {code: found.get(code) for code in wanted} == wanted


@pytest.mark.parametrize(
    ("text", "code"),
    [("bekanntes VHF, aktuell nicht im VHF", "AFIB"), ("known LBBB, today no LBBB", "CLBBB")],
)
def test_what_is_known_and_denied_is_prior(text: str, code: str) -> None:
    assert [(one.code, one.polarity) for one in parse_report(text).statements] == [(code, "prior"), (code, "absent")]
