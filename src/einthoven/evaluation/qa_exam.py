"""What is asked: published questions or questions of our own, the facts of their ECGs, and questions to learn from."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from einthoven.datasets import ECGQA
from einthoven.datasets.ecg_qa import (
    Facts,
    facts_of_ptbxl,
    facts_of_row,
    frozen_hash,
    generate,
    split_by_patient,
)
from einthoven.datasets.ecgqa import Part, QuestionAnswer
from einthoven.ecg import DataError, UsageError
from einthoven.evaluation.fingerprint import hash_of
from einthoven.evaluation.fold10 import log_fold10
from einthoven.evaluation.qa_answers import allowed
from einthoven.evaluation.qa_measured import Measuring
from einthoven.evaluation.table import save_json

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
        measured: how many ECGs were measured for questions on numbers, in words.
        log: of fold 10, for `note`. why: the reason that stands there.
    """

    title: str
    part: Part
    questions: Sequence[QuestionAnswer]
    facts: Mapping[str, Facts]
    learnt: Sequence[QuestionAnswer] = ()
    folds: Mapping[str, int] = field(default_factory=dict)
    seed: int | None = None
    measured: str | None = None
    log: Path | None = None
    why: str = ""

    def note(self, what: str) -> None:
        """Logs that labels of ECGs of PTB-XL's fold 10 are asked about or learnt from, if there are such.

        Raises:
            FileError: the log cannot be written.
        """
        learnt = {record for one in self.learnt for record in one.records}
        if any(self.folds.get(record) == 10 for record in self.records() | learnt):
            log_fold10(self.log, what, self.why)

    def hashes(self) -> dict[str, str]:
        """Hashes of the questions with their answers, and of those that are learnt from."""
        return {"asked": hash_of_questions(self.questions), "learnt_from": hash_of_questions(self.learnt)}

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
        measure: also ask about measured values, which need PTB-XL's signals.
        log: of fold 10, for `Exam.note`. why: the reason that stands there.
    """

    data: Path
    published: Path | None = None
    part: Part = "valid"
    own: bool = False
    seed: int = 0
    limit: int | None = None
    measure: bool = False
    log: Path | None = None
    why: str = ""

    def exam(self, progress: Progress = lambda line: None) -> Exam:
        """The questions.

        Raises:
            UsageError: a part that is not known, published questions without PTB-XL's table. FileError: no log.
            DataError: data that is not there, not whole, or lacks an ECG that is asked about.
        """
        if self.part not in FOLDS:
            raise UsageError(f"There is no part '{self.part}'.", f"Choose one of {', '.join(FOLDS)}.")
        ptbxl = (self.data / "ptbxl_database.csv").is_file()
        if not ptbxl and self.published is not None:
            raise UsageError(f"{self.data} is not PTB-XL, which ECG-QA asks about.", "Name PTB-XL's folder as --data.")
        if self.measure and (not ptbxl or (self.published is not None and not self.own)):
            raise UsageError(
                "Only for questions of our own about PTB-XL is anything measured.",
                "Leave out --measure, or name PTB-XL's folder and add --own.",
            )
        progress("reading facts")
        if not ptbxl:
            made = _of_collection(self, progress)
        elif self.published is None:
            made = _of_folds(self, progress)
        else:
            made = _of_ecgqa(self, ECGQA(self.published), progress)
        kept = made.questions if self.limit is None else limited(made.questions, self.limit, self.seed)
        return replace(made, questions=kept, log=self.log, why=self.why)


def hash_of_questions(questions: Iterable[QuestionAnswer]) -> str:
    """SHA-256 of questions in their order: number, template, words, ECGs, answers."""
    return hash_of(
        f"{one.sample}|{one.template}|{one.question}|{','.join(one.records)}|{','.join(one.answers)}"
        for one in questions
    )


def write_questions(exam: Exam, path: Path) -> None:
    """Writes the questions, without their answers, as `{"questions": [...]}`; `options` are what each allows.

    Raises:
        UsageError: the file cannot be written.
    """
    every = [
        {
            "sample": one.sample,
            "template": one.template,
            "kind": one.kind,
            "question": one.question,
            "options": list(allowed(one)),
            "records": list(one.records),
        }
        for one in exam.questions
    ]
    save_json({"of": exam.title, "part": exam.part, "frozen_sha256": frozen_hash(), "questions": every}, path)


def _of_ecgqa(choice: Choice, source: ECGQA, progress: Progress) -> Exam:
    if not choice.own:
        return _published(choice, source)
    parts: dict[Part, set[str]] = {part: set(source.records(part)) for part in ("train", choice.part)}
    facts, folds = _facts(choice.data, lambda record, fold: any(record in one for one in parts.values()))
    asked, learnt = (
        {record: facts[record] for record in parts[part] if record in facts} for part in (choice.part, "train")
    )
    title = f"questions of our own about ECG-QA's {choice.part} ECGs of ptb-xl"
    return _made(choice, title, facts, folds, asked, learnt, progress)


def _published(choice: Choice, source: ECGQA) -> Exam:
    questions = list(source.questions(choice.part))
    learnt: list[QuestionAnswer] = []
    # ECG-QA may be here in parts: what is then learnt from the asked questions themselves is said in the table.
    if choice.part != "train" and any((source.folder / source.wording / "train").glob("*.json")):
        learnt = list(source.questions("train"))
    records, known = ({record for one in some for record in one.records} for some in (questions, learnt))
    facts, folds = _facts(choice.data, lambda record, fold: record in records or record in known)
    if lacking := records - set(facts):
        raise DataError(f"{min(lacking)} is asked about and not in {choice.data}.", "Use PTB-XL's whole table.")
    return Exam("ECG-QA 1.0.2, published questions about ptb-xl", choice.part, questions, facts, learnt, folds)


def _of_folds(choice: Choice, progress: Progress) -> Exam:
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
    known = {} if choice.part == "train" else _some_of(learnt, choice.seed)
    if shared := {one.patient for one in known.values()} & {one.patient for one in asked.values()}:
        raise UsageError(f"{len(shared)} patients are asked about and learnt from.", "Use parts that share no patient.")
    measured = None
    if choice.measure:
        measuring = Measuring(choice.data, progress)
        asked, known = measuring(asked), measuring(known)
        measured = measuring.said()
    progress("making questions")
    return Exam(
        title,
        choice.part,
        list(generate(list(asked.values()), choice.part, choice.seed)),
        {**facts, **asked},
        list(generate(list(known.values()), "valid", choice.seed)),
        folds,
        choice.seed,
        measured,
    )


def _some_of(facts: Mapping[str, Facts], seed: int) -> dict[str, Facts]:
    """Whole patients until there are ECGs enough."""
    of: dict[str, list[Facts]] = defaultdict(list)
    for record in sorted(facts):
        of[facts[record].patient].append(facts[record])
    patients = sorted(of)
    random.Random(f"{seed} learnt").shuffle(patients)
    found: dict[str, Facts] = {}
    for patient in patients:
        if len(found) >= LEARNT_FROM:
            break
        found |= {one.record: one for one in of[patient]}
    return found


def _facts(data: Path, wanted: Callable[[str, int], bool]) -> tuple[dict[str, Facts], dict[str, int]]:
    found = list(facts_of_ptbxl(data, wanted))
    return {one.record: one for one, _ in found}, {one.record: fold for one, fold in found}


def limited(questions: Sequence[QuestionAnswer], limit: int, seed: int) -> list[QuestionAnswer]:
    """At most so many of each kind, drawn by the seed."""
    of: dict[str, list[QuestionAnswer]] = defaultdict(list)
    for one in questions:
        of[one.kind].append(one)
    kept = [
        one
        for kind in sorted(of)
        for one in random.Random(f"{seed} {kind}").sample(of[kind], min(limit, len(of[kind])))
    ]
    return sorted(kept, key=lambda one: one.sample)
