"""METEOR (Banerjee and Lavie 2005): words matched as they stand, then by their stems; by nltk."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import numpy as np

from einthoven.ecg import DataError, Floats, MissingPackageError
from einthoven.metrics.check import as_texts
from einthoven.metrics.words import words

METEOR = "METEOR (exact, stem)"
METEOR_WORDNET = "METEOR (exact, stem, WordNet)"
STEMMERS = {"de": "german", "en": "english", "sv": "swedish"}


class _Stems:
    def __init__(self, stem: Callable[[str], str]) -> None:
        self.stem = cache(stem)


class _NoSynonyms:
    """In WordNet's place: knows no synonym of any word."""

    @staticmethod
    def synsets(word: str) -> list[Any]:
        return []


def meteor(
    candidates: Sequence[str], references: Sequence[str], languages: Sequence[str | None], wordnet: bool = False
) -> Floats:
    """METEOR (n,) of each text, with the weights of nltk (alpha 0.9, beta 3, gamma 0.5).

    Stems are Snowball's for the language of the reference; where it is not known, words have to be equal. WordNet is
    English and left out unless asked for, so that numbers do not depend on what a machine happens to have; results
    say which by `METEOR` or `METEOR_WORDNET`. The original in Java has other weights and tables, and is not this.

    Args:
        languages: of the references, "de", "en", "sv" or None.

    Raises:
        UsageError: different numbers of texts, or none.
        MissingPackageError: nltk is not installed.
        DataError: WordNet is asked for and not there.
    """
    try:
        from nltk.stem.snowball import SnowballStemmer
        from nltk.translate.meteor_score import single_meteor_score
    except ImportError:
        raise MissingPackageError(
            "METEOR needs the package nltk.", "Install it: pip install 'einthoven[eval]'."
        ) from None
    synonyms = _wordnet() if wordnet else _NoSynonyms()
    stemmers = {language: _Stems(SnowballStemmer(name).stem) for language, name in STEMMERS.items()}
    plain = _Stems(str)

    @cache
    def score(candidate: str, reference: str, language: str | None) -> float:
        said, meant = words(candidate), words(reference)
        if not said or not meant:
            return 0.0
        stemmer = stemmers.get(language or "", plain)
        return float(single_meteor_score(meant, said, stemmer=stemmer, wordnet=synonyms))

    pairs = as_texts(candidates, references)
    return np.array([score(*pair, language) for pair, language in zip(pairs, languages, strict=True)])


def _wordnet() -> Any:
    from nltk.corpus import wordnet

    try:
        wordnet.ensure_loaded()
    except LookupError:
        raise DataError(
            "WordNet is not among nltk's data.",
            "Put it into a folder that NLTK_DATA names, or compute METEOR without it.",
        ) from None
    return wordnet
