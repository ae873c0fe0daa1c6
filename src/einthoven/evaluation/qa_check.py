"""Whether the answers that our rules derive from PTB-XL's table equal those that ECG-QA published."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from einthoven.datasets import ECGQA
from einthoven.datasets.ecg_qa import Facts, answer, asked_of, facts_of_ptbxl, frozen_hash
from einthoven.datasets.ecgqa import Part as PartOf
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import DataError
from einthoven.evaluation.cells import Value
from einthoven.evaluation.fingerprint import hash_of
from einthoven.evaluation.fold10 import log_fold10
from einthoven.evaluation.qa_exam import hash_of_questions
from einthoven.evaluation.table import Part, Table

PARTS: Sequence[PartOf] = ("train", "valid", "test")
EQUAL, DIFFERENT, OPEN, UNREAD = "equal", "different", "not decided", "not read"
MEASURED = "numeric_feature", "heart_axis"
NOTES = (
    "This is about labels, and no model has a part in it: questions about ECGs of fold 10 are checked like the others, "
    "and the log of fold 10 gets a line.",
    "Measured values and the axis are measured on the 500 Hz signal by ECG-QA (neurokit2, lead II): the table does not "
    "decide them. Interference is open in single leads where the table marks it without naming a lead, or illegibly; "
    "ECG-QA takes such a mark for none, and so do the answers that differ.",
)

Progress = Callable[[str], None]


def check_published(
    data: Path, published: Path, progress: Progress = lambda line: None, log: Path | None = None, why: str = ""
) -> Table:
    """Counts by kind and attribute: equal, different, not decided by the table; and each answer that differs.

    Args:
        data: the folder of `ptbxl_database.csv`. published: ECG-QA's folder, or some of its files.
        log: of fold 10, whose labels are read where it is asked about. why: the reason that stands there.

    Raises:
        FileError: the log cannot be written.
        DataError: one of them is not there, or none of ECG-QA's questions, or an ECG that is asked about is not.
    """
    progress("reading questions")
    questions = list(_questions(ECGQA(published)))
    records = {record for one in questions for record in one.records}
    progress("reading facts")
    found = list(facts_of_ptbxl(data, lambda record, fold: record in records))
    facts = {one.record: one for one, _ in found}
    folds = Counter(fold for _, fold in found)
    if lacking := records - set(facts):
        raise DataError(f"{min(lacking)} is asked about and not in {data}.", "Use PTB-XL's whole table.")
    if folds[10]:
        log_fold10(log, "evaluate qa --check, labels alone", why)
    outcomes = [_outcome(one, facts) for one in questions]
    return Table(
        title="Answers of our rules beside the published ones",
        cells=_rows(questions, outcomes),
        parts=[
            Part("Those that differ", _differing(questions, outcomes, facts)),
            Part("Why others are not decided", _reasons(questions, outcomes)),
        ],
        notes=NOTES,
        facts={
            "task": "qa --check",
            "questions": "ECG-QA 1.0.2, ptb-xl, paraphrased",
            "data_sha256": {
                "questions": hash_of_questions(questions),
                "facts": hash_of(_written(facts[record]) for record in sorted(records)),
            },
            "n": len(questions),
            "ecgs": len(records),
            "patients": len({one.patient for one in facts.values()}),
            "ptb-xl_folds": ", ".join(f"{fold}: {folds[fold]}" for fold in sorted(folds)),
            "frozen_sha256": frozen_hash(),
        },
    )


def _questions(source: ECGQA) -> Iterator[QuestionAnswer]:
    """Of the parts that are there; ECG-QA may be here in part."""
    there = [part for part in PARTS if any((source.folder / source.wording / part).glob("*.json"))]
    if not there:
        raise DataError(f"{source.folder} holds no questions.", "Unpack ECG-QA there.")
    for part in there:
        yield from source.questions(part)


def _written(facts: Facts) -> str:
    """What the table says of an ECG in one line, sets in order."""
    parts = dataclasses.asdict(facts) | {
        "forms": {code: sorted(leads) for code, leads in facts.forms.items()},
        "noise": {kind: (m.there, sorted(m.leads), m.complete) for kind, m in (facts.noise or {}).items()},
        "extra": None if facts.extra is None else sorted(facts.extra),
    }
    return json.dumps(parts, default=str)


def _outcome(question: QuestionAnswer, facts: dict[str, Facts]) -> str:
    asked = asked_of(question)
    if asked is None:
        return UNREAD
    ours = answer(asked, [facts[record] for record in question.records])
    return OPEN if ours is None else EQUAL if set(ours) == set(question.answers) else DIFFERENT


def _rows(questions: Sequence[QuestionAnswer], outcomes: Sequence[str]) -> dict[str, dict[str, Value]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for one, outcome in zip(questions, outcomes, strict=True):
        for row in (f"{one.kind}, {one.attribute_kind}, template {one.template}", "all"):
            counts[row][outcome] += 1
    order = sorted(counts, key=lambda row: (row == "all", row))
    return {
        row: {"questions": counts[row].total(), **{one: counts[row][one] for one in (EQUAL, DIFFERENT, OPEN, UNREAD)}}
        for row in order
    }


def _differing(
    questions: Sequence[QuestionAnswer], outcomes: Sequence[str], facts: dict[str, Facts]
) -> dict[str, dict[str, Value]]:
    rows: dict[str, dict[str, Value]] = {}
    for one, outcome in zip(questions, outcomes, strict=True):
        asked = asked_of(one)
        if outcome == DIFFERENT and asked is not None:
            rows[f"{one.kind} {one.sample}"] = {
                "template": one.template,
                "of": ", ".join((*asked.names, asked.place)).strip(", "),
                "ECGs": ", ".join(one.records),
                "ours": ", ".join(answer(asked, [facts[record] for record in one.records]) or ()),
                "published": ", ".join(one.answers),
            }
    return rows


def _reasons(questions: Sequence[QuestionAnswer], outcomes: Sequence[str]) -> dict[str, dict[str, Value]]:
    counts = Counter(
        "measured on the signal, which no table holds" if one.attribute_kind in MEASURED else _why(one)
        for one, outcome in zip(questions, outcomes, strict=True)
        if outcome == OPEN
    )
    return {why: {"questions": count} for why, count in counts.most_common()}


def _why(question: QuestionAnswer) -> str:
    said = {
        "noise": "interference is marked without a lead, or illegibly",
        "scp_code": "no lead is named for the wave shape",
        "stage_of_infarction": "the stage is unknown",
        "extra_systole": "the cell on extra beats cannot be read",
    }
    return said.get(question.attribute_kind, "the table does not say")
