"""What is asked: published questions or questions of our own, the facts of their ECGs, and questions to learn from."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from einthoven.datasets import ECGQA
from einthoven.datasets.ecg_qa import Facts, facts_of_ptbxl, facts_of_row, generate, split_by_patient
from einthoven.datasets.ecgqa import Part, QuestionAnswer
from einthoven.ecg import DataError, UsageError
from einthoven.evaluation.fold10 import log_fold10

FOLDS: Mapping[Part, Collection[int]] = {"train": range(1, 9), "valid": (9,), "test": (10,)}
LEARNT_FROM = 3000
"""ECGs at most that questions are made of from which the most common answers are learnt."""

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Exam:
    """Questions, with what is known of the ECGs.

    Args:
        title: whose questions they are. folds: PTB-XL's fold by record, where it has one.
        learnt: questions of the training part, whose ECGs share no patient with those that are asked about.
        seed: of the generator; None for published questions.
    """

    title: str
    part: Part
    questions: Sequence[QuestionAnswer]
    facts: Mapping[str, Facts]
    learnt: Sequence[QuestionAnswer] = ()
    folds: Mapping[str, int] = field(default_factory=dict)
    seed: int | None = None

    def records(self) -> set[str]:
        """The ECGs that are asked about."""
        return {record for one in self.questions for record in one.records}

    def fold_counts(self) -> str | None:
        """How many of them lie in which of PTB-XL's folds, in words."""
        counts = Counter(self.folds[record] for record in self.records() if record in self.folds)
        return ", ".join(f"{fold}: {counts[fold]}" for fold in sorted(counts)) or None


@dataclass(frozen=True)
class Choice:
    """Which questions are wanted.

    Args:
        data: PTB-XL's folder, of which the table is enough, or a prepared collection.
        published: ECG-QA's folder, for its questions, or (`own`) for questions of our own about its ECGs.
        own: questions of our own; also without `published`, then by PTB-XL's folds (train 1-8, valid 9, test 10).
        limit: at most so many questions of each kind, drawn by the seed.
        log: of fold 10, whose use is noted when questions of our own are about it. why: the reason that stands there.
    """

    data: Path
    published: Path | None = None
    part: Part = "valid"
    own: bool = False
    seed: int = 0
    limit: int | None = None
    log: Path | None = None
    why: str = ""

    def exam(self, progress: Progress = lambda line: None) -> Exam:
        """The questions.

        Raises:
            UsageError: a part that is not known, published questions without PTB-XL's table, or no log.
            DataError: data that is not there, not whole, or lacks an ECG that is asked about.
        """
        if self.part not in FOLDS:
            raise UsageError(f"There is no part '{self.part}'.", f"Choose one of {', '.join(FOLDS)}.")
        ptbxl = (self.data / "ptbxl_database.csv").is_file()
        if not ptbxl and self.published is not None:
            raise UsageError(f"{self.data} is not PTB-XL, which ECG-QA asks about.", "Name PTB-XL's folder as --data.")
        progress("reading facts")
        if not ptbxl:
            made = _of_collection(self, progress)
        elif self.published is None:
            made = _of_folds(self, progress)
        else:
            made = _of_ecgqa(self, ECGQA(self.published), progress)
        return made if self.limit is None else _limited(made, self.limit, self.seed)


def _of_ecgqa(choice: Choice, source: ECGQA, progress: Progress) -> Exam:
    parts: dict[Part, set[str]] = {part: set(source.records(part)) for part in ("train", choice.part)}
    facts, folds = _facts(choice.data, lambda record, fold: any(record in one for one in parts.values()))
    if choice.own:
        learnt = {record: facts[record] for record in parts["train"] if record in facts}
        asked = {record: facts[record] for record in parts[choice.part] if record in facts}
        title = f"questions of our own about ECG-QA's {choice.part} ECGs of ptb-xl"
        return _made(choice, title, facts, folds, asked, learnt, progress)
    questions = list(source.questions(choice.part))
    if lacking := {record for one in questions for record in one.records} - set(facts):
        raise DataError(f"{min(lacking)} is asked about and not in {choice.data}.", "Use PTB-XL's whole table.")
    learnt_from: list[QuestionAnswer] = []
    if choice.part != "train":
        try:
            learnt_from = list(source.questions("train"))
        except DataError:  # ECG-QA may be here in parts; what is learnt from the questions themselves is said so
            learnt_from = []
    return Exam("ECG-QA 1.0.2, published questions about ptb-xl", choice.part, questions, facts, learnt_from, folds)


def _of_folds(choice: Choice, progress: Progress) -> Exam:
    if choice.part == "test":
        log_fold10(choice.log, "evaluate qa, questions of our own", choice.why)
    wanted = {*FOLDS["train"], *FOLDS[choice.part]}
    facts, folds = _facts(choice.data, lambda record, fold: fold in wanted)
    asked, learnt = (
        {record: facts[record] for record, fold in folds.items() if fold in FOLDS[part]}
        for part in (choice.part, "train")
    )
    return _made(choice, "questions of our own about ptb-xl", facts, folds, asked, learnt, progress)


def _of_collection(choice: Choice, progress: Progress) -> Exam:
    from einthoven.collection import Collection as Opened

    rows = Opened.open(choice.data).rows(["patient", "time", "statements"])
    facts = {row.record: facts_of_row(row) for row in rows}
    if not any(one.statements for one in facts.values()):
        raise DataError(f"{choice.data} holds no statement that is known here.", "Prepare a data set with SCP codes.")
    parts = split_by_patient(facts.values(), choice.seed)
    asked, learnt = ({one.record: one for one in parts[part]} for part in (choice.part, "train"))
    return _made(choice, f"questions of our own about {choice.data.name}", facts, {}, asked, learnt, progress)


def _made(
    choice: Choice,
    title: str,
    facts: Mapping[str, Facts],
    folds: Mapping[str, int],
    asked: Mapping[str, Facts],
    learnt: Mapping[str, Facts],
    progress: Progress,
) -> Exam:
    progress("making questions")
    known: Sequence[Facts] = [] if choice.part == "train" else _some_of(learnt, choice.seed)
    if shared := {one.patient for one in known} & {one.patient for one in asked.values()}:
        raise UsageError(f"{len(shared)} patients are asked about and learnt from.", "Use parts that share no patient.")
    return Exam(
        title,
        choice.part,
        list(generate(list(asked.values()), choice.part, choice.seed)),
        facts,
        list(generate(known, "valid", choice.seed)),
        folds,
        choice.seed,
    )


def _some_of(facts: Mapping[str, Facts], seed: int) -> list[Facts]:
    """Whole patients until there are ECGs enough."""
    of: dict[str, list[Facts]] = defaultdict(list)
    for record in sorted(facts):
        of[facts[record].patient].append(facts[record])
    patients = sorted(of)
    random.Random(f"{seed} learnt").shuffle(patients)
    found: list[Facts] = []
    for patient in patients:
        if len(found) >= LEARNT_FROM:
            break
        found += of[patient]
    return found


def _facts(data: Path, wanted: Callable[[str, int], bool]) -> tuple[dict[str, Facts], dict[str, int]]:
    found = list(facts_of_ptbxl(data, wanted))
    return {one.record: one for one, _ in found}, {one.record: fold for one, fold in found}


def _limited(exam: Exam, limit: int, seed: int) -> Exam:
    of: dict[str, list[QuestionAnswer]] = defaultdict(list)
    for one in exam.questions:
        of[one.kind].append(one)
    kept = _in_order(
        one
        for kind in sorted(of)
        for one in random.Random(f"{seed} {kind}").sample(of[kind], min(limit, len(of[kind])))
    )
    return Exam(exam.title, exam.part, kept, exam.facts, exam.learnt, exam.folds, exam.seed)


def _in_order(questions: Iterable[QuestionAnswer]) -> list[QuestionAnswer]:
    return sorted(questions, key=lambda one: one.sample)
