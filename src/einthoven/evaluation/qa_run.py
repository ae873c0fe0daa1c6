"""`evaluate qa` with an archive: who is asked, on which ECGs, fitted on which others."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.answering import Scales, View, see, shipped_scales
from einthoven.answering.advised import contexts
from einthoven.answering.prompts import Context
from einthoven.answering.protocol import Protocol
from einthoven.datasets import PTBXL
from einthoven.datasets.ecg_qa import facts_of_ptbxl, generate
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import Bools, EinthovenError, UsageError
from einthoven.evaluation.qa_answers import Answerer
from einthoven.evaluation.qa_contest import OTHER, OURS, PLAIN, RANDOM, AnotherPatient, ByModel, Ours, RandomNeighbours
from einthoven.evaluation.qa_exam import Exam, limited
from einthoven.evaluation.qa_fairness import Who, only_about, refuse_leaks
from einthoven.evaluation.qa_lift import coverage, lifts, readings
from einthoven.evaluation.qa_scales import fit_questions, fit_scales
from einthoven.evaluation.qa_sides import sides_of
from einthoven.evaluation.table import Part, Table
from einthoven.evaluation.tasks import qa
from einthoven.retrieval import Archive

FIT_EACH = 150
"""Questions of each template at most that the lines are fitted to."""
SINGLE = ("single-verify", "single-choose", "single-query")

Progress = Callable[[str], None]
Named = Mapping[str, Protocol | str]
"""Language models by the name of their row; words where one cannot be asked, which then stand in its row."""


@dataclass(frozen=True)
class Fitted:
    """What of ours was fitted to other ECGs: scales of what is seen, lines of balanced questions; and to which."""

    scales: Scales
    lines: Scales
    to: str


@dataclass(frozen=True)
class Run:
    """What is asked of whom.

    Args:
        data: PTB-XL's folder, with signals. archive: of PTB-XL's ECGs.
        fold: whose ECGs are asked about, 9 unless given, or 10; none where the archive's model was trained on ECG-QA's
            train ECGs.
        published: ECG-QA's folder, whose lists then say who is asked and who fits.
        limit: questions of each kind. models: are asked single questions only, as in the paper; then so is everybody.
        trained_on: folds that the archive's model was trained on, where its card does not say.
    """

    data: Path
    archive: Archive
    fold: int | None = None
    limit: int | None = None
    models: Named = field(default_factory=dict)
    trained_on: Collection[int] = ()
    seed: int = 0
    published: Path | None = None

    def table(self, exam: Exam, progress: Progress = lambda line: None) -> Table:
        """Exact match of ours, controls, language models and baselines on the same questions, with lift and coverage.

        On fold 9 half of the patients fit the lines, and questions are about the others; on fold 10 all of fold 9 fits.
        So it is with ECG-QA's validation and test ECGs. The scales of extra beats, interference and the like are those
        that ship, learnt on fold 9; by lists they are learnt anew, for ECG-QA's test ECGs lie in fold 9, too.

        Raises:
            UsageError: a leak (`sides_of`, `refuse_leaks`), or no question that can be asked.
            DataError: lacking signals.
        """
        source, who = PTBXL(self.data), Who.of(self.data)
        sides = sides_of(source, who, self.archive, self.fold, self.published, exam.part, self.trained_on)
        exam = only_about(exam, sides.asked)
        if self.models:
            exam = replace(exam, questions=[one for one in exam.questions if one.kind in SINGLE])
        if self.limit is not None:
            exam = replace(exam, questions=limited(exam.questions, self.limit, self.seed))
        if not exam.questions:
            raise UsageError("No question is left to ask.", "Name another --part or --fold.")
        fair = {**sides.facts, **refuse_leaks(exam.questions, self.archive, who, sides.seen)}
        if shared := {who.patient[one] for one in sides.fitted} & {who.patient[one] for one in exam.records()}:
            raise UsageError(f"{len(shared)} patients are asked about and fitted to.", "Use the published parts.")
        views = _Views(source, sides.entries, self.archive, progress)
        facts = {one.record: one for one, _ in facts_of_ptbxl(self.data, lambda record, fold: record in sides.fitted)}
        learnt = few(list(generate(list(facts.values()), "valid", self.seed)), FIT_EACH, self.seed)
        scales = Scales(fit_scales({one: views(one) for one in facts}, facts)) if sides.own else shipped_scales()
        fitted = Fitted(
            scales,
            fit_questions(learnt, views, scales),
            f"{len(learnt)} questions about {len(facts)} ECGs of {sides.whose}, "
            f"{len({one.patient for one in facts.values()})} patients",
        )
        return self._table(exam, views, fitted, fair, who, progress)

    def _table(
        self,
        exam: Exam,
        views: _Views,
        fitted: Fitted,
        fair: Mapping[str, object],
        who: Who,
        progress: Progress,
    ) -> Table:
        others = {record: who.patient[record] for record in exam.records()}
        ours = {
            OURS: Ours(views, fitted.lines, fitted.scales),
            PLAIN: Ours(views, Scales(), fitted.scales),
            RANDOM: Ours(RandomNeighbours(views, self.archive, self.seed), fitted.lines, fitted.scales),
        }
        if len(set(others.values())) > 1:
            ours[OTHER] = Ours(AnotherPatient(views, others, self.seed), fitted.lines, fitted.scales)
        asked, silent = self._models(views, exam, progress)

        def more(
            right: Mapping[str, Bools], questions: Sequence[QuestionAnswer], patients: NDArray[np.str_]
        ) -> list[Part]:
            over = [qa.BY_KIND, qa.BY_TEMPLATE, qa.ONLY, RANDOM, OTHER, *(n for n in asked if asked[n].at_random)]
            of = [OURS, *(name for name in asked if not asked[name].at_random)]
            sure = {name: ours[name].sure for name in (OURS, PLAIN)}
            return [
                *lifts(right, of, over, questions, patients, qa.DRAWS),
                coverage(right, sure, questions, patients, qa.DRAWS),
                readings(questions),
            ]

        callables: dict[str, Answerer] = {**ours, **asked}
        table = qa.evaluate_qa(exam, (), callables, progress, more)
        said = {
            f"answers of {name}": f"{one.outside} outside the options, {one.unread} without an answer, "
            f"{len(one.failed)} cut or empty"
            for name, one in asked.items()
        }
        facts = {
            **table.facts,
            **fair,
            "fitted_to": fitted.to,
            "limit_by_kind": self.limit,
            **said,
        }
        rows = {**table.cells, **{name: {qa.EVERY: f"not run: {why}"} for name, why in silent.items()}}
        return replace(table, facts=facts, cells=rows)

    def _models(self, views: _Views, exam: Exam, progress: Progress) -> tuple[dict[str, ByModel], dict[str, str]]:
        asked: dict[str, ByModel] = {}
        silent = {name: one for name, one in self.models.items() if isinstance(one, str)}
        index = self.archive.collection.columns(["record"])["record"]
        told = _Told(self.data, self.archive)
        for name, one in self.models.items():
            if isinstance(one, str):
                continue
            try:  # an endpoint that is not there is known before thousands of questions
                one.ask("verify", exam.questions[0].question, ("no", "yes"), ())
            except EinthovenError as fault:
                if fault.kind != "answer":
                    silent[name] = fault.message
                    continue
            asked[f"{name}, k = 3 reports"] = ByModel(one, views, told, index)
            asked[f"control: {name}, reports drawn at random"] = ByModel(one, views, told, index, at_random=True)
        return asked, silent


class _Views:
    """What is known of ECGs, each looked at once."""

    def __init__(self, source: PTBXL, entries: Mapping[str, object], archive: Archive, progress: Progress) -> None:
        self._source, self._entries, self._archive, self._progress = source, entries, archive, progress
        self._seen: dict[str, View] = {}

    def __call__(self, record: str) -> View:
        if record not in self._seen:
            ecg = self._source.row(self._entries[record]).ecg()  # type: ignore[arg-type]
            self._seen[record] = see(ecg.described(statements=()), self._archive)
            if len(self._seen) % 50 == 0:
                self._progress(f"{len(self._seen)} ECGs looked at")
        return self._seen[record]


class _Told:
    """Reports of PTB-XL's table and diagnoses of the archive, for ECGs of the index."""

    def __init__(self, data: Path, archive: Archive) -> None:
        from einthoven.datasets.csvfile import lines

        table = lines(data / "ptbxl_database.csv", ("ecg_id", "report"))
        self._reports = {f"ptb-xl/{int(line['ecg_id']):05d}": line["report"] for line in table}
        columns = archive.collection.columns(["record", "codes"])
        self._codes = dict(zip(columns["record"], columns["codes"], strict=True))

    def __call__(self, records: Sequence[str]) -> Sequence[Context]:
        from einthoven.answering.advised import diagnoses_of

        return [Context(one, self._reports.get(one, ""), diagnoses_of(self._codes[one])) for one in records]


def few(questions: Sequence[QuestionAnswer], most: int, seed: int) -> list[QuestionAnswer]:
    """At most so many of each template."""
    of: dict[int, list[QuestionAnswer]] = defaultdict(list)
    for one in questions:
        of[one.template].append(one)
    return [
        one
        for number in sorted(of)
        for one in random.Random(f"{seed} {number}").sample(of[number], min(most, len(of[number])))
    ]


__all__ = ["Run", "contexts", "few"]
