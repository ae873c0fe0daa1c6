"""Argument checks that the metrics share."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from einthoven.ecg import Bools, Floats, UsageError


def as_truth(truth: ArrayLike, dimensions: int) -> Bools:
    """`truth` as booleans; 0/1 numbers will do, anything else is refused.

    Raises:
        UsageError: another number of dimensions, no entry, or values other than 0 and 1.
    """
    given = np.asarray(truth)
    if given.ndim != dimensions or 0 in given.shape:
        raise UsageError(
            f"Truth has shape {given.shape}; {dimensions} dimensions with entries are needed.",
            "Pass one entry for each ECG (and label).",
        )
    found: Bools = given.astype(bool)
    if not np.array_equal(found, given):
        raise UsageError("Truth holds values other than 0 and 1.", "Binarise the labels first.")
    return found


def as_scores(score: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """`score` as float64 of a given shape, all of it finite.

    Raises:
        UsageError: another shape, or NaN or infinity among the scores.
    """
    given: Floats = np.asarray(score, np.float64)
    if given.shape != shape:
        raise UsageError(f"Scores of shape {given.shape} do not fit {shape}.", "Pass one score for each entry.")
    if not np.isfinite(given).all():
        raise UsageError("Some scores are NaN or infinite.", "Find out where the model breaks first.")
    return given


def as_probabilities(probability: ArrayLike, shape: tuple[int, ...]) -> Floats:
    """As `as_scores`, within 0 to 1."""
    given = as_scores(probability, shape)
    if given.min() < 0 or given.max() > 1:
        raise UsageError("Some probabilities lie outside 0 to 1.", "Pass probabilities, not logits.")
    return given


def as_texts(candidates: Sequence[str], references: Sequence[str]) -> list[tuple[str, str]]:
    """Texts and their references in pairs.

    Raises:
        UsageError: different numbers of them, or none.
    """
    if len(candidates) != len(references) or not references:
        raise UsageError(
            f"{len(candidates)} texts cannot be compared with {len(references)} references.",
            "Pass one reference for each text.",
        )
    return list(zip(candidates, references, strict=True))
