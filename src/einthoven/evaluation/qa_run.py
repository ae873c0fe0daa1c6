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
from einthoven.datasets.ecg_qa import Facts, facts_of_ptbxl, generate
from einthoven.datasets.ecgqa import QuestionAnswer
from einthoven.ecg import Bools, EinthovenError, UsageError
from einthoven.evaluation.qa_answers import Answerer
from einthoven.evaluation.qa_contest import OTHER, OURS, PLAIN, RANDOM, AnotherPatient, ByModel, Ours, RandomNeighbours
from einthoven.evaluation.qa_exam import Exam, limited
from einthoven.evaluation.qa_fairness import Who, only_about, refuse_leaks, trained_folds
from einthoven.evaluation.qa_lift import coverage, lifts, readings
from einthoven.evaluation.qa_scales import fit_questions
from einthoven.evaluation.table import Part, Table
from einthoven.evaluation.tasks import qa
from einthoven.retrieval import Archive
from einthoven.retrieval.guarantee import halves

CHOOSING = 9
FIT_EACH = 150
"""Questions of each template at most that the lines are fitted to."""
SINGLE = ("single-verify", "single-choose", "single-query")

Progress = Callable[[str], None]
Named = Mapping[str, Protocol | str]
"""Language models by the name of their row; words where one cannot be asked, which then stand in its row."""


@dataclass(frozen=True)
class Run:
    """What is asked of whom.

    Args:
        data: PTB-XL's folder, with signals. archive: of PTB-XL's ECGs. fold: whose ECGs are asked about, 9 or 10.
        limit: questions of each kind. models: are asked single questions only, as in the paper; then so is everybody.
        trained_on: folds that the archive's model was trained on, where its card does not say.
    """

    data: Path
    archive: Archive
    fold: int = CHOOSING
    limit: int | None = None
    models: Named = field(default_factory=dict)
    trained_on: Collection[int] = ()
    seed: int = 0

    def table(self, exam: Exam, progress: Progress = lambda line: None) -> Table:
        """Exact match of ours, controls, language models and baselines on the same questions, with lift and coverage.

        On fold 9 half of the patients fit the lines, and questions are about the others; on fold 10 all of fold 9 fits.

        Raises:
            UsageError: a leak (`refuse_leaks`), or no question that can be asked. DataError: lacking signals.
        """
        if self.fold not in (CHOOSING, 10):
            raise UsageError(f"Fold {self.fold} is not for evaluation.", "Evaluate on fold 9 or 10.")
        source, who = PTBXL(self.data), Who.of(self.data)
        entries = {entry.record: entry for entry in source.present((CHOOSING, self.fold))}
        choosing = [entry for entry in entries.values() if entry.fold == CHOOSING]
        first = halves([entry.patient for entry in choosing])
        fitted = [one.record for one, chosen in zip(choosing, first, strict=True) if chosen or self.fold != CHOOSING]
        asked = {record for record, entry in entries.items() if entry.fold == self.fold} - set(fitted)
        exam = only_about(exam, asked)
        if self.models:
            exam = replace(exam, questions=[one for one in exam.questions if one.kind in SINGLE])
        if self.limit is not None:
            exam = replace(exam, questions=limited(exam.questions, self.limit, self.seed))
        if not exam.questions:
            raise UsageError("No question is left to ask.", "Name another --part or --fold.")
        fair = refuse_leaks(exam.questions, self.archive, who, trained_folds(self.archive, self.trained_on))
        if shared := {who.patient[record] for record in fitted} & {who.patient[record] for record in exam.records()}:
            raise UsageError(f"{len(shared)} patients are asked about and fitted to.", "Use PTB-XL's own folds.")
        views = _Views(source, entries, self.archive, progress)
        facts = {one.record: one for one, _ in facts_of_ptbxl(self.data, lambda record, fold: record in set(fitted))}
        learnt = few(list(generate(list(facts.values()), "valid", self.seed)), FIT_EACH, self.seed)
        lines = fit_questions(learnt, views, shipped_scales())
        return self._table(exam, views, lines, fair, len(learnt), facts, who, progress)

    def _table(
        self,
        exam: Exam,
        views: _Views,
        lines: Scales,
        fair: Mapping[str, object],
        learnt: int,
        fitted: Mapping[str, Facts],
        who: Who,
        progress: Progress,
    ) -> Table:
        others = {record: who.patient[record] for record in exam.records()}
        ours = {
            OURS: Ours(views, lines),
            PLAIN: Ours(views, Scales()),
            RANDOM: Ours(RandomNeighbours(views, self.archive, self.seed), lines),
        }
        if len(set(others.values())) > 1:
            ours[OTHER] = Ours(AnotherPatient(views, others, self.seed), lines)
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
            "fold_asked": self.fold,
            "fitted_to": f"{learnt} questions about {len(fitted)} ECGs of fold {CHOOSING}, "
            f"{len({one.patient for one in fitted.values()})} patients",
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
