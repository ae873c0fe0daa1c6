"""Answers to questions: a JSON file of them, a callable that gives them, and the baselines that need no ECG."""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.datasets.ecg_qa import Facts, answer, asked_of, options
from einthoven.datasets.ecg_qa.asked import Asked
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import DataError, UsageError

Answers = tuple[str, ...]
Answerer = Callable[[QuestionAnswer, Answers], Sequence[str] | str | None]
"""What answers: a question and the answers that it allows to one answer, several, or None."""

MOST_BYTES = 256 * 2**20
NONE = "none"


@dataclass(frozen=True)
class Given:
    """Answers by sample, and where they come from."""

    name: str
    sha256: str | None
    by_sample: Mapping[int, Answers | None]


def read_answers(path: Path) -> Given:
    """Answers of a file `{"answers": {"SAMPLE": ["yes"], ...}}`, or of its inner mapping alone.

    Raises:
        DataError: no such file, or one of another shape.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path.name} is larger than any list of answers.", "Name the file of answers.")
        raw = path.read_bytes()
        found = json.loads(raw)
    except (OSError, ValueError, RecursionError) as fault:
        raise DataError(f"{path} cannot be read ({type(fault).__name__}).", "Write it as JSON.") from None
    inner = found.get("answers", found) if isinstance(found, dict) else None
    try:
        if not isinstance(inner, dict):
            raise ValueError
        given = {int(sample): normal(said) for sample, said in inner.items()}
    except (ValueError, TypeError, AttributeError):
        raise DataError(
            f"{path.name} does not hold answers.", 'Write {"answers": {"SAMPLE": ["yes"]}} with numbers of questions.'
        ) from None
    return Given(path.stem, hashlib.sha256(raw).hexdigest(), given)


def ask(answerer: Answerer, questions: Sequence[QuestionAnswer], name: str) -> Given:
    """What an answerer says to each question."""
    return Given(name, None, {one.sample: _said(answerer, one) for one in questions})


def allowed(question: QuestionAnswer) -> Answers:
    """The answers that a question allows, in the order of its template.

    Raises:
        DataError: the question cannot be read.
    """
    asked = asked_of(question)
    if asked is None:
        raise DataError(f"Question {question.sample} does not say what it asks.", "Use ECG-QA as published.")
    return options(asked)


def normal(said: Sequence[str] | str | None) -> Answers | None:
    """An answer in lower case and sorted; nothing said at all is None, an empty list is "none".

    >>> normal(["Sinus  rhythm"]), normal([]), normal(None)
    (('sinus rhythm',), ('none',), None)
    """
    if said is None:
        return None
    each = [said] if isinstance(said, str) else list(said)
    return tuple(sorted({" ".join(one.lower().split()) for one in each})) or (NONE,)


class Majority:
    """The most common answer, by kind of question or by template: what can be said without looking.

    Args:
        learnt: questions to learn from. asked: those that are to be answered; from them is learnt what `learnt` lacks.
    """

    def __init__(
        self, key: Callable[[QuestionAnswer], object], learnt: Sequence[QuestionAnswer], asked: Sequence[QuestionAnswer]
    ) -> None:
        self.key = key
        self._most = _commonest(key, asked)
        known = _commonest(key, learnt)
        self.of_itself = sorted({str(one) for one in set(self._most) - set(known)})
        self._most |= known

    def __call__(self, question: QuestionAnswer, allowed: Answers = ()) -> Answers:
        return self._most[self.key(question)]


class QuestionOnly:
    """The most common answer to the very same question, as far as it was learnt; else another's."""

    def __init__(self, learnt: Sequence[QuestionAnswer], otherwise: Majority) -> None:
        self._most = _commonest(_same_question, learnt)
        self.otherwise = otherwise

    def __call__(self, question: QuestionAnswer, allowed: Answers = ()) -> Answers:
        return self._most.get(_same_question(question)) or self.otherwise(question)


def _same_question(question: QuestionAnswer) -> object:
    return question.template, question.question


class Knowing:
    """The answer that facts give; where they leave it open, or the question is not understood, another's."""

    def __init__(self, facts: Mapping[str, Facts], otherwise: Majority, statements_alone: bool = False) -> None:
        self.facts, self.otherwise, self.statements_alone = facts, otherwise, statements_alone

    def __call__(self, question: QuestionAnswer, allowed: Answers = ()) -> Answers:
        asked = asked_of(question)
        found = None if asked is None else self._answer(asked, question)
        return self.otherwise(question) if found is None else found

    def _answer(self, asked: Asked, question: QuestionAnswer) -> Answers | None:
        known = [self.facts[record] for record in question.records]
        if self.statements_alone:
            known = [Facts(one.record, one.patient, one.time, statements=one.statements) for one in known]
        return answer(asked, known)


def _commonest(key: Callable[[QuestionAnswer], object], questions: Sequence[QuestionAnswer]) -> dict[object, Answers]:
    counts: dict[object, Counter[Answers]] = defaultdict(Counter)
    for one in questions:
        counts[key(one)][normal(one.answers) or ()] += 1
    return {of: min(count, key=lambda said: (-count[said], said)) for of, count in counts.items()}


def _said(answerer: Answerer, question: QuestionAnswer) -> Answers | None:
    said = answerer(question, allowed(question))
    if said is not None and not isinstance(said, str | Sequence):
        raise UsageError(f"The answer to question {question.sample} is no text.", "Answer with texts, or None.")
    return normal(said)
