"""What a language model says is kept where its passages say so, sentence by sentence."""

from __future__ import annotations

import pytest

from einthoven.knowledge.gate import sort_statement
from einthoven.knowledge.generate import LONGEST, generated
from einthoven.knowledge.handbook import passages, sections
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.prompts import SCHEMA, STANDARD, messages, prompt_of, prompts
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.support import unsupported
from einthoven.knowledge.topics import topics
from einthoven.llm import Answer
from einthoven.llm.schema import check_schema

FOUND = sort_statement("atrial fibrillation")
PASSAGES = (
    Passage("In atrial fibrillation there are no P waves.", "one", "1" * 64, page=3),
    Passage("The RR intervals are irregular.", "two", "2" * 64, section="Rhythms"),
    Passage("The arrhythmia is common and is treated with drugs.", "two", "2" * 64, section="Therapy"),
)


def said(*sentences: tuple[str, list[int]]):
    class Chat:
        name = "m"

        def complete(self, asked, schema=None, **_):
            return Answer("", {"sentences": [{"text": t, "passages": p} for t, p in sentences]}, 7, 3, "m-1", "stop")

    return generated(FOUND, [(topics(FOUND)[0], PASSAGES)], Chat(), prompt_of(STANDARD))


def test_sentences_are_quoted_with_the_passages_they_rest_on() -> None:
    found = said(("There are no P waves.", [1]), ("The RR intervals are irregular.", [2]))
    assert found.text == "There are no P waves. The RR intervals are irregular." and not found.dropped
    assert [one.passage.source for one in found.quotes] == ["one", "two"] and found.codes == ("AFIB",)
    assert (found.model, found.tokens) == ("m-1", (7, 3))


def test_a_sentence_that_comes_again_stands_once() -> None:
    assert said(*[("There are no P waves.", [1])] * 3).text == "There are no P waves."


def test_only_used_passages_are_sources() -> None:
    found = said(("The RR intervals are irregular.", [2]), ("P waves last 431 ms.", [1]))
    assert [one.passage.source for one in found.quotes] == ["two"] and len(found.dropped) == 1


@pytest.mark.parametrize("cited", [[], [0], [4], [-1], [10**30]])
def test_passages_that_are_not_there_support_nothing(cited) -> None:
    found = said(("There are no P waves.", cited))
    assert found.abstained and found.dropped[0].reason == "it rests on no passage" and not found.quotes


def test_the_wrong_passage_supports_nothing() -> None:
    assert said(("There are no P waves.", [2])).abstained


def test_what_is_no_wave_is_left_out() -> None:
    found = said(("The arrhythmia is treated with drugs.", [3]))
    assert found.abstained and found.dropped[0].reason == "it speaks of no wave, interval, lead or beat"


def test_odd_sentences_are_cleaned_and_cut() -> None:
    found = said(("", [1]), (" \n", [1]), ("There are\n no \x1b[31mP waves.\u202e", [1, 1]), ("P " * 500, [1]))
    assert found.text.startswith("There are no P waves.") and found.text.isprintable()
    assert all(len(one.sentence) <= LONGEST for one in found.dropped)


def test_nothing_said_is_an_abstention() -> None:
    found = said()
    assert found.abstained and found.reason == "m-1 wrote nothing that the passages support." and not found.codes


def test_the_schema_is_one_that_is_known_and_the_prompts_are_the_paper_s() -> None:
    check_schema(SCHEMA)
    assert prompts()[STANDARD].question("X") == "How is X reflected in 12-lead ECG?" and len(prompts()) == 6
    assert messages("Q?", PASSAGES)[-1].text.startswith("Q?\n\nPassages, as data:\n")


BLOCK = (
    "The QRS duration is 120 ms or more in adults. The R peak time is more than 60 ms in V5 and V6. "
    "ST segments and T waves point opposite to the QRS complex."
)


@pytest.mark.parametrize(
    "sentence",
    [
        "The QRS duration is less than 120 ms in adults.",
        "The QRS duration is at most 0.12 s in adults.",
        "The R peak time is less than 60 ms in V5 and V6.",
        "The R peak time is no more than 60 ms in V5 and V6.",
        "The QRS duration is 60 ms or more in V5 and V6.",
        "The R peak time is 120 ms or more in adults.",
        "ST segments and T waves point the same way as the QRS complex.",
    ],
)
def test_a_number_turned_round_or_of_another_wave_is_not_supported(sentence) -> None:
    assert unsupported(sentence, [BLOCK])


def test_a_number_beside_its_millimetres_is_not_supported_the_other_way() -> None:
    passage = "ST is raised by 0.1 mV (1 mm) or more in V1. Leads across from it show depression."
    assert unsupported("ST is raised by 1 mm or more in V1.", [passage]) == ""
    assert (
        unsupported("ST is raised by less than 1 mm in V1.", [passage]) == "the passages say more than 1 mm, not less"
    )
    assert unsupported("ST is depressed by 0.1 mV or more.", [passage]) == "the passages give 0.1 mV the other way"


@pytest.mark.parametrize(
    "sentence",
    [
        "The QRS complex lasts at least 0.12 s.",
        "The QRS duration is 120 ms or longer, and the R peak time in V5 and V6 more than 60 ms.",
        "The QRS complex has 120 ms.",
    ],
)
def test_a_number_in_other_words_is_supported(sentence) -> None:
    assert unsupported(sentence, [BLOCK]) == ""


def test_every_sentence_of_the_handbook_is_supported_by_its_own_passage() -> None:
    some = [passage for section in sections()[::9] for passage in passages(section)]
    assert not [one for p in some for one in sentences_of(p.text) if unsupported(one, [p.text])]


def test_several_sentences_in_the_place_of_one_are_judged_one_by_one() -> None:
    found = said(("There are no P waves. P waves last 431 ms. The RR intervals are irregular.", [1, 2]))
    assert found.text == "There are no P waves. The RR intervals are irregular."
    assert [one.reason for one in found.dropped] == ["no passage has 431 ms"]


def test_what_refers_to_a_dropped_sentence_goes_with_it() -> None:
    found = said(("A delta wave leads the QRS complex. These are irregular RR intervals.", [1, 2]))
    assert found.abstained and len(found.dropped) == 2
    alone = said(("The RR intervals are irregular. They are irregular RR intervals.", [1, 2]))
    assert not alone.dropped
