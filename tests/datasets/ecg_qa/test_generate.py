"""The generator: balanced, seeded, true to `answer`, frozen."""

from __future__ import annotations

import hashlib
import random
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest

from einthoven.datasets import ECGQA
from einthoven.datasets.ecg_qa import (
    BALANCES,
    KINDS,
    Asked,
    Facts,
    Marks,
    answer,
    asked_of,
    frozen_hash,
    generate,
    options,
    templates,
)
from einthoven.datasets.ecg_qa.facts import RANGES
from einthoven.datasets.ecg_qa.pairs import consecutive, irrelevant
from einthoven.datasets.ecg_qa.seen import SUBJECTS
from einthoven.datasets.ecg_qa.tables import names
from einthoven.ecg import LEADS, UsageError

FROZEN = "e0e30a267f708c1067c121624ed26d4deddad0ae9a949187ff8fa424f548fdca"
MADE = "b595754c98fc917f0505fff77d84e79a2d87010100c633b0cd45f784adfdb06f"


def made_up(n: int, seed: int = 0) -> list[Facts]:
    """ECGs of which everything is known by chance, two or three of a patient."""
    rng = random.Random(seed)
    codes = [*names("statement"), "ANEUR", "NORM"]

    def one(number: int) -> Facts:
        stated = {code: rng.choice([None, 15.0, 50.0, 100.0]) for code in rng.sample(codes, rng.randint(1, 5))}
        stated = stated if number % 7 else {"NORM": 80.0, "SR": None}
        return Facts(
            record=f"x/{number:04d}",
            patient=f"p{number * 2 // 5}",
            time=datetime(1990, 1, 1) + timedelta(days=rng.randrange(5000)),
            statements=stated,
            forms={code: frozenset(rng.sample(LEADS, 3)) for code in stated if rng.random() < 0.7},
            noise={
                kind: rng.choice(
                    [Marks(), Marks(), Marks(True, frozenset(rng.sample(LEADS, 4))), Marks(True, complete=False)]
                )
                for kind in names("noise")
            },
            stage=rng.choice(list(names("stage"))),
            extra=frozenset(kind for kind in names("extra") if rng.random() < 0.2),
            axis=rng.choice([*names("axis"), None]),
            levels={name: rng.choice(list(names("level"))) for name in RANGES if rng.random() < 0.97},
        )

    return [one(number) for number in range(n)]


@pytest.fixture(scope="module")
def facts():
    return made_up(50)


@pytest.fixture(scope="module")
def questions(facts):
    return list(generate(facts))


def test_every_template_is_asked(questions):
    assert {one.template for one in questions} == set(range(1, 71))
    assert {one.kind for one in questions} == set(KINDS)
    assert [one.sample for one in questions] == list(range(len(questions)))


def test_each_answer_is_what_the_facts_say_when_it_is_read_back(facts, questions):
    known = {one.record: one for one in facts}
    for one in questions[::3]:
        asked = asked_of(one)
        assert asked is not None and asked.text == one.question
        assert answer(asked, [known[record] for record in one.records]) == one.answers
        assert set(one.answers) <= set(options(asked))


def test_a_question_is_found_by_its_text_where_no_attribute_is_given(questions):
    compared = [one for one in questions if one.kind.startswith("comparison") and one.kind.endswith("verify")]
    for one in compared[::7]:
        bare = asked_of(type(one)(**{**one.__dict__, "attributes": ()}))
        assert bare is not None and bare.names == one.attributes


@pytest.mark.parametrize("part", ["train", "valid"])
def test_the_balance_is_that_of_the_published_questions(facts, questions, part):
    balance = BALANCES[part]
    of = defaultdict(Counter)
    for one in questions if part == "valid" else generate(facts[:16], part):
        of[one.question_id, one.template, one.kind][one.answers] += 1
    for (_, _, kind), counts in of.items():
        assert len(counts) > 1
        if kind.endswith("verify"):
            others = sum(count for said, count in counts.items() if said != ("no",))
            assert counts["no",] <= min(balance.no, 5 * others)
            assert all(count <= balance.verify for said, count in counts.items() if said != ("no",))
        elif kind.endswith("choose"):
            assert max(counts.values()) <= balance.choose
        else:
            assert max(counts.values()) <= 50
            assert len(set(counts) - {("none",)}) >= 1


def test_the_published_balance_is_kept_by_the_published_questions(real_data):
    """What the module claims of the public files: 100 and 200, five "no" for each "yes", 25 of each set, 50 of none."""
    source = ECGQA(real_data / "ecg-qa")
    verify, query = defaultdict(Counter), defaultdict(Counter)
    for one in source.questions("train"):
        asked = asked_of(one)
        verify[asked.template.number, asked.names, asked.place][one.answers] += 1
    for one in source.questions("valid"):
        query[one.template][tuple(sorted(one.answers))] += 1
    whole = [
        counts for (number, _, place), counts in verify.items() if counts["yes",] and (number, place) != (28, "lead V6")
    ]
    assert len(whole) > 30 and all(counts["no",] == min(200, 5 * counts["yes",]) for counts in whole)
    assert max(counts["yes",] for counts in whole) == 100
    for counts in query.values():
        assert max(count for said, count in counts.items() if said != ("none",)) == 25
        assert counts["none",] in (0, 50)


def test_the_same_seed_gives_the_same_questions_in_whatever_order_ecgs_come(facts):
    few = facts[:8]
    assert list(generate(few, seed=3)) == list(generate(few[::-1], seed=3))
    assert list(generate(few, seed=3)) != list(generate(few, seed=4))


def test_what_nobody_says_is_not_asked():
    bare = [
        Facts(f"x/{n}", f"p{n}", statements={"SR": None, "IMI": None} if n % 2 else {"SR": None}) for n in range(20)
    ]
    asked = {one.attribute_kind for one in generate(bare)}
    assert asked == {"scp_code"}
    assert not list(generate([Facts("x/1", "p1"), Facts("x/2", "p2")]))


def test_pairs():
    day = datetime(1990, 1, 1)
    three = [Facts(f"x/{n}", "p", day + timedelta(days=n)) for n in (2, 0, 1)]
    others = [Facts("x/8", "q", day), Facts("x/9", "q", day), Facts("x/7", "r"), Facts("x/6", "r")]
    pairs = consecutive([*three, *others])
    assert [(a.record, b.record) for a, b in pairs] == [("x/0", "x/1"), ("x/0", "x/2"), ("x/1", "x/2")]
    drawn = irrelevant([*three, *others], random.Random(0))
    assert drawn and all(first.patient != second.patient for first, second in drawn)
    assert irrelevant(three, random.Random(0)) == []


def test_what_is_asked_of_two_ecgs_is_not_answered_by_one():
    with pytest.raises(UsageError, match="asks about 2"):
        answer(Asked(templates()[61]), [Facts("x/1", "p")])


def test_answers_are_those_that_ecgqa_allows(real_data):
    """Of choices and queries; where ECG-QA's list is shorter, an answer did not occur in its training part."""
    allowed = ECGQA(real_data / "ecg-qa").options
    for number, template in templates().items():
        ours = set(SUBJECTS[template.about].options)
        if template.verb == "choose":
            assert ours | {"none"} == set(allowed[number])
        elif template.verb == "query":
            said = set(options(Asked(template, (), SUBJECTS[template.about].places[0])))
            assert set(allowed[number]) <= said
            assert said == set(allowed[number]) or number in (48, 49)
        elif template.number == 1:
            assert set(allowed[number]) == {"no", "not sure", "yes"}
        else:
            assert set(allowed[number]) == {"no", "yes"}


def test_frozen(questions):
    """Changing a template, a name or a rule changes what answerers are judged by: raise VERSION, then these."""
    assert frozen_hash() == FROZEN
    content = "\n".join(f"{one.question} {one.answers} {one.records}" for one in questions)
    assert hashlib.sha256(content.encode()).hexdigest() == MADE
