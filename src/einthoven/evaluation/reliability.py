"""Do the head's probabilities mean what they say: Brier score, calibration error, predicted beside observed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.evaluation.cells import Cell, Rows, Value
from einthoven.evaluation.table import Part
from einthoven.metrics import (
    calibration_error_statistic,
    patient_bootstrap,
    ratio_statistic,
    reliability,
)

RAISED = 0.1
"""Probabilities from here on are judged by themselves too: of rare codes the many near 0 would hide the others."""
BINS = 10


@dataclass(frozen=True)
class Forecast:
    """Probabilities and what came true, one entry for each ECG and label.

    Args:
        truth, chance, base: (entries,); `base` is what a forecast by the label's share of the index would say.
        owner: (entries,) the place among `patients` of each entry's ECG.
        patients: (n,) one for each ECG.
    """

    truth: NDArray[np.bool_]
    chance: NDArray[np.float64]
    base: NDArray[np.float64]
    owner: NDArray[np.intp]
    patients: NDArray[np.str_]

    @classmethod
    def of(
        cls,
        truth: NDArray[np.bool_],
        chance: NDArray[Any],
        base_rate: NDArray[np.float64],
        patients: NDArray[np.str_],
    ) -> Forecast:
        """From (n, labels) each of truth and chance, the (labels,) base rates and the (n,) patients."""
        owner = np.repeat(np.arange(len(truth)), truth.shape[1])
        base = np.broadcast_to(base_rate, truth.shape)
        return cls(truth.ravel(), np.asarray(chance, np.float64).ravel(), base.ravel(), owner, patients)

    @property
    def has_interval(self) -> bool:
        """Whether there are several patients to draw from."""
        return len(set(self.patients)) > 1

    def where(self, kept: NDArray[np.bool_]) -> Forecast:
        """The entries (entries,) alone, and the ECGs that they are of."""
        some, owner = np.unique(self.owner[kept], return_inverse=True)
        return Forecast(self.truth[kept], self.chance[kept], self.base[kept], owner, self.patients[some])


def calibration_parts(superclasses: Forecast, codes: Forecast, draws: int) -> tuple[Part, Part, Part]:
    """Scores of both forecasts, and a reliability table of each.

    ECE is over ten bins of equal size, pooled over labels. Where entries stem from one patient alone there is no
    interval, and no row of scores.
    """
    low, raised = codes.where(codes.chance < RAISED), codes.where(codes.chance >= RAISED)
    scored = {"superclasses (5)": superclasses, f"codes ({_labels(codes)})": codes, f"codes, from {RAISED} on": raised}
    below = dict(zip((f"below {RAISED}",), reliability_rows(low, draws, 1).values(), strict=False))
    return (
        Part(
            f"Calibration of the statement head, ECE over {BINS} bins of equal size [95% patient bootstrap]",
            {name: _scored(forecast, draws) for name, forecast in scored.items() if forecast.has_interval},
        ),
        Part("Reliability of the superclasses", reliability_rows(superclasses, draws)),
        Part(
            f"Reliability of the codes: below {RAISED}, and from there on in bins of equal size",
            {**below, **reliability_rows(raised, draws)},
        ),
    )


def reliability_rows(forecast: Forecast, draws: int, bins: int = BINS) -> Rows:
    """Count, mean probability and share that was true, with its interval over the patients in the bin."""
    if not len(forecast.truth):
        return {}
    rows: dict[str, dict[str, Value]] = {}
    table = reliability(forecast.truth, forecast.chance, bins)
    for n, (low, high) in enumerate(zip(table.low, table.high, strict=True)):
        inside = forecast.where((forecast.chance >= low) & (forecast.chance <= high))
        share: Value = float(table.observed[n])
        if inside.has_interval:
            true = ratio_statistic(np.bincount(inside.owner, inside.truth), np.bincount(inside.owner))
            share = Cell.of(patient_bootstrap(true, inside.patients, draws))
        rows[f"{n + 1}: {low:.3f} to {high:.3f}"] = {
            "forecasts": int(table.count[n]),
            "mean predicted": float(table.predicted[n]),
            "observed": share,
        }
    return rows


def _labels(forecast: Forecast) -> int:
    return len(forecast.truth) // len(forecast.patients)


def _scored(forecast: Forecast, draws: int) -> dict[str, Value]:
    error = calibration_error_statistic(forecast.truth, forecast.chance, forecast.owner, len(forecast.patients), BINS)
    return {
        "forecasts": len(forecast.truth),
        "ECE": Cell.of(patient_bootstrap(error, forecast.patients, draws)),
        "Brier": _brier(forecast, forecast.chance, draws),
        "Brier of the base rates": _brier(forecast, forecast.base, draws),
    }


def _brier(forecast: Forecast, chance: NDArray[np.float64], draws: int) -> Cell:
    missed = np.bincount(forecast.owner, (chance - forecast.truth) ** 2)
    statistic = ratio_statistic(missed, np.bincount(forecast.owner))
    return Cell.of(patient_bootstrap(statistic, forecast.patients, draws))
