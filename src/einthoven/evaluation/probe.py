"""A linear probe: what a linear layer can read from frozen embeddings."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import MissingPackageError

PENALTY = 1.0  # C of the logistic regression, fixed beforehand


def linear_probe(train: NDArray[Any], labels: NDArray[np.bool_], test: NDArray[Any]) -> NDArray[np.float64]:
    """Probabilities (q, l) for `test` (q, d) of logistic regressions on standardised `train` (n, d), a label each.

    A label without a positive or without a negative among `labels` (n, l) gets the same score everywhere.

    Raises:
        MissingPackageError: scikit-learn is not installed.
    """
    try:
        from sklearn.linear_model import LogisticRegression
        from sklearn.preprocessing import StandardScaler
    except ImportError:
        raise MissingPackageError("Linear probes need scikit-learn.", "pip install 'einthoven[eval]'") from None
    scaler = StandardScaler().fit(train)
    x, y = scaler.transform(train), scaler.transform(test)
    scores = np.empty((len(test), labels.shape[1]))
    for column, truth in enumerate(labels.T):
        if truth.all() or not truth.any():
            scores[:, column] = truth.mean()
        else:
            scores[:, column] = LogisticRegression(C=PENALTY, max_iter=300).fit(x, truth).predict_proba(y)[:, 1]
    return scores
