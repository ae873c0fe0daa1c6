"""BLEU (Papineni 2002) from counts of each text, so that whole corpora can be resampled."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Floats
from einthoven.metrics.auc import Statistic
from einthoven.metrics.check import as_texts
from einthoven.metrics.words import words

LONGEST = 4


@dataclass(frozen=True)
class BleuCounts:
    """What BLEU is made of, a line for each text: n-grams of 1 to 4 words.

    Args:
        matched, written: (n, 4), n-grams that the reference has too (clipped), and all n-grams.
        lengths, reference_lengths: (n,) words.
    """

    matched: Floats
    written: Floats
    lengths: Floats
    reference_lengths: Floats


def bleu_counts(candidates: Sequence[str], references: Sequence[str]) -> BleuCounts:
    """Counts of texts, each beside its one reference.

    Raises:
        UsageError: different numbers of texts, or none.
    """
    pairs = as_texts(candidates, references)
    matched, written = np.zeros((len(pairs), LONGEST)), np.zeros((len(pairs), LONGEST))
    lengths = np.zeros((len(pairs), 2))
    for row, (candidate, reference) in enumerate(pairs):
        said, meant = words(candidate), words(reference)
        lengths[row] = len(said), len(meant)
        for n in range(1, LONGEST + 1):
            ours, theirs = ngrams(said, n), ngrams(meant, n)
            matched[row, n - 1] = (ours & theirs).total()
            written[row, n - 1] = ours.total()
    return BleuCounts(matched, written, lengths[:, 0], lengths[:, 1])


def corpus_bleu(counts: BleuCounts, order: int = LONGEST) -> Statistic:
    """BLEU-1 to BLEU-4 of a corpus as a function of weights (draws, n): sums first, then the mean of their logarithms.

    Nothing is smoothed: without a matching n-gram of some order it is 0. As in Papineni's paper and in pycocoevalcap,
    a text of fewer than n words has no n-gram and adds nothing to the denominator of order n. nltk's `corpus_bleu`
    adds 1 for each such text, so that its BLEU-2 to BLEU-4 of corpora with short reports ("pacemaker ekg") are lower.
    """

    def statistic(weights: Floats) -> Floats:
        matched, written = weights @ counts.matched[:, :order], weights @ counts.written[:, :order]
        return _geometric(matched, written) * _brevity(weights @ counts.lengths, weights @ counts.reference_lengths)

    return statistic


def sentence_bleu(counts: BleuCounts, order: int = LONGEST) -> Floats:
    """BLEU (n,) of each text by itself, orders from 2 on smoothed by adding one (Lin and Och, COLING 2004).

    So a text of two words that equals its reference has a BLEU-4 of 1.
    """
    added = np.array([0.0, 1.0, 1.0, 1.0])[:order]
    share = _geometric(counts.matched[:, :order] + added, counts.written[:, :order] + added)
    return share * _brevity(counts.lengths, counts.reference_lengths)


def ngrams(text: Sequence[str], n: int) -> Counter[tuple[str, ...]]:
    """How often each run of n words is in a text."""
    return Counter(zip(*(text[start:] for start in range(n)), strict=False))


def _geometric(matched: Floats, written: Floats) -> Floats:
    share = np.divide(matched, written, out=np.zeros_like(matched), where=written > 0)
    with np.errstate(divide="ignore"):
        return np.asarray(np.exp(np.log(share).mean(axis=-1)))


def _brevity(length: Floats, reference: Floats) -> Floats:
    ratio = np.divide(reference, length, out=np.full(np.shape(length), np.inf), where=length > 0)
    return np.asarray(np.exp(np.minimum(0.0, 1.0 - ratio)))
