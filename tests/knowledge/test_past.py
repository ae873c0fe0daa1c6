"""What was, and is not there now, is not described; what is named beside it is."""

from __future__ import annotations

import pytest

from einthoven.knowledge.gate import sort_statement


@pytest.mark.parametrize(
    "text",
    [
        *("known AF, currently not in AF", "known AF, not in AF today", "known AF, not currently in AF"),
        *("known atrial fibrillation, currently not in atrial fibrillation", "AF, but currently not in AF"),
        *("bekanntes VHF, aktuell nicht im VHF", "bekanntes Vorhofflimmern, aktuell kein Vorhofflimmern"),
        *("known LBBB, currently not present", "known LBBB, today narrow QRS", "PVCs, currently none"),
        *("known WPW, no delta wave today", "WPW bekannt, aktuell keine Präexzitation", "bekanntes VHF, kein VHF"),
        *("former AF", "formerly in AF", "ehemals Vorhofflimmern", "AF in the past", "VT in der Vergangenheit"),
        *("Vorhofflimmern in der Anamnese", "AF terminated", "VHF beendet", "LBBB gone", "after cardioversion of AF"),
        *("s/p AF ablation", "no longer in AF", "nicht mehr im VHF", "previously in atrial fibrillation"),
    ],
)
def test_what_is_over_is_a_comparison(text: str) -> None:
    got = sort_statement(text)
    assert (got.kind, got.codes, got.part) == ("comparison", (), "")
    assert got.reason.startswith("A comparison: it ")


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("bekanntes VHF, aktuell Sinusrhythmus", ("SR",)),
        ("bekanntes VHF, aktuell Sinusrhythmus mit Linksschenkelblock", ("SR", "CLBBB")),
        ("known AF; today sinus rhythm, LBBB", ("SR", "CLBBB")),
        ("paroxysmal AF currently sinus rhythm", ("SR",)),
        ("parox. VHF, aktuell SR", ("SR",)),
        ("AF on Holter, currently SR", ("SR",)),
        ("former AF, LBBB", ("CLBBB",)),
        ("sinus rhythm after cardioversion of atrial fibrillation, LBBB", ("SR", "CLBBB")),
    ],
)
def test_what_is_there_instead_is_described_alone(text: str, codes: tuple[str, ...]) -> None:
    got = sort_statement(text)
    assert got.codes == codes
    assert not {"vhf", "af", "fibrillation"} & set(got.part.split())


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("known AF", ("AFIB",)),
        ("known AF and currently in AF", ("AFIB",)),
        ("AF currently well controlled", ("AFIB",)),
        ("Sinus rhythm, now atrial fibrillation, known", ("SR", "AFIB")),
        ("known LBBB, currently no ischaemia", ("CLBBB",)),
        ("AF after cardioversion", ("AFIB",)),
        ("AF, to be cardioverted", ("AFIB",)),
        ("Sinus rhythm today, LBBB", ("SR", "CLBBB")),
    ],
)
def test_what_is_known_and_still_there_is_described(text: str, codes: tuple[str, ...]) -> None:
    assert sort_statement(text).codes == codes
