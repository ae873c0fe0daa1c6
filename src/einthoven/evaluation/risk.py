"""Risk and coverage of drafts: how often one states a critical finding that is not there, or lacks one that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Bools, Floats, UsageError
from einthoven.evaluation.asked import Answers
from einthoven.evaluation.cells import Cell, Rows, Share, Value
from einthoven.metrics import patient_bootstrap, ratio_statistic
from einthoven.statements import VOCABULARY
from einthoven.statements.elsewhere import Meaning

CRITICAL = frozenset(VOCABULARY.critical_codes())
SHARES = (0.25, 0.5, 0.75)
"""Of all ECGs that are asked, from the surest on, for rows between none and all that are drafted."""
PLAIN, ALL = "plain drafts", "plain drafts and drafts with caution"
COVERED, FABRICATED, RAISED, MISSED, EITHER = (
    "coverage",
    "a critical finding fabricated",
    "the same, 'possible' ones too",
    "a critical finding missed",
    "fabricated or missed",
)


@dataclass(frozen=True)
class Counted(Cell):
    """A share with its bootstrap interval, and of how many ECGs it holds."""

    count: int = 0

    def to_list(self) -> list[float]:
        """Share, low, high and count."""
        return [*super().to_list(), self.count]

    def __str__(self) -> str:
        return f"{super().__str__()} ({self.count})"


@dataclass(frozen=True)
class Risks:
    """Of each ECG (n) that was asked.

    Args:
        outcome: "draft", "caution" or "none". fabricated: whether the draft states a critical finding as present that
            the ECG's own statements do not have. raised: the same, or calls one possible. missed: whether one that
            they have is neither stated nor called possible. doubt: how far from sure the least sure critical code is,
            from 0 to 0.5.
    """

    outcome: tuple[str, ...]
    fabricated: Bools
    raised: Bools
    missed: Bools
    doubt: Floats


def risks_of(answers: Answers) -> Risks:
    """Compares drafts with what the data set states, code by code; what implies a code has it, too.

    Where a data set cannot tell of a code (it never states it, or something broader may mean it), the draft is not
    blamed for stating it; a broader statement that is critical whatever it means is met by any of its codes.
    """
    n = len(answers)
    fabricated, raised = np.zeros(n, np.bool_), np.zeros(n, np.bool_)
    present = [ecg.stated & CRITICAL for ecg in answers.ecgs]
    either = [one | (ecg.possible & CRITICAL) for one, ecg in zip(present, answers.ecgs, strict=True)]
    for code in sorted(frozenset().union(*either)):
        target = Meaning((code,))
        untrue = answers.judged(target) & ~answers.truth(target)
        fabricated |= untrue & np.array([code in one for one in present], np.bool_)
        raised |= untrue & np.array([code in one for one in either], np.bool_)
    missed = [
        any(each.covered <= CRITICAL and not each.covered & named for each in ecg.said)
        for ecg, named in zip(answers.ecgs, either, strict=True)
    ]
    columns = [at for at, code in enumerate(answers.codes) if code in CRITICAL]
    confidence = np.array([ecg.confidence[columns] for ecg in answers.ecgs]).reshape(n, len(columns))
    doubt = np.minimum(confidence, 1 - confidence).max(1, initial=0.0)
    return Risks(tuple(e.outcome for e in answers.ecgs), fabricated, raised, np.array(missed, np.bool_), doubt)


def risk_and_coverage(answers: Answers, draws: int, before: str = "") -> Rows:
    """A row for plain drafts, one for all drafts, and rows of the surest shares of the ECGs, by their `doubt`.

    Args:
        before: begins the rows' names.
    """
    found = risks_of(answers)
    outcome = np.array(found.outcome)
    drafted = outcome != "none"
    kept = {PLAIN: outcome == "draft", ALL: drafted}
    order = np.lexsort((np.arange(len(answers)), found.doubt))
    order = order[drafted[order]]
    for share in SHARES:
        count = round(share * len(answers))
        if 0 < count <= len(order):
            kept[f"the surest {share:.0%}"] = np.isin(np.arange(len(answers)), order[:count])
    return {f"{before}{name}": _row(answers, found, some, draws) for name, some in kept.items()}


def _row(answers: Answers, found: Risks, kept: Bools, draws: int) -> dict[str, Value]:
    row: dict[str, Value] = {
        "ECGs": int(kept.sum()),
        "patients": len(set(answers.patients[kept])),
        COVERED: Share.of_count(int(kept.sum()), len(kept)),
    }
    errors = {FABRICATED: found.fabricated, RAISED: found.raised, MISSED: found.missed}
    errors[EITHER] = found.fabricated | found.missed
    return row | {name: _ratio(answers, error & kept, kept, draws) for name, error in errors.items()}


def _ratio(answers: Answers, wrong: Bools, kept: Bools, draws: int) -> Value:
    if not kept.any():
        return "none"
    if not wrong.any():  # a bootstrap of no error has no width
        return Share.of_count(0, int(kept.sum()))
    try:
        cell = Cell.of(patient_bootstrap(ratio_statistic(wrong, kept), answers.patients, draws))
    except UsageError:  # of so few that draws often hold none
        return Share.of_count(int(wrong.sum()), int(kept.sum()))
    return Counted(cell.value, cell.low, cell.high, int(wrong.sum()))
