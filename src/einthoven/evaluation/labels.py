"""The labels that results are counted over: superclasses, subclasses, all statements, form and rhythm."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import UsageError
from einthoven.statements import label_set, membership

FEWEST_POSITIVES = 10
COLUMNS = {"superclasses": "super", "subclasses": "sub", "all statements": "all", "form": "form", "rhythm": "rhythm"}
CERTAIN = 1 - 1e-9  # probabilities above count as this, so that their logarithm is finite

Scores = NDArray[np.float64]


@dataclass(frozen=True)
class Labels:
    """The labels (l) that have enough positives, each once, and the columns that they make up.

    A label is a set of codes and holds where any of them does; one that is in several sets (NORM is a
    superclass, a subclass and a code) is kept once.

    Args:
        membership: (l, codes), which codes a label consists of.
        columns: the places among the labels of each column's, by its name, as in "subclasses (20 of 23)".
        left_out: by set, the labels with too few positives.
    """

    membership: NDArray[np.bool_]
    columns: Mapping[str, NDArray[np.intp]]
    left_out: Mapping[str, Sequence[str]]

    def truth(self, carried: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Which ECG (n) has which label, (n, l), from which carries which code (n, codes)."""
        return carried @ self.membership.T

    def chance(self, probability: NDArray[Any]) -> Scores:
        """Probabilities (n, l) of the labels from those of the codes, as `any_of`."""
        return any_of(probability, self.membership)


def counted_labels(carried: NDArray[np.bool_], codes: Sequence[str]) -> Labels:
    """The labels with at least 10 positives among ECGs, and one negative.

    Args:
        carried: (n, codes), which ECG carries which code.

    Raises:
        UsageError: there is none.
    """
    each: dict[str, NDArray[np.bool_]] = {}
    left_out = {}
    for column, name in COLUMNS.items():
        members = membership_of(name, codes)
        positives = (carried @ members.T).sum(0)
        enough = (positives >= FEWEST_POSITIVES) & (positives < len(carried))
        left_out[name] = [label for label, kept in zip(label_set(name), enough, strict=True) if not kept]
        if enough.any():
            count = f"{enough.sum()}" if enough.all() else f"{enough.sum()} of {len(enough)}"
            each[f"{column} ({count})"] = members[enough]
    if not each:
        raise UsageError(
            f"No label has {FEWEST_POSITIVES} positives and a negative among {len(carried)} ECGs.",
            "Evaluate on more of the data set.",
        )
    rows, place = np.unique(np.concatenate(list(each.values())), axis=0, return_inverse=True)
    ends = np.cumsum([len(one) for one in each.values()])[:-1]
    return Labels(rows, dict(zip(each, np.split(place.ravel(), ends), strict=True)), left_out)


def membership_of(name: str, codes: Sequence[str]) -> NDArray[np.bool_]:
    """(labels, codes) of a label set: which codes each of its labels consists of."""
    return np.array(membership(name, codes))


def any_of(probability: NDArray[Any], membership: NDArray[np.bool_]) -> Scores:
    """Probabilities (n, l) that any code of each label holds, from those of codes (n, codes), as if independent.

    A label of one code keeps that code's probability, and so its order and AUC, down to the smallest.
    """
    none = np.log1p(-np.minimum(np.asarray(probability, np.float64), CERTAIN))
    return np.asarray(-np.expm1(none @ membership.T.astype(np.float64)))
