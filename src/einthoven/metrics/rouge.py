"""ROUGE-L (Lin 2004): the longest common subsequence of words, by the rouge-score package."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

import numpy as np

from einthoven.ecg import Floats, MissingPackageError
from einthoven.metrics.check import as_texts
from einthoven.metrics.words import words

ROUGE = "ROUGE-L"


class _Words:
    """Our words for the package, whose own tokenizer drops every letter that is not a to z."""

    @staticmethod
    def tokenize(text: str) -> list[str]:
        return list(words(text))


def rouge_l(candidates: Sequence[str], references: Sequence[str]) -> Floats:
    """F1 (n,) of the longest common subsequence of each text and its reference, precision and recall alike.

    COCO's ROUGE-L weighs recall 1.2 times as much; this is the package's F1.

    Raises:
        UsageError: different numbers of texts, or none.
        MissingPackageError: rouge-score is not installed.
    """
    try:
        from rouge_score.rouge_scorer import RougeScorer
    except ImportError:
        raise MissingPackageError(
            "ROUGE-L needs the package rouge-score.", "Install it: pip install 'einthoven[eval]'."
        ) from None
    scorer = RougeScorer(["rougeL"], tokenizer=_Words())

    @cache
    def score(candidate: str, reference: str) -> float:
        return float(scorer.score(reference, candidate)["rougeL"].fmeasure)

    return np.array([score(*pair) for pair in as_texts(candidates, references)])
