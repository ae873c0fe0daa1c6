from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from einthoven.metrics import words


def test_german_and_swedish_letters_stay_letters() -> None:
    assert words("Überdrehter Linkstyp, für VÄNSTER") == ("überdrehter", "linkstyp", "für", "vänster")
    found = words("T-Abflachung in V3/V4; QTc 0,44 s (4.46).")
    assert found == ("t", "abflachung", "in", "v3", "v4", "qtc", "0,44", "s", "4.46")
    assert words("-- . !") == () == words("")


@given(st.text())
def test_words_do_not_depend_on_case_composition_or_space(text: str) -> None:
    found = words(text)
    assert words(f"  {unicodedata.normalize('NFD', text)}\n") == found
    assert words(" ".join(found)) == found
