"""Questions of all kinds about ECGs of which facts are known: seeded, balanced, each with its answer."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import combinations

from einthoven.datasets.ecg_qa.answer import answer_to, seen_by
from einthoven.datasets.ecg_qa.asked import Asked
from einthoven.datasets.ecg_qa.balance import BALANCES, Answers, Balance
from einthoven.datasets.ecg_qa.facts import Facts
from einthoven.datasets.ecg_qa.pairs import consecutive, irrelevant
from einthoven.datasets.ecg_qa.seen import SUBJECTS, Seen
from einthoven.datasets.ecg_qa.template import Template, templates
from einthoven.datasets.ecgqa import Part, QuestionAnswer

NOTHING = Seen()


def generate(facts: Sequence[Facts], part: Part = "valid", seed: int = 0) -> Iterator[QuestionAnswer]:
    """The questions about these ECGs, template after template.

    Args:
        facts: ECGs of one part; the parts must share no patient (`split_by_patient`, or PTB-XL's folds).
        part: by whose balance ECGs are drawn.
        seed: which ECGs are drawn; the same seed gives the same questions of the same ECGs.
    """
    every = sorted(facts, key=lambda one: one.record)
    subjects: dict[str, Sequence[tuple[Facts, ...]]] = {
        "": [(one,) for one in every],
        "consecutive": consecutive(every),
        "irrelevant": irrelevant(every, random.Random(f"{seed} pairs")),
    }
    sample, number = 0, 0
    for template in templates().values():
        for asked, drawn in _questions(template, subjects[template.pair], BALANCES[part], seed):
            for place, answers in drawn:
                yield QuestionAnswer(
                    sample=sample,
                    template=template.number,
                    question_id=number,
                    kind=template.kind,
                    attribute_kind=template.over,
                    question=asked.text,
                    answers=answers,
                    records=tuple(one.record for one in subjects[template.pair][place]),
                    attributes=asked.attributes,
                )
                sample += 1
            number += 1


def _questions(
    template: Template, subjects: Sequence[tuple[Facts, ...]], balance: Balance, seed: int
) -> Iterator[tuple[Asked, list[tuple[int, Answers]]]]:
    for place in SUBJECTS[template.about].places:
        seen = [seen_by(Asked(template, (), place), one) for one in subjects]
        looked = {number: one for number, one in enumerate(seen) if one is not None}
        there = _where((number, one.present | one.doubtful) for number, one in looked.items())
        unknown = _where((number, one.unknown) for number, one in looked.items())
        for names in _named(template, there):
            generator = random.Random(f"{seed} {template.number} {place} {names}")
            asked = Asked(template, names if generator.random() < 0.5 else names[::-1], place)
            left = set().union(*(unknown[name] for name in names if name in unknown))
            with_any = set().union(*(there[name] for name in names)) if names else set(looked)
            yield asked, balance.drawn(asked, _groups(asked, looked, with_any - left, left), generator)


def _where(named: Iterable[tuple[int, frozenset[str]]]) -> dict[str, set[int]]:
    """The ECGs, by their number, at which each name stands."""
    found: dict[str, set[int]] = defaultdict(set)
    for number, names in named:
        for name in names:
            found[name].add(number)
    return found


def _named(template: Template, shown: Collection[str]) -> list[tuple[str, ...]]:
    """The names, or pairs of names, that are worth asking: those that some ECG shows."""
    there = [name for name in SUBJECTS[template.about].options if name in shown]
    if template.verb == "verify":
        return [(name,) for name in there]
    return list(combinations(there, 2)) if template.verb == "choose" else [()]


def _groups(asked: Asked, looked: dict[int, Seen], showing: set[int], left: set[int]) -> dict[Answers, list[int]]:
    """ECGs by their answer. Those that show none of the names answer all alike, as one of which nothing is seen.

    Args:
        left: those that leave the names open.
    """
    groups: dict[Answers, list[int]] = defaultdict(list)
    for number in sorted(showing):
        if (given := answer_to(asked, looked[number])) is not None:
            groups[given].append(number)
    if asked.names and (given := answer_to(asked, NOTHING)) is not None:
        groups[given] += [number for number in looked if number not in showing and number not in left]
    return groups
