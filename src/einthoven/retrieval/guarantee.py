"""What an archive's confidences are good for: bounds that keep expected errors within a stated share."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools, Floats
from einthoven.metrics import controlled_threshold
from einthoven.statements import VOCABULARY

ALPHA = 0.1
"""False calls of a statement, and ECGs with it that leave it out, for each ECG that has it."""
CRITICAL_ALPHA = 0.02
"""ECGs with a critical finding among those in which none is seen, that get no caution for it."""
POSSIBLE = 0.2
"""Confidence from which a critical finding is seen: not likely, but not to be left out."""

Verdict = Literal["kept", "open", "none"]


@dataclass(frozen=True)
class Bounds:
    """Of one statement: confidences above `present` and below `absent` keep to the level; None without a guarantee.

    `patients` is the number of patients with the statement that it was learned from.
    """

    present: float | None
    absent: float | None
    patients: int


@dataclass(frozen=True)
class Guarantee:
    """Bounds of confidence by conformal risk control (`metrics.conformal`), by patient.

    For an ECG of a new patient who is exchangeable with those of the calibration, in expectation over both:

    - a statement that is called present above its bound is a false call at most `alpha` times for each ECG with it;
    - one that is left out below its bound is so in at most `alpha` of the ECGs with it;
    - of the ECGs in which no critical finding has a confidence from 0.2 on, at most `critical_alpha` carry one and
      have no critical confidence from `critical` on.

    Args:
        patients: that the bounds were learned from; not those that the weights were.
        labels: by code.
        critical: None where the level cannot be kept with so few patients.
    """

    alpha: float
    critical_alpha: float
    patients: int
    labels: Mapping[str, Bounds]
    critical: float | None

    def verdict(self, code: str, confidence: float) -> Verdict:
        """Whether a statement that is called present keeps to the level, does not, or has no guarantee."""
        bounds = self.labels.get(code)
        if bounds is None or bounds.present is None:
            return "none"
        return "kept" if confidence > bounds.present else "open"

    @property
    def guaranteed(self) -> tuple[str, ...]:
        """The codes that have both bounds."""
        return tuple(code for code, one in self.labels.items() if None not in (one.present, one.absent))

    def summary(self) -> dict[str, Any]:
        """Levels, numbers of patients and statements, and the bound of critical findings."""
        return {
            "alpha": self.alpha,
            "patients": self.patients,
            "statements_with": len(self.guaranteed),
            "statements_without": len(self.labels) - len(self.guaranteed),
            "critical_alpha": self.critical_alpha,
            "critical": self.critical,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Guarantee:
        """From `archive.json`; raises TypeError, KeyError, ValueError or AttributeError where it is none."""
        labels = {code: Bounds(**one) for code, one in values["labels"].items()}
        found = cls(**{**values, "labels": labels})
        numbers = [found.critical, *(end for one in labels.values() for end in (one.present, one.absent))]
        if not all(end is None or 0 <= end <= 1 for end in numbers):
            raise ValueError("bounds are confidences")
        if not all(0 < level < 1 for level in (found.alpha, found.critical_alpha)):
            raise ValueError("levels are shares")
        if not all(type(n) is int for n in (found.patients, *(one.patients for one in labels.values()))):
            raise TypeError("patients are counted")
        return found


NOTHING = Guarantee(ALPHA, CRITICAL_ALPHA, 0, {}, None)
"""Before anybody was asked."""


def guarantee_of(
    codes: Sequence[str],
    confidence: Floats,
    truth: Bools,
    critical: Bools,
    patients: NDArray[np.str_],
    alpha: float = ALPHA,
    critical_alpha: float = CRITICAL_ALPHA,
) -> Guarantee:
    """Bounds from ECGs whose statements are known and that the confidences were not learned from.

    Args:
        confidence, truth: (n, codes). critical: (n,) whether an ECG carries a critical finding, of whichever code.
        patients: (n,) ids.
    """
    labels = {}
    for column, code in enumerate(codes):
        sure, holds = confidence[:, column], truth[:, column]
        call = controlled_threshold(-sure, ~holds, holds, patients, alpha, within=False)
        leave = controlled_threshold(sure, holds, holds, patients, alpha, within=True)
        labels[code] = Bounds(
            present=None if call is None else min(max(-call, 0.0), 1.0),
            absent=None if leave is None else min(leave, 1.0),
            patients=len(set(patients[holds])),
        )
    highest = highest_critical(codes, confidence)
    unseen = highest < POSSIBLE
    limit = controlled_threshold(highest, critical & unseen, unseen, patients, critical_alpha, within=True)
    return Guarantee(
        alpha=alpha,
        critical_alpha=critical_alpha,
        patients=len(set(patients)),
        labels=labels,
        critical=None if limit is None else min(limit, 1.0),
    )


def highest_critical(codes: Sequence[str], confidence: Floats) -> Floats:
    """The highest confidence (n,) in a critical code; 0 where none of the (n, codes) is critical."""
    columns = [column for column, code in enumerate(codes) if code in VOCABULARY and VOCABULARY[code].critical]
    return np.asarray(confidence[:, columns].max(1, initial=0.0))


def halves(patients: Sequence[str], seed: int = 0) -> Bools:
    """Which ECGs (n) are of the first half of the patients, drawn at random; the rest are of the others."""
    names = list(dict.fromkeys(patients))
    order = np.random.default_rng(seed).permutation(len(names))
    first = {names[at] for at in order[: math.ceil(len(names) / 2)]}
    return np.array([patient in first for patient in patients], np.bool_)
