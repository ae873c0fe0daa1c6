"""How well a text side tells labels on ECGs that trained nothing, and what its cosines mean as probabilities."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import UsageError
from einthoven.metrics import expected_calibration_error, macro_auc
from einthoven.models.text_config import Likelihood
from einthoven.statements import LANGUAGES, VOCABULARY, label_set, membership, subclass, superclass

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to embeddings (n, d) of length 1."""

SETS = ("super", "all", "form", "rhythm")
FEWEST_POSITIVES = 10
CERTAIN = 0.1
"""The error is that of probabilities from here on: below lie nearly all labels of nearly all ECGs."""


def scores(
    embed: Embed, ecgs: NDArray[np.float32], carried: NDArray[np.bool_], names: Sequence[str]
) -> dict[str, float]:
    """Macro-AUC of each label set by the report wordings, a language at a time, and `score`, their mean.

    Args:
        ecgs: (n, d), of length 1. carried: (n, names).

    Raises:
        UsageError: no label has enough positives.
    """
    found: dict[str, float] = {}
    for name in SETS:
        truth = carried @ np.array(membership(name, names)).T
        counts = (truth.sum(0) >= FEWEST_POSITIVES) & (truth.sum(0) < len(truth))
        if not counts.any():
            continue
        for language in LANGUAGES:
            cosine = ecgs @ embed([_called(label, name, language) for label in label_set(name)]).T
            found[f"{name}_{language}"] = macro_auc(truth[:, counts], cosine[:, counts]).value
    if not found:
        raise UsageError(
            f"No label has {FEWEST_POSITIVES} positives among the {len(ecgs)} ECGs that choose.",
            "Choose on more of the data set.",
        )
    return {**found, "score": float(np.mean(list(found.values())))}


def likelihood(
    embed: Embed,
    ecgs: NDArray[np.float32],
    carried: NDArray[np.bool_],
    names: Sequence[str],
    patients: Sequence[str],
    data: str,
) -> Likelihood:
    """What cosines mean: fitted on all ECGs; its error by halves of the patients, each judged by the other's fit.

    The labels are the codes that have enough positives, and the superclasses, in the report wording of each language.
    """
    truth, cosine = [], []
    labels = 0
    for name in ("all", "super"):
        known = carried @ np.array(membership(name, names)).T
        counts = known.sum(0) >= FEWEST_POSITIVES
        labels += int(counts.sum())
        for language in LANGUAGES:
            words = [
                _called(label, name, language) for label, kept in zip(label_set(name), counts, strict=True) if kept
            ]
            truth.append(known[:, counts])
            cosine.append(ecgs @ embed(words).T)
    stated, near = np.concatenate(truth, 1), np.concatenate(cosine, 1).astype(np.float64)
    half = _halves(patients)
    given = np.empty(near.shape)
    for part in (half, ~half):
        slope, offset = _platt(near[~part].ravel(), stated[~part].ravel())
        given[part] = 1 / (1 + np.exp(-(slope * near[part] + offset)))
    sure = given >= CERTAIN
    error = expected_calibration_error(stated[sure], given[sure]) if sure.any() else 0.0
    slope, offset = _platt(near.ravel(), stated.ravel())
    return Likelihood(round(slope, 4), round(offset, 4), data, len(ecgs), len(set(patients)), labels, round(error, 4))


def _called(label: str, name: str, language: Any) -> str:
    if name == "super":
        return superclass(label).text(language)
    return subclass(label).text(language) if name == "sub" else VOCABULARY[label].text(language)


def _halves(patients: Sequence[str]) -> NDArray[np.bool_]:
    known = sorted(set(patients))
    first = set(np.random.default_rng(0).permutation(known)[: len(known) // 2].tolist())
    return np.array([patient in first for patient in patients])


def _platt(x: NDArray[np.float64], truth: NDArray[np.bool_]) -> tuple[float, float]:
    """Slope and offset of the logit by Newton's method, with Platt's targets, which are never 0 or 1."""
    positives = int(truth.sum())
    target = np.where(truth, (positives + 1) / (positives + 2), 1 / (len(truth) - positives + 2))
    features = np.stack([x, np.ones_like(x)])
    weights = np.array([1.0, np.log((positives + 1) / (len(truth) - positives + 1))])
    for _ in range(100):
        chance = 1 / (1 + np.exp(-np.clip(weights @ features, -500, 500)))
        slope = features @ (chance - target)
        bend = (features * (chance * (1 - chance))) @ features.T + 1e-6 * np.eye(2)
        step = np.linalg.solve(bend, slope)
        weights = weights - step * min(1.0, 20 / np.abs(step).max())
        if np.abs(step).max() < 1e-8:
            break
    return float(weights[0]), float(weights[1])
