"""Reports to coded statements: what is present alone, and no word of the text."""

from __future__ import annotations

import pytest

from einthoven.ingest.stated import told_in
from einthoven.statements.parse import synonyms_of


@pytest.mark.parametrize(
    ("text", "codes", "uncoded"),
    [
        ("Vorhofflimmern, kein Linksschenkelblock. V.a. Vorderwandinfarkt", {"AFIB"}, ()),
        ("Sinus rhythm. Previously left bundle branch block.", {"SR"}, ()),
        ("Ventrikuläre Tachykardie! Frau Canary", set(), ("ventricular-tachycardia",)),
        ("axis normal", set(), ()),
        ("", set(), ()),
    ],
)
def test_what_is_present_becomes_codes(text: str, codes: set[str], uncoded: tuple[str, ...]) -> None:
    found = told_in(text)
    assert {one.code for one in found.statements} == codes and found.uncoded == uncoded
    assert all(one.text == "" and one.system == "SCP" for one in found.statements)


def test_a_sites_own_phrases_are_read() -> None:
    assert told_in("xyzzy plugh").unread == 1
    found = told_in("xyzzy plugh", synonyms_of([("xyzzy plugh", "LVH", "present")]))
    assert [one.code for one in found.statements] == ["LVH"] and found.unread == 0
