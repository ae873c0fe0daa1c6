"""How far drafts agree with what PTB-XL states: statements, texts, outcomes, calibration, beside baselines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets import PTBXL
from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import Bools
from einthoven.evaluation.cells import Cell, Rows, Value
from einthoven.evaluation.drafted import Drafted, draft_all
from einthoven.evaluation.fingerprint import Fingerprint
from einthoven.evaluation.question import Question
from einthoven.evaluation.report_groups import codes_of
from einthoven.evaluation.report_parts import NOTES, report_parts
from einthoven.evaluation.rivals import SEED, Others, archive_reports, rivals
from einthoven.evaluation.table import Part, Table
from einthoven.metrics import (
    LanguageModel,
    Statistic,
    clopper_pearson,
    expected_calibration_error,
    patient_bootstrap,
    ratio_statistic,
    words,
)
from einthoven.retrieval import Archive
from einthoven.statements import VOCABULARY

DRAWS = 1000
COMMON = 0.5  # share of the archive from which on a statement counts as most common
RAISED = 0.1  # confidences from here on are judged for calibration
NO_MODEL = "none, so no BERTScore: einthoven[bertscore] has one, or --language-model names one"

Progress = Callable[[str], None]


def evaluate_report(
    archive: Archive,
    question: Question,
    progress: Progress = lambda line: None,
    language_model: LanguageModel | None = None,
    others: Others | None = None,
) -> Table:
    """Drafts on one fold that is not in the archive, against the codes and the reports of PTB-XL.

    The first table has micro precision, recall and F1 over all codes, with 95% patient bootstraps. Rows: what drafts
    state as present; the same of outcome "draft" alone; and as baselines the statements of the nearest ECG, and those
    that most of the archive carries. An ECG without a draft states nothing. The facts hold the outcomes, the recall of
    critical statements (present or possible) with its Clopper-Pearson interval, and the calibration error of
    the confidences from 0.1 on. The other tables are those of `report_parts`, over the ECGs that have a report.

    Args:
        question: the fold that is asked; 9 has calibrated the archive that ships: its figures there are optimistic.
        language_model: for BERTScore, which is left out without one.
        others: further rows of texts, from models and generators; together they are ECG-ReGen's Table I.

    Raises:
        UsageError: another fold, records or patients that are in the archive too, or signals that others need are not
            there. FileError: no log.
        DataError: the data set is not there.
        MissingPackageError: scipy or a package of the text metrics is not installed.
    """
    known = set(archive.collection.columns(["record"])["record"])
    source, entries = question.entries(known)
    question.note(f"evaluate report, {archive.name}, {archive.model.name} {archive.model.sha256[:12]}", archive.model)
    fingerprint = Fingerprint()
    rows_asked = fingerprint.of(map(source.row, entries))
    drafted = draft_all(
        archive, rows_asked, lambda n: progress(f"fold {question.fold}: {n} of {len(entries)} ECGs drafted")
    )
    codes = VOCABULARY.codes()
    truth = np.array([_carried(codes, codes_of(entry)) for entry in entries])
    possible = np.array([_carried(codes, list(one.said)) for one in drafted])
    share = Counter(code for carried in archive.collection.columns(["codes"])["codes"] for code in carried)
    common = [code for code, count in share.items() if count > COMMON * len(archive)]
    rows: dict[str, Sequence[Sequence[str]]] = {
        "drafts, as present": [[c for c, polarity in one.said.items() if polarity == "present"] for one in drafted],
        "baseline: statements of the nearest ECG": [one.nearest_codes for one in drafted],
        f"baseline: most common ({', '.join(common)})": [common] * len(entries),
    }
    outcomes = [one.outcome for one in drafted]
    patients = np.array([entry.patient for entry in entries])
    critical = np.isin(codes, VOCABULARY.critical_codes())
    raised, there = int((possible & truth)[:, critical].sum()), int(truth[:, critical].sum())
    reports = archive_reports(archive, source)
    written = [at for at, entry in enumerate(entries) if words(entry.report)]
    return Table(
        title="Statements of drafts against PTB-XL's codes [95% patient bootstrap]",
        cells=_code_rows(codes, truth, rows, np.array(outcomes) == "draft", patients),
        parts=_parts(written, source, entries, drafted, reports, others or Others(), language_model, progress),
        notes=NOTES,
        facts={
            "task": "report",
            "dataset": f"{question.dataset} {source.release}",
            "fold": question.fold,
            "ecgs": len(entries),
            "patients": len(set(patients)),
            "data_sha256": fingerprint.hexdigest(),
            "shared_records": 0,
            "archive": archive.name,
            "archive_reports": f"{len(reports)} of {len(archive)} ECGs",
            "model": archive.model.name,
            "model_sha256": archive.model.sha256,
            "language_model": language_model.name if language_model else NO_MODEL,
            "outcomes": ", ".join(f"{name} {outcomes.count(name)}" for name in ("draft", "caution", "none")),
            "critical_recall": _share(raised, there),
            "critical_stated_without_code": int((possible & ~truth)[:, critical].sum()),
            f"calibration_error_of_confidences_from_{RAISED}": _calibration_error(entries, drafted),
            "without_report": len(entries) - len(written),
            "seed": SEED,
            "limited_to": question.limit,
        },
    )


def _parts(
    written: Sequence[int],
    source: PTBXL,
    entries: Sequence[Entry],
    drafted: Sequence[Drafted],
    reports: Mapping[str, str],
    others: Others,
    model: LanguageModel | None,
    progress: Progress,
) -> Sequence[Part]:
    """The tables over ECGs that have a report; without a report in the archive only drafts are in them."""
    asked, theirs = [entries[at] for at in written], [drafted[at] for at in written]
    if len({entry.patient for entry in asked}) < 2:
        return ()
    near = [one.neighbours for one in theirs]
    texts = rivals(reports, source, asked, near, others, progress) if reports else {}
    return report_parts(asked, theirs, texts, model, DRAWS, progress)


def _code_rows(
    codes: Sequence[str],
    truth: Bools,
    rows: Mapping[str, Sequence[Sequence[str]]],
    plain: Bools,
    patients: NDArray[np.str_],
) -> Rows:
    """Rows of precision, recall and F1; after the first, the same of outcome "draft" alone (`plain`)."""
    found: dict[str, dict[str, Value]] = {}
    first = next(iter(rows))
    for name, carried in rows.items():
        stated = np.array([_carried(codes, each) for each in carried])
        parts = {name: np.ones_like(plain)} | ({"drafts of outcome 'draft' alone": plain} if name == first else {})
        for row, kept in parts.items():
            if stated[kept].any() and truth[kept].any():
                found[row] = {
                    column: Cell.of(patient_bootstrap(statistic, patients[kept], DRAWS))
                    for column, statistic in _micro(truth[kept], stated[kept]).items()
                }
    return found


def _calibration_error(entries: Sequence[Entry], drafted: Sequence[Drafted]) -> float:
    """Of the confidences that matter: the many near 0 would hide the others."""
    confidence = np.concatenate([one.confidence for one in drafted])
    truth = np.concatenate([_carried(one.codes, codes_of(entry)) for entry, one in zip(entries, drafted, strict=True)])
    raised = confidence >= RAISED
    return round(expected_calibration_error(truth[raised], confidence[raised]), 4)


def _carried(codes: Sequence[str], present: Sequence[str]) -> Bools:
    return np.isin(codes, present)


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
