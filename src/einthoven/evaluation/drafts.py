"""How far drafts agree with what PTB-XL states: precision, recall and F1 of statements, outcomes, calibration."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence

import numpy as np

from einthoven.ecg import Bools, Floats
from einthoven.evaluation.cells import Cell
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Table
from einthoven.metrics import Statistic, clopper_pearson, expected_calibration_error, patient_bootstrap, ratio_statistic
from einthoven.reporting import report
from einthoven.retrieval import Archive
from einthoven.statements import VOCABULARY

DRAWS = 1000
COMMON = 0.5  # share of the archive from which on a statement counts as most common
RAISED = 0.1  # confidences from here on are judged for calibration

Progress = Callable[[str], None]


def evaluate_report(
    archive: Archive,
    question: Question,
    progress: Progress = lambda line: None,
) -> Table:
    """Statements of drafts against the codes of PTB-XL, on one fold that is not in the archive.

    Columns: micro precision, recall and F1 over all codes, with 95% patient bootstraps. Rows: what drafts state as
    present; the same of outcome "draft" alone; and as baselines the statements of the nearest ECG, and those that
    most of the archive carries. An ECG without a draft states nothing. The facts hold the outcomes, the recall of
    critical statements (present or possible) with its Clopper-Pearson interval, and the calibration error of
    the confidences from 0.1 on.

    Args:
        question: the fold that is asked; 9 has calibrated the archive that ships: its figures there are optimistic.

    Raises:
        UsageError: another fold, records that are in the archive too, or no log.
        DataError: the data set is not there.
    """
    known = set(archive.collection.columns(["record"])["record"])
    source, entries = question.entries(known)
    question.note(f"evaluate report, {archive.name}, {archive.model.name} {archive.model.sha256[:12]}")
    codes = VOCABULARY.codes()
    truth, drafted, possible, nearest = (np.zeros((len(entries), len(codes)), np.bool_) for _ in range(4))
    outcomes: list[str] = []
    confidences, holds = [], []
    for row, entry in enumerate(entries):
        ecg = source.row(entry).ecg()
        truth[row] = _carried(codes, [s.code for s in entry.statements])
        draft = report(ecg, archive)
        outcomes.append(draft.outcome)
        drafted[row] = _carried(codes, [s.code for s in draft.statements if s.polarity == "present"])
        possible[row] = _carried(codes, [s.code for s in draft.statements])
        found = archive.evidence(ecg)
        nearest[row] = _carried(codes, found.neighbours[0].codes)
        confidences.append(found.confidence)
        holds.append(_carried(found.codes, [s.code for s in entry.statements]))
        progress(f"fold {question.fold}: {row + 1} of {len(entries)} ECGs drafted")
    share = Counter(code for codes_of in archive.collection.columns(["codes"])["codes"] for code in codes_of)
    common = [code for code, count in share.items() if count > COMMON * len(archive)]
    plain = np.array(outcomes) == "draft"
    rows: dict[str, tuple[Bools, Bools]] = {
        "drafts, as present": (drafted, np.ones(len(entries), np.bool_)),
        "drafts of outcome 'draft' alone": (drafted, plain),
        "baseline: statements of the nearest ECG": (nearest, np.ones(len(entries), np.bool_)),
        f"baseline: most common ({', '.join(common)})": (
            np.tile(_carried(codes, common), (len(entries), 1)),
            np.ones(len(entries), np.bool_),
        ),
    }
    patients = np.array([entry.patient for entry in entries])
    critical = np.isin(codes, VOCABULARY.critical_codes())
    raised, there = int((possible & truth)[:, critical].sum()), int(truth[:, critical].sum())
    return Table(
        title="Statements of drafts against PTB-XL's codes [95% patient bootstrap]",
        cells={
            name: {
                column: Cell.of(patient_bootstrap(statistic, patients[kept], DRAWS))
                for column, statistic in _micro(truth[kept], stated[kept]).items()
            }
            for name, (stated, kept) in rows.items()
            if kept.any() and stated[kept].any() and truth[kept].any()
        },
        facts={
            "task": "report",
            "dataset": f"{question.dataset} {source.release}",
            "fold": question.fold,
            "ecgs": len(entries),
            "patients": len(set(patients)),
            "shared_records": 0,
            "archive": archive.name,
            "model": archive.model.name,
            "model_sha256": archive.model.sha256,
            "outcomes": ", ".join(f"{name} {outcomes.count(name)}" for name in ("draft", "caution", "none")),
            "critical_recall": _share(raised, there),
            "critical_stated_without_code": int((possible & ~truth)[:, critical].sum()),
            f"calibration_error_of_confidences_from_{RAISED}": _calibration_error(holds, confidences),
            "limited_to": question.limit,
        },
    )


def _calibration_error(holds: Sequence[Bools], confidences: Sequence[Floats]) -> float:
    """Of the confidences that matter: the many near 0 would hide the others."""
    truth, confidence = np.concatenate(holds), np.concatenate(confidences)
    raised = confidence >= RAISED
    return round(expected_calibration_error(truth[raised], confidence[raised]), 4)


def _carried(codes: Sequence[str], present: Sequence[str | None]) -> Bools:
    return np.isin(codes, [code for code in present if code is not None])


def _micro(truth: Bools, stated: Bools) -> dict[str, Statistic]:
    """Micro precision, recall and F1 as functions of weights (draws, n)."""
    hit, said, there = ((a.sum(1).astype(np.float64)) for a in (truth & stated, stated, truth))
    return {
        "precision": ratio_statistic(hit, said),
        "recall": ratio_statistic(hit, there),
        "F1": ratio_statistic(2 * hit, said + there),
    }


def _share(successes: int, trials: int) -> str:
    if trials == 0:
        return "no critical statement"
    low, high = clopper_pearson(successes, trials)
    return f"{successes} of {trials} ({successes / trials:.2f} [{low:.2f}, {high:.2f}])"
