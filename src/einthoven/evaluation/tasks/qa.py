"""Question answering: exact match by kind and attribute, beside what can be said without looking, and the ceiling."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets.ecg_qa import KINDS, VERSION, frozen_hash
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import Bools, UsageError
from einthoven.evaluation.cells import Cell, Rows, Value
from einthoven.evaluation.qa_answers import Answerer, Given, Knowing, Majority, QuestionOnly, allowed, ask, normal
from einthoven.evaluation.qa_exam import Exam
from einthoven.evaluation.table import Part, Table
from einthoven.metrics import patient_bootstrap, ratio_statistic

DRAWS = 1000
BY_KIND, BY_TEMPLATE = "baseline: most common answer of the kind", "baseline: most common answer of the template"
ONLY = "baseline: most common answer of the question"
STATED, TABLE = "ceiling: every statement known, nothing else", "ceiling: all that the table says"
EVERY = "all questions"
NOTES = (
    "Right is an answer that is the same set, upper and lower case aside (exact match, as in ECG-QA). An answer that "
    "was not given is wrong.",
    "The ceilings know what the data set says, and answer like the template's most common where that leaves it open.",
    "A question about two ECGs is counted with the first one's patient in the intervals.",
)

Progress = Callable[[str], None]
More = Callable[[Mapping[str, Bools], Sequence[QuestionAnswer], NDArray[np.str_]], Sequence[Part]]
"""From which questions (n) each row has right, the questions, and their patients (n,), to further tables."""


def evaluate_qa(
    exam: Exam,
    answerers: Sequence[Given] = (),
    callables: Mapping[str, Answerer] | None = None,
    progress: Progress = lambda line: None,
    more: More = lambda right, questions, patients: (),
) -> Table:
    """Exact match of answers, by kind of question; further tables by attribute and, in JSON, by template.

    Args:
        answerers: answers that were given elsewhere. callables: answerers by name, which are asked here.
        more: further tables.

    Raises:
        UsageError: no question, or answers to questions that are not asked.
        DataError: a question that does not say what it asks.
    """
    questions = exam.questions
    if not questions:
        raise UsageError("There is no question to answer.", "Name another part, or more ECGs.")
    by_kind = Majority(lambda one: one.kind, exam.learnt, questions)
    by_template = Majority(lambda one: one.template, exam.learnt, questions)
    progress("asking")
    given = list(answerers) + [ask(one, questions, name) for name, one in (callables or {}).items()]
    _refuse_strangers(given, questions)
    exam.note(f"evaluate qa, {', '.join(one.name for one in given) or 'baselines and ceilings alone'}")
    given += [ask(by_kind, questions, BY_KIND), ask(by_template, questions, BY_TEMPLATE)]
    given += [ask(QuestionOnly(exam.learnt, by_template), questions, ONLY)]
    given += [ask(Knowing(exam.facts, by_template, statements_alone=True), questions, STATED)]
    if exam.seed is None:
        given += [ask(Knowing(exam.facts, by_template), questions, TABLE)]
    right = {one.name: _right(one, questions) for one in given}
    if len(right) < len(given):
        raise UsageError("Two answerers have the same name.", "Name the files of answers differently.")
    patients = np.array([exam.facts[one.records[0]].patient for one in questions])
    progress("intervals")
    kinds = {EVERY: np.ones(len(questions), np.bool_)} | places(questions, lambda one: one.kind, KINDS)
    over = places(questions, lambda one: one.attribute_kind)
    return Table(
        title="Questions: exact match by kind [95% patient bootstrap]",
        cells={"questions": _counts(kinds), **_cells(right, kinds, patients)},
        parts=[
            Part("By what is asked about", {"questions": _counts(over), **_cells(right, over, patients)}),
            Part("By template", _by_template(questions, right), shown=False),
            *more(right, questions, patients),
        ],
        notes=NOTES,
        facts={
            "task": "qa",
            "questions": exam.title,
            "part": exam.part,
            "n": len(questions),
            "ecgs": len(exam.records()),
            "patients": len({exam.facts[record].patient for record in exam.records()}),
            "ptb-xl_folds": exam.fold_counts(),
            "data_sha256": exam.hashes(),
            "templates": VERSION,
            "frozen_sha256": frozen_hash(),
            "seed": exam.seed,
            "measured_values": exam.measured,
            "learnt_from": f"{len(exam.learnt)} questions of the training part",
            "learnt_from_itself": ", ".join(by_kind.of_itself) or None,
            **{f"answers of {one.name}": _said_of(one, questions) for one in given if one.sha256},
        },
    )


def _right(given: Given, questions: Sequence[QuestionAnswer]) -> Bools:
    return np.array([given.by_sample.get(one.sample) == normal(one.answers) for one in questions], np.bool_)


def _refuse_strangers(given: Sequence[Given], questions: Sequence[QuestionAnswer]) -> None:
    samples = {one.sample for one in questions}
    for one in given:
        if strange := sorted(set(one.by_sample) - samples):
            raise UsageError(
                f"{one.name} answers question {strange[0]}, which is not asked.",
                "Answer the questions of this part and seed: einthoven evaluate qa --write FILE.json.",
            )


def _said_of(given: Given, questions: Sequence[QuestionAnswer]) -> str:
    """Of a file of answers: its hash, what is missing, and what its question does not allow."""
    missing = sum(given.by_sample.get(one.sample) is None for one in questions)
    strange = sum(not set(given.by_sample.get(one.sample) or ()) <= set(allowed(one)) for one in questions)
    return f"{given.sha256}, {missing} not given, {strange} outside the allowed answers"


def places(
    questions: Sequence[QuestionAnswer], key: Callable[[QuestionAnswer], str], order: Sequence[str] = ()
) -> dict[str, Bools]:
    keys = np.array([key(one) for one in questions])
    there = set(keys.tolist())
    return {one: keys == one for one in (*(o for o in order if o in there), *sorted(there - set(order)))}


def _counts(places: Mapping[str, Bools]) -> Mapping[str, Value]:
    return {name: int(place.sum()) for name, place in places.items()}


def _cells(right: Mapping[str, Bools], places: Mapping[str, Bools], patients: NDArray[np.str_]) -> Rows:
    names, patient_of = np.unique(patients, return_inverse=True)
    rows: dict[str, dict[str, Value]] = defaultdict(dict)
    for column, place in places.items():
        asked = np.bincount(patient_of[place], minlength=len(names))
        for row, each in right.items():
            held = np.bincount(patient_of[place & each], minlength=len(names))
            inside = asked > 0
            if inside.sum() < 2:  # a single patient has no interval
                rows[row][column] = float(held.sum() / asked.sum())
                continue
            statistic = ratio_statistic(held[inside], asked[inside])
            rows[row][column] = Cell.of(patient_bootstrap(statistic, names[inside], DRAWS))
    return rows


def _by_template(questions: Sequence[QuestionAnswer], right: Mapping[str, Bools]) -> Rows:
    numbers = np.array([one.template for one in questions])
    rows: dict[str, dict[str, Value]] = {}
    for number in sorted(set(numbers.tolist())):
        place = numbers == number
        there = [one for one, here in zip(questions, place, strict=True) if here]
        said = Counter(normal(one.answers) for one in there)
        rows[str(number)] = {
            "kind": there[0].kind,
            "questions": len(there),
            "different answers": len(said),
            "most common": ", ".join(said.most_common(1)[0][0] or ()),
            **{name: float(each[place].mean()) for name, each in right.items()},
        }
    return rows
