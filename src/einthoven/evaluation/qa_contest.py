"""Who answers questions: ours, with its controls, and language models by ECG-ReGen's protocol.

What is asked is taken from template and attributes, as for the ceilings; how many questions can be read from their
words alone is a table of its own.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from einthoven.answering import (
    SURE,
    Meaning,
    NotUnderstoodError,
    Scales,
    View,
    meaning_of,
    read_question,
    shipped_scales,
)
from einthoven.answering.decide import Judged, judge
from einthoven.answering.prompts import Context, Kind
from einthoven.answering.protocol import K, Protocol
from einthoven.answering.scales import odds
from einthoven.datasets.ecg_qa import asked_of
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import DataError
from einthoven.evaluation.qa_answers import Answers
from einthoven.evaluation.qa_scales import sure_key
from einthoven.llm.errors import AnswerError
from einthoven.retrieval import Archive, Evidence
from einthoven.retrieval.calibration import smoothed_votes

OURS = "ours"
PLAIN = "ours, not fitted to how the answers are balanced"
RANDOM = "control: ours, neighbours drawn at random"
OTHER = "control: ours, looking at another patient's ECG"

Views = Callable[[str], View]


class Ours:
    """Answers from what is known of the ECGs; `sure` has, by sample, whether it would have said so.

    Args:
        views: by record. lines: by template, for answers that are balanced on purpose.
    """

    def __init__(self, views: Views, lines: Scales, scales: Scales | None = None, sure: float = SURE) -> None:
        self.views, self.lines, self.scales, self.least = views, lines, scales or shipped_scales(), sure
        self.sure: dict[int, bool] = {}

    def __call__(self, question: QuestionAnswer, allowed: Answers) -> Answers | None:
        judged = self.judged(question)
        confidence = self.lines.chance(sure_key(question.kind), odds(judged.confidence))
        self.sure[question.sample] = bool(judged.best) and confidence >= self.least
        return judged.best or None

    def judged(self, question: QuestionAnswer) -> Judged:
        """Before it is asked how sure."""
        return judge(meaning(question), [self.views(one) for one in question.records], self.scales, self.lines)


class RandomNeighbours:
    """The same ECG with votes of ECGs that were drawn at random: head, measurements and quality stay."""

    def __init__(self, views: Views, archive: Archive, seed: int) -> None:
        self.views, self.archive, self.seed = views, archive, seed
        self._carried = [set(codes) for codes in archive.collection.columns(["codes"])["codes"]]
        self._base: np.ndarray | None = None

    def __call__(self, record: str) -> View:
        view = self.views(record)
        found, calibration = view.found, self.archive.calibration
        if self._base is None:
            self._base = np.array([[c in codes for c in found.codes] for codes in self._carried]).mean(0)
        drawn = random.Random(f"{self.seed} {record}").sample(self._carried, len(found.neighbours))
        votes = smoothed_votes(np.array([[[code in codes for code in found.codes] for codes in drawn]]), self._base)[0]
        confidence = calibration.confidence(found.codes, votes, found.head) if calibration else votes
        return replace(view, found=Evidence((), found.codes, votes, found.head, confidence, found.calibrated))


class AnotherPatient:
    """What is known of another ECG, of another patient, drawn by the seed."""

    def __init__(self, views: Views, patients: Mapping[str, str], seed: int) -> None:
        self.views, self.patients, self.seed = views, patients, seed
        self._every = sorted(patients)

    def __call__(self, record: str) -> View:
        generator = random.Random(f"{self.seed} {record}")
        other = record
        while self.patients[other] == self.patients[record]:
            other = generator.choice(self._every)
        return self.views(other)


@dataclass
class ByModel:
    """A language model that is given the reports and diagnoses of neighbours, or (at_random) of any ECGs.

    Args:
        contexts: from records of the index. index: all its records, for those at random.
    """

    protocol: Protocol
    views: Views
    contexts: Callable[[Sequence[str]], Sequence[Context]]
    index: Sequence[str] = ()
    at_random: bool = False
    k: int = K
    outside: int = 0
    unread: int = 0
    failed: list[str] = field(default_factory=list)

    def __call__(self, question: QuestionAnswer, allowed: Answers) -> Answers | None:
        near = [one.record for one in self.views(question.records[0]).found.neighbours[: self.k]]
        if self.at_random:
            near = random.Random(f"reports {question.sample}").sample(list(self.index), self.k)
        verb: Kind = (
            "verify" if question.kind.endswith("verify") else "choose" if "choose" in question.kind else "query"
        )
        try:
            said = self.protocol.ask(verb, question.question, allowed, self.contexts(near))
        except AnswerError as fault:  # cut short or empty: an answer that was not given
            self.failed.append(fault.message)
            return None
        self.outside += bool(said.outside)
        self.unread += said.answers is None and not said.outside
        return said.answers


def meaning(question: QuestionAnswer) -> Meaning:
    """What is asked, by template and attributes.

    Raises:
        DataError: these do not say.
    """
    asked = asked_of(question)
    if asked is None:
        raise DataError(f"Question {question.sample} does not say what it asks.", "Use ECG-QA as published.")
    return meaning_of(asked)


def read_as(question: QuestionAnswer) -> str:
    """How a question is read from its words alone: "right", "otherwise" or "not understood"."""
    try:
        found = read_question(question.question)
    except NotUnderstoodError:
        return "not understood"
    wanted = meaning(question)
    same = (found.verb, found.about, found.names, found.place, found.change) == (
        *(wanted.verb, wanted.about, wanted.names, wanted.place, wanted.change),
    )
    return "right" if same else "otherwise"
