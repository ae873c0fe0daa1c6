"""Whether twelve channels without names are in the usual order: Einthoven's and Goldberger's identities tell."""

from __future__ import annotations

from itertools import permutations

import numpy as np

from einthoven.ecg import LEADS, Floats

# What is 0 of I, II, III, aVR, aVL, aVF in this order.
_IDENTITIES = np.array([[1, -1, 1, 0, 0, 0], [0.5, 0.5, 0, 1, 0, 0], [-1, 0.5, 0, 0, 1, 0], [0.5, -1, 0, 0, 0, 1]])
_ORDERS = np.array(list(permutations(range(6))))  # the usual one is the first
_WEIGHTS = _IDENTITIES[:, np.argsort(_ORDERS, axis=1)]  # of the six channels, (identities, orders, 6)
# Of 20 ECGs of Chapman-Shaoxing, denoised lead by lead, the worst leaves 0.34 unexplained, and no other order explains
# any of them nearly as well. What is stored as recorded leaves 0.02.
_MOST_LEFT = 0.4
_CLEARLY = 0.75
_FEWEST = 50
_LARGEST = 1e12  # squares of larger numbers would not add up


def in_usual_order(values: Floats) -> bool:
    """Whether the first six of twelve channels are I, II, III, aVR, aVL, aVF.

    The identities must hold, and clearly worse in each of the 719 other orders of the six. V1 to V6 depend on no other
    lead: that they follow in their order is then taken for granted.

    Args:
        values: (channels, samples), of any one unit.
    """
    if len(values) != len(LEADS):
        return False
    limb = values[:6, np.isfinite(values[:6]).all(axis=0)].astype(np.float64)
    if limb.shape[1] < _FEWEST or np.abs(limb).max() > _LARGEST:
        return False
    together = np.cov(limb)
    if not (np.diag(together) > 0).all():
        return False
    # The largest share that an identity leaves of the leads' usual size (both root mean squares), for each order.
    left = ((_WEIGHTS @ together) * _WEIGHTS).sum(axis=2).max(axis=0)
    fits = np.sqrt(np.maximum(left, 0.0) / np.diag(together).mean())
    return bool(fits[0] <= _MOST_LEFT and fits[0] <= _CLEARLY * fits[1:].min())
