"""An ECG is not called normal over what was measured against it, however sure its neighbours are."""

from __future__ import annotations

from dataclasses import replace

import pytest

from einthoven.answering import answer_of, read_question
from einthoven.answering.normal import not_normal
from einthoven.answering.view import View, see

AGAINST = {"fastest": 209.0, "longest": 4000.0, "qtc": {"fridericia": 560.0}}


@pytest.fixture(scope="module")
def view(archive, normal) -> View:
    return see(normal, archive)


@pytest.mark.parametrize("question", ["Is the ECG normal?", "Is this a normal ECG?"])
@pytest.mark.parametrize("what", AGAINST)
def test_each_keeps_a_yes_from_being_said(view: View, question: str, what: str) -> None:
    meaning = read_question(question)
    other = replace(view, measured=replace(view.measured, **{what: AGAINST[what]}))
    assert not_normal(meaning, ("yes",), view) == []
    assert len(not_normal(meaning, ("yes",), other)) == 1 and not_normal(meaning, ("no",), other) == []
    plain, doubted = (answer_of(meaning, [one], meaning.options, sure=0.5) for one in (view, other))
    assert plain.answers == ("yes",) and plain.outcome == "answer"
    assert doubted.outcome == "not sure" and doubted.answers == () and doubted.leaning == ("yes",)


def test_a_list_leaves_it_open(view: View) -> None:
    meaning = read_question("What does the ECG show?")
    other = replace(view, measured=replace(view.measured, **AGAINST))
    plain, doubted = (answer_of(meaning, [one], meaning.options) for one in (view, other))
    gone = set(plain.answers) - set(doubted.answers)
    assert len(gone) == 1 and gone <= dict(doubted.open_names).keys()
    assert any("209 bpm" in one for one in doubted.reasons)


def test_other_questions_are_not_concerned(view: View) -> None:
    other = replace(view, measured=replace(view.measured, **AGAINST))
    assert not_normal(read_question("Is there atrial fibrillation?"), ("yes",), other) == []


@pytest.mark.parametrize(
    ("what", "value", "said"), [("cornell", 3.4, "3.4 mV"), ("rr_spread", 190.0, "varies by 190 ms")]
)
def test_a_yes_is_given_with_what_a_draft_would_doubt(view: View, what: str, value: float, said: str) -> None:
    meaning = read_question("Is this ECG normal?")
    plain, doubted = view, replace(view, measured=replace(view.measured, **{what: value}))
    assert answer_of(meaning, [plain], meaning.options, sure=0.5).reasons == ()
    found = answer_of(meaning, [doubted], meaning.options, sure=0.5)
    assert found.answers == ("yes",) and said in found.reasons[0] and "draft" not in found.reasons[0]
