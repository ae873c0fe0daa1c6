"""Groups of withheld codes: closed, and found in texts however they are worded."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.statements import LANGUAGES, VOCABULARY, wordings
from einthoven.statements.withheld import told_of, withheld, withheld_groups

GROUP_OF = {code: name for name, codes in withheld_groups().items() for code in codes}
SEEN = {"SR", "SBRAD", "STACH", "SARRH", "NORM"}


def test_every_code_is_in_one_group_but_for_sinus_and_normal() -> None:
    listed = [code for codes in withheld_groups().values() for code in codes]
    assert len(listed) == len(set(listed)) and set(listed) == set(VOCABULARY) - SEEN
    assert len(withheld_groups()) == 5
    with pytest.raises(UsageError):
        withheld("conductance")


@pytest.mark.parametrize("code", [code for code in VOCABULARY])
def test_groups_are_closed(code) -> None:
    """No wording of a code tells of a code of another group, and what implies or is implied is in the same."""
    others = [other for other in GROUP_OF if GROUP_OF[other] != GROUP_OF.get(code)]
    for language in LANGUAGES:
        for wording in wordings(code, language):
            assert told_of(wording, others) == ()
            assert code not in GROUP_OF or told_of(wording, [code]) == (code,)
    assert all(GROUP_OF.get(other) == GROUP_OF.get(code) for other in VOCABULARY.ancestors(code))


@settings(max_examples=30, deadline=None)
@given(st.sampled_from(sorted(GROUP_OF)), st.sampled_from(LANGUAGES), st.integers(0, 3), st.booleans())
def test_a_wording_is_found_within_a_text(code, language, which, upper) -> None:
    said = wordings(code, language)
    wording = said[which % len(said)]
    text = f"Sinus rhythm, {wording.upper() if upper else wording}. Normal otherwise"
    assert code in told_of(text, GROUP_OF)


@pytest.mark.parametrize(
    "text", ["no evidence of LBBB", "V.a. Linksschenkelblock", "possible left bundle branch block"]
)
def test_denied_and_possible_findings_count(text) -> None:
    assert "CLBBB" in told_of(text, withheld("conduction"))
