"""Learning the lines of `answering.scales`, from ECGs that are known and from questions that are balanced."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence

from einthoven.answering import Meaning, Scales, View, fit_line, meaning_of
from einthoven.answering.chances import chances
from einthoven.answering.decide import DOUBT, judge
from einthoven.answering.meaning import NOT_SURE, YES
from einthoven.answering.scales import Line, odds
from einthoven.datasets.ecg_qa import Facts, asked_of
from einthoven.datasets.ecg_qa.seen import SUBJECTS
from einthoven.datasets.ecg_qa.tables import names
from einthoven.datasets.ecgqa import QuestionAnswer

ANY = ("abnormal", "any-diagnosis", "any-certain-diagnosis", "any-form")
LISTED = ("superclass", "certain-diagnosis", "form-in-lead", "noise", "noise-in-lead", "extra", "every-stage")
ALIKE = ("superclass", "certain-diagnosis", "form-in-lead")
"""Subjects whose names share one line."""
FEWEST = 5
"""ECGs for and against, without which nothing is learnt."""

Views = Callable[[str], View]
"""A record's id to what is known of it."""


def fit_scales(views: Mapping[str, View], facts: Mapping[str, Facts]) -> dict[str, Line]:
    """A line for each thing that is seen otherwise than as a calibrated code, at its share among the ECGs."""
    x: dict[str, list[float]] = defaultdict(list)
    truth: dict[str, list[bool]] = defaultdict(list)
    for record, view in views.items():
        for key, number, held in _told(view, facts[record]):
            x[key].append(number)
            truth[key].append(held)
    # What is hardly ever there keeps the share that it has, whatever is seen.
    return {
        key: fit_line(x[key], truth[key])
        if sum(truth[key]) >= FEWEST
        else fit_line([0.0] * len(x[key]), truth[key], (-5.0, 0.0))
        for key in x
    }


def fit_questions(questions: Sequence[QuestionAnswer], views: Views, scales: Scales) -> Scales:
    """A line for each template, from questions with their answers; they follow how the answers are balanced."""
    x: dict[str, list[float]] = defaultdict(list)
    truth: dict[str, list[bool]] = defaultdict(list)
    for one in questions:
        asked = asked_of(one)
        if asked is None:
            continue
        meaning = meaning_of(asked)
        judged = judge(meaning, [views(record) for record in one.records], scales)
        said, key = set(one.answers), f"template {one.template}"
        for name, chance in judged.chances.items():
            yes = meaning.verb in ("verify", "any")
            x[key].append(odds(chance))
            truth[key].append(bool(said & {YES, NOT_SURE}) if yes else name in said)
            if one.template == 1 and said & {YES, NOT_SURE}:
                x[DOUBT].append(odds(chance))
                truth[DOUBT].append(NOT_SURE in said)
    lines = {key: fit_line(x[key], truth[key]) for key in x if key != DOUBT}
    return Scales(_sure(questions, views, scales, Scales(lines | _doubt(x[DOUBT], truth[DOUBT]))))


def _doubt(x: Sequence[float], truth: Sequence[bool]) -> dict[str, Line]:
    """The line of "not sure" as an answer: the surer, the less in doubt."""
    if not x:
        return {}
    intercept, slope = fit_line([-one for one in x], truth, (0.0, 0.0))
    return {DOUBT: (intercept, -slope)}


def _sure(questions: Sequence[QuestionAnswer], views: Views, scales: Scales, lines: Scales) -> dict[str, Line]:
    """These lines, and one for each kind of question: how often an answer is right as a whole, by its confidence."""
    x: dict[str, list[float]] = defaultdict(list)
    right: dict[str, list[bool]] = defaultdict(list)
    for one in questions:
        asked = asked_of(one)
        if asked is None:
            continue
        judged = judge(meaning_of(asked), [views(record) for record in one.records], scales, lines)
        if judged.best:
            x[sure_key(one.kind)].append(odds(judged.confidence))
            right[sure_key(one.kind)].append(set(judged.best) == set(one.answers))
    return dict(lines.lines) | {key: fit_line(x[key], right[key]) for key in x}


def sure_key(kind: str) -> str:
    """The line of a kind of question's confidence."""
    return f"sure of {kind}"


def _told(view: View, facts: Facts) -> Iterator[tuple[str, float, bool]]:
    plain = Scales()
    for about in (*ANY, *LISTED):
        subject = SUBJECTS[about]
        for place in subject.places:
            seen = subject.look(facts, place)
            if seen is None:
                continue
            held = seen.present | seen.doubtful
            meaning = Meaning("any" if about in ANY else "query", about, subject.options, place)
            for name, chance in chances(view, meaning, plain).items():
                if name not in seen.unknown:
                    yield _key(about, name), odds(chance.value), bool(held) if about in ANY else name in held


def _key(about: str, name: str) -> str:
    if about in ANY or about in ALIKE:
        return about
    kind = {"noise-in-lead": "noise", "every-stage": "stage"}.get(about, about)
    code = next(code for code, known in names(kind).items() if known == name)
    return {
        "noise": code,
        "noise-in-lead": f"{code} in lead",
        "extra": f"extra {code}",
        "every-stage": f"stage {code}",
    }[about]
