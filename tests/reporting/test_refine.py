"""A model that misbehaves in every way gets nothing into a draft."""

from __future__ import annotations

import pytest

from einthoven.llm import Answer
from einthoven.reporting import report
from einthoven.reporting.faithful import addition
from einthoven.reporting.refine import refine
from einthoven.statements import VOCABULARY, Finding, report_sentences
from einthoven.testing import simulate

OWN = report_sentences([Finding("SR"), Finding("CRBBB"), Finding("IMI", "possible")])


class Chat:
    name = "made-up"

    def __init__(self, sentences) -> None:
        self.sentences = [{"text": text, "statements": cited} for text, cited in sentences]

    def complete(self, messages, schema=None, **_) -> Answer:
        self.asked = messages
        return Answer("", {"sentences": self.sentences}, None, None, "made-up\x1b[31m", "stop")


@pytest.fixture
def draft(answering):
    return report(simulate(heart_rate=72, rate=100), answering({"SR": 0.95, "CRBBB": 0.9, "IMI": 0.3, "LVH": 0.7}))


@pytest.mark.parametrize("language", ["en", "de"])
def test_every_sentence_of_ours_maps_to_itself(language) -> None:
    for code in VOCABULARY:
        for polarity in ("present", "possible"):
            own = report_sentences([Finding(code, polarity)], language)
            assert addition(own[0][1], own, language) is None


@pytest.mark.parametrize(
    "text",
    [
        "There is a complete right bundle branch block.",
        "The ECG shows complete RBBB.",
        "Complete right bundle branch block seen in this recording.",
    ],
)
def test_rewording_is_kept(text) -> None:
    assert addition(text, [OWN[1]], "en") is None


@pytest.mark.parametrize(
    "text",
    [
        "Complete left bundle branch block.",  # side
        "Incomplete right bundle branch block.",  # degree
        "No complete right bundle branch block.",  # polarity
        "Possible complete right bundle branch block.",
        "Complete right bundle branch block, QRS 140 ms.",  # number
        "Severe complete right bundle branch block.",  # severity
        "Acute complete right bundle branch block.",
        "Complete right bundle branch block and atrial fibrillation.",  # finding
        "Complete right bundle branch block since the previous ECG.",  # comparison
        "Complete right bundle branch block; consider a pacemaker.",  # advice
        "Complete right bundle branch block due to ischaemia.",  # cause
        "Complete right bundle branch block. <b>!</b>",
        "Complete right bundle branch block \N{FIRE}",
        "This is a normal ECG.",
        "The patient is healthy.",
        "",
        "Complete right bundle branch block. " * 20,
        "Der Patient hat einen Herzinfarkt.",
    ],
)
def test_what_adds_or_turns_is_an_addition(text) -> None:
    assert addition(text, [OWN[1]], "en") is not None


def test_polarity_does_not_move_from_one_statement_to_another() -> None:
    both = [OWN[1], OWN[2]]
    assert addition(f"{OWN[1][1]} {OWN[2][1]}", both, "en") is None
    swapped = "Inferior myocardial infarction, age undetermined. Possible complete right bundle branch block."
    assert addition(swapped, both, "en") is not None


def test_it_is_a_difference_and_additions_are_counted(draft) -> None:
    numbers = {finding.code: place for place, (finding, _) in enumerate(_own(draft), 1)}
    chat = Chat(
        [
            ("There is a complete right bundle branch block.", [numbers["CRBBB"]]),
            ("Atrial fibrillation.", [numbers["SR"]]),
            ("Ventricular tachycardia.", []),
            ("Sinus rhythm.", [99]),
            ("Sinus rhythm.", [-3]),
            ("Complete right bundle branch block.", [numbers["CRBBB"]]),  # said before
        ]
    )
    made = refine(draft, chat)
    refined = made.refined
    assert refined is not None and made.report == draft.report and made.statements == draft.statements
    assert refined.kept[0].text == "There is a complete right bundle branch block."
    assert len(refined.additions) == 5 and refined.model == "made-up"
    # What it left out is shown as dropped, but for the critical one, which stays.
    critical = [one.code for one in draft.statements if VOCABULARY[one.code].critical]
    assert list(refined.restored) == critical and "Sinus rhythm." in refined.dropped
    assert ("-", "Complete right bundle branch block.") in list(refined.diff())
    assert "5 additions of it dropped" in str(made) and made.to_dict()["refined"]["additions"] == 5
    assert "\x1b" not in str(made)


def test_the_model_sees_nothing_but_the_drafts_own_sentences(draft) -> None:
    chat = Chat([])
    refine(draft, chat)
    told = " ".join(message.text for message in chat.asked)
    assert all(sentence in told for _, sentence in _own(draft))
    assert not any(neighbour.record in told for neighbour in draft.neighbours)


def test_without_statements_no_model_is_asked(answering) -> None:
    empty = report(simulate(heart_rate=72, rate=100), answering({"SBRAD": 0.9}))
    assert refine(empty, Chat([("Normal ECG.", [1])])) is empty


def _own(draft):
    return report_sentences([Finding(one.code, one.polarity) for one in draft.statements])
