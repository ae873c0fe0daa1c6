"""CIDEr (Vedantam 2015): words that are rare among the references count more; by pycocoevalcap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from einthoven.ecg import Floats, MissingPackageError
from einthoven.metrics.check import as_texts
from einthoven.metrics.words import words

CIDER = "CIDEr-D"


def cider(candidates: Sequence[str], references: Sequence[str]) -> Floats:
    """CIDEr-D (n,) of each text, 0 to 10, with how rare words are counted among these references.

    pycocoevalcap calls it CIDEr; its clipped counts and its Gaussian of the lengths (sigma 6) make it CIDEr-D. As its
    rarities are those of one set of references, it can be compared only within the same set.

    Raises:
        UsageError: different numbers of texts, or none.
        MissingPackageError: pycocoevalcap is not installed.
    """
    try:
        from pycocoevalcap.cider.cider_scorer import CiderScorer
    except ImportError:
        raise MissingPackageError(
            "CIDEr needs the package pycocoevalcap.", "Install it: pip install 'einthoven[eval]'."
        ) from None
    scorer = CiderScorer(n=4, sigma=6.0)
    for candidate, reference in as_texts(candidates, references):
        scorer += (" ".join(words(candidate)), [" ".join(words(reference))])
    _, each = scorer.compute_score()
    return np.asarray(each, np.float64)
