"""What becomes of an archive's guarantee on ECGs from elsewhere, whose patients are not exchangeable with its own."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import Bools, UsageError
from einthoven.evaluation.asked import Answers, Asked, targets
from einthoven.evaluation.cells import Cell, Share, Value
from einthoven.metrics import patient_bootstrap, ratio_statistic
from einthoven.retrieval import POSSIBLE, Guarantee
from einthoven.retrieval.guarantee import highest_critical
from einthoven.statements import VOCABULARY

CRITICAL = frozenset(VOCABULARY.critical_codes())


def by_source(answers: Answers, promise: Guarantee, draws: int) -> dict[str, dict[str, Value]]:
    """Critical findings that are missed and plain drafts, pooled and of each source.

    An ECG whose own statements may or may not mean a critical finding is left out.
    """
    sources = sorted({ecg.source for ecg in answers.ecgs})
    return {
        name: _drafts(some, promise, draws)
        for name, some in (("pooled", answers), *((source, answers.of(source)) for source in sources))
    }


def statements_elsewhere(answers: Answers, promise: Guarantee) -> dict[str, dict[str, Value]]:
    """False calls and what is left out, for each ECG with it, of statements with bounds that no other code implies."""
    rows: dict[str, dict[str, Value]] = {}
    confidence = np.array([ecg.confidence for ecg in answers.ecgs])
    for target in targets(answers):
        code, bounds = target.codes[0], promise.labels.get(target.codes[0])
        if len(target.covered) > 1 or bounds is None or bounds.present is None or bounds.absent is None:
            continue
        sure = confidence[:, answers.codes.index(code)]
        truth, judged = answers.truth(target), answers.judged(target)
        there = int(truth.sum())
        rows[f"{code} {VOCABULARY[code].english}"] = {
            "ECGs with it": there,
            "false calls": int((judged & ~truth & (sure > bounds.present)).sum()),
            "false calls / with it": float((judged & ~truth & (sure > bounds.present)).sum() / there),
            "left out / with it": Share.of_count(int((truth & (sure < bounds.absent)).sum()), there),
        }
    return rows


def _drafts(answers: Answers, promise: Guarantee, draws: int) -> dict[str, Value]:
    critical = np.array([bool(_critical(ecg)) for ecg in answers.ecgs])
    told = np.array([_critical(ecg) is not None for ecg in answers.ecgs])
    highest = highest_critical(answers.codes, np.array([ecg.confidence for ecg in answers.ecgs]))
    plain = told & np.array([ecg.outcome == "draft" for ecg in answers.ecgs])
    unseen = told & (highest < POSSIBLE)
    missed = unseen & critical & (highest < (promise.critical or 0.0))
    row: dict[str, Value] = {
        "ECGs": int(told.sum()),
        "with a critical finding": int((told & critical).sum()),
        "critical missed / none seen": _ratio(missed, unseen, answers, draws),
        "plain drafts": _ratio(plain, told, answers, draws),
    }
    if plain.any():
        row["critical / plain drafts"] = Share.of_count(int((plain & critical).sum()), int(plain.sum()))
    return row


def _ratio(above: Bools, below: Bools, answers: Answers, draws: int) -> Value:
    if not below.any():
        return "none"
    if not above.any():
        return Share.of_count(0, int(below.sum()))  # a bootstrap of no error has no width
    try:
        return Cell.of(patient_bootstrap(ratio_statistic(above, below), answers.patients, draws))
    except UsageError:
        return Share.of_count(int(above.sum()), int(below.sum()))


def _critical(ecg: Asked) -> bool | None:
    """Whether its own statements say a critical finding; None where one of them leaves it open."""
    if any(each.covered <= CRITICAL for each in ecg.said):
        return True
    return None if any(each.covered & CRITICAL for each in ecg.said) else False
