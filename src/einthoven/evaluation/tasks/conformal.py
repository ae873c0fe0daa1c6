"""Does the guarantee of an archive's calibration hold: on patients it did not see, and on ECGs from elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.collection import Row
from einthoven.datasets import open_elsewhere
from einthoven.ecg import ECG, Bools, Floats, UsageError
from einthoven.evaluation.asked import ask
from einthoven.evaluation.cells import Cell, Value
from einthoven.evaluation.elsewhere_bounds import by_source, statements_elsewhere
from einthoven.evaluation.fingerprint import Fingerprint
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Part, Table
from einthoven.evaluation.tasks.shift import Reading
from einthoven.metrics import patient_bootstrap, ratio_statistic
from einthoven.reporting import report
from einthoven.reporting.look import Look, look
from einthoven.retrieval import POSSIBLE, Archive, Calibration, Evidence
from einthoven.retrieval.guarantee import halves, highest_critical
from einthoven.retrieval.learn import Answered, fitted
from einthoven.statements import VOCABULARY

SEEDS = 5
DRAWS = 1000
FALSE, LEFT = "false calls / with it", "left out / with it"
WITH, MISSED, PLAIN, MISSED_PLAIN = (
    "ECGs with it",
    "critical missed / none seen",
    "plain drafts",
    "critical / plain drafts",
)
BEFORE, AFTER = "without the bound (rule before)", "with the bound"
NOTES = (
    "Halves of the fold by patient: one calibrates (half of it the weights, half the bounds), the other is judged; "
    "several draws, pooled. Intervals are 95% bootstraps of patients over these draws together.",
    f"None seen: no critical finding has a confidence of {POSSIBLE:.0%} or more. Missed: the ECG carries one, and none "
    "has a confidence from the bound on, so that nothing asks for caution.",
    "Coverage is 1 minus what is left out. The guarantee is for the mean over calibrations and new patients; any one "
    "calibration, and any one row, may lie above the level by chance.",
    "A rare statement has bounds in those draws that happen to calibrate on more of its patients and leave fewer to be "
    "judged: rows with fewer draws than others read too high.",
    "The bound only takes plain drafts away, those with the highest critical confidence first: at the same share of "
    "plain drafts it is the former rule with another number in the place of 20%.",
)
ELSEWHERE = (
    "Elsewhere patients are not exchangeable with those of the calibration, so that nothing is promised: what lies "
    "above its level there is what the shift costs."
)

Progress = Callable[[str], None]


@dataclass(frozen=True)
class _Fold:
    """The ECGs (q) of a fold, what they show and what the archive answers."""

    ecgs: Sequence[ECG]
    looks: Sequence[Look]
    evidence: Sequence[Evidence]
    asked: Answered


class _Calibrated:
    """An archive with another calibration, which has answered already."""

    def __init__(self, archive: Archive, calibration: Calibration) -> None:
        self._archive = archive
        self.calibration = calibration
        self.answer: Evidence | None = None

    def __len__(self) -> int:
        return len(self._archive)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._archive, name)

    def evidence(self, ecg: ECG, k: int, where: str | None = None) -> Evidence:
        """The answer that was laid ready, with this calibration's confidences."""
        ready = self.answer
        if ready is None:
            raise UsageError("No answer was laid ready.", "Set it before each draft.")
        return replace(ready, confidence=self.calibration.confidence(ready.codes, ready.votes, ready.head))


def evaluate_conformal(
    archive: Archive,
    question: Question,
    elsewhere: Sequence[Path] = (),
    seeds: int = SEEDS,
    progress: Progress = lambda line: None,
) -> Table:
    """Errors for each case that counts, beside their level: on halves of a fold, and on other data sets.

    On the fold the archive's own calibration is not used: each half calibrates anew, and the other is judged.
    Elsewhere the archive's own is used as it is.

    Args:
        question: the fold that is asked. elsewhere: folders as `evaluate shift` takes them.

    Raises:
        UsageError: a fold or an ECG that is in the archive, no log, or an archive that is not calibrated.
        DataError: a data set is not there.
    """
    calibration = archive.calibration
    if calibration is None:
        raise UsageError("The archive is not calibrated.", "Calibrate it: einthoven archive calibrate DIR.")
    sets = [each for folder in elsewhere for each in open_elsewhere(folder)]
    stored = archive.collection.columns(["record", "sha256"])
    source, entries = question.entries(set(stored["record"]))
    what = f"evaluate conformal, {archive.name}, {archive.model.name} {archive.model.sha256[:12]}"
    question.note(what, archive.model)
    fingerprint = Fingerprint()
    rows = fingerprint.of(map(source.row, entries))
    fold = _asked(archive, question, rows, entries, calibration.k, progress)
    learned = _Tally(fold.asked)
    for seed in range(seeds):
        _judge(archive, fold, seed, calibration, learned)
        progress(f"half {seed + 1} of {seeds} judged")
    cells, labels = learned.drafts(), learned.statements()
    parts = [Part(f"Statements on the other half, level {calibration.guarantee.alpha:.0%}", labels)]
    reading = Reading(sets, set(stored["sha256"]), question.limit)
    if sets:
        answers = ask(archive, reading, lambda n: progress(f"elsewhere: {n} ECGs drafted"))
        parts += [
            Part("Elsewhere, with the archive's own calibration", by_source(answers, calibration.guarantee, DRAWS)),
            Part(
                f"Statements elsewhere, level {calibration.guarantee.alpha:.0%}",
                statements_elsewhere(answers, calibration.guarantee),
            ),
        ]
    return Table(
        title=f"Drafts on the other half, level of critical findings {calibration.guarantee.critical_alpha:.0%} "
        "[95% patient bootstrap]",
        cells=cells,
        parts=parts,
        notes=(*NOTES, ELSEWHERE) if sets else NOTES,
        facts={
            "task": "conformal",
            "dataset": f"{question.dataset} {source.release}",
            "fold": question.fold,
            "ecgs": len(entries),
            "patients": len(set(fold.asked.patients)),
            "data_sha256": fingerprint.hexdigest(),
            "halves": seeds,
            "seeds": f"0 to {seeds - 1}",
            "alpha": calibration.guarantee.alpha,
            "critical_alpha": calibration.guarantee.critical_alpha,
            "bounds_of_halves": ", ".join("none" if one is None else f"{one:.3f}" for one in learned.bounds),
            "archive": archive.name,
            "archive_bound": calibration.guarantee.critical,
            "model": archive.model.name,
            "model_sha256": archive.model.sha256,
            "limited_to": question.limit,
            "unreadable": len(reading.refused) if sets else None,
        },
    )


def _asked(
    archive: Archive, question: Question, rows: Iterable[Row], entries: Sequence[Any], k: int, progress: Progress
) -> _Fold:
    ecgs, looks, evidence = [], [], []
    for row in rows:
        ecg = row.ecg()
        ecgs.append(ecg)
        looks.append(look(ecg))
        evidence.append(archive.evidence(ecg, k))
        progress(f"fold {question.fold}: {len(ecgs)} of {len(entries)} ECGs asked")
    said = [[s.code for s in entry.statements if s.code is not None] for entry in entries]
    codes = evidence[0].codes
    return _Fold(
        ecgs,
        looks,
        evidence,
        Answered(
            codes=codes,
            votes=np.array([one.votes for one in evidence]),
            head=np.array([one.head for one in evidence]),
            nearest=np.array([one.neighbours[0].similarity for one in evidence], np.float32),
            truth=np.array([np.isin(codes, some) for some in said]),
            critical=np.array([any(VOCABULARY[code].critical for code in some) for some in said]),
            patients=np.array([entry.patient for entry in entries]),
        ),
    )


class _Tally:
    """Errors and cases by ECG (n), summed over draws of halves; and the bounds that they gave."""

    def __init__(self, asked: Answered) -> None:
        self.asked = asked
        n, codes = asked.truth.shape
        self.bounds: list[float | None] = []
        self.false, self.left, self.called_cases, self.left_cases = (np.zeros((n, codes)) for _ in range(4))
        self.given = np.zeros(codes, int)
        self.judged = np.zeros(n)
        self.unseen, self.missed = np.zeros(n), {name: np.zeros(n) for name in (BEFORE, AFTER)}
        self.plain = {name: np.zeros(n) for name in (BEFORE, AFTER)}

    def drafts(self) -> dict[str, dict[str, Value]]:
        """The critical event and the plain drafts, before and after."""
        return {
            name: {
                MISSED: self._ratio(self.missed[name], self.unseen),
                PLAIN: self._ratio(self.plain[name], self.judged),
                MISSED_PLAIN: self._ratio(self.plain[name] * self.asked.critical, self.plain[name]),
                "of plain drafts a draw": round(float(self.plain[name].sum()) / len(self.bounds)),
                "with a critical finding": round(
                    float((self.plain[name] * self.asked.critical).sum()) / len(self.bounds), 1
                ),
            }
            for name in (BEFORE, AFTER)
        }

    def statements(self) -> dict[str, dict[str, Value]]:
        """Each statement that had a bound in some draw, the most frequent first; the others in the last row."""
        rows: dict[str, dict[str, Value]] = {}
        count = self.asked.truth.sum(0)
        order = [at for at in np.argsort(-count, kind="stable") if self.given[at]]
        for at in order:
            row: dict[str, Value] = {WITH: int(count[at]), "draws with bounds": int(self.given[at])}
            row[FALSE] = self._ratio(self.false[:, at], self.called_cases[:, at])
            row[LEFT] = self._ratio(self.left[:, at], self.left_cases[:, at])
            rows[self.asked.codes[at]] = row
        shares = {
            FALSE: self._ratio(self.false[:, order].sum(1), self.called_cases[:, order].sum(1)),
            LEFT: self._ratio(self.left[:, order].sum(1), self.left_cases[:, order].sum(1)),
        }
        without = [code for at, code in enumerate(self.asked.codes) if not self.given[at]]
        return {
            f"all {len(order)}": shares,
            **rows,
            f"no guarantee ({len(without)})": {FALSE: ", ".join(without), LEFT: ""},
        }

    def _ratio(self, above: Floats, below: Floats) -> Value:
        if not below.any():
            return "none"
        try:
            return Cell.of(patient_bootstrap(ratio_statistic(above, below), self.asked.patients, DRAWS))
        except UsageError:
            return round(float(above.sum() / below.sum()), 3)  # of so few that draws often hold none


def _judge(archive: Archive, fold: _Fold, seed: int, like: Calibration, tally: _Tally) -> None:
    """Calibrates on one half of the patients, and adds what becomes of the other."""
    asked = fold.asked
    first = halves(asked.patients.tolist(), seed)
    found = fitted(asked.where(first), like.k, like.version, f"half {seed}", seed)
    promise = found.guarantee
    confidence = found.confidence(asked.codes, asked.votes, asked.head)
    tally.bounds.append(promise.critical)
    tally.judged += ~first
    for column, code in enumerate(asked.codes):
        bounds, truth = promise.labels[code], asked.truth[:, column]
        if bounds.present is None or bounds.absent is None:
            continue
        tally.given[column] += 1
        tally.false[:, column] += ~first & ~truth & (confidence[:, column] > bounds.present)
        tally.left[:, column] += ~first & truth & (confidence[:, column] < bounds.absent)
        tally.called_cases[:, column] += ~first & truth
        tally.left_cases[:, column] += ~first & truth
    highest = highest_critical(asked.codes, confidence)
    unseen = ~first & (highest < POSSIBLE)
    tally.unseen += unseen
    limits = {BEFORE: 1.0, AFTER: 0.0 if promise.critical is None else promise.critical}
    for name, limit in limits.items():
        tally.missed[name] += unseen & asked.critical & (highest < limit)
        guarantee = promise if name == AFTER else replace(promise, critical=1.0)
        tally.plain[name] += _plain(_Calibrated(archive, replace(found, guarantee=guarantee)), fold, ~first)


def _plain(archive: _Calibrated, fold: _Fold, which: Bools) -> Bools:
    """Which ECGs (q) of those asked for get a plain draft."""
    plain = np.zeros(len(which), np.bool_)
    for at in np.flatnonzero(which).tolist():
        archive.answer = fold.evidence[at]
        ecg = fold.ecgs[at].described(statements=())
        plain[at] = report(ecg, archive, seen=fold.looks[at]).outcome == "draft"  # type: ignore[arg-type]
    return plain
