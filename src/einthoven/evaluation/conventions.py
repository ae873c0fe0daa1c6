"""How PTB-XL's codes follow from what its texts state: weights that are learnt, apart from the parser.

A text says "left hypertrophy possible" beside a left bundle branch block, and the codes leave it out; "extreme left
axis" has no code, and often stands for LAFB. Such habits are no part of what a text means. Here a logistic
regression for each code learns them from parsed statements, so that both can be looked at by themselves.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import MissingPackageError
from einthoven.statements import VOCABULARY
from einthoven.statements.parse import Parsed

FEWEST = 12
"""Reports that a fact has to be in."""

FEWEST_OF_PAIR = 20
THRESHOLD = 0.45
"""Probability from which a code is given. Chosen on folds 7 and 8."""

STRENGTH = 0.15
"""Inverse of the regularisation of the regression. Chosen on folds 7 and 8."""

Truth = NDArray[np.bool_]


def facts_of(parsed: Parsed) -> frozenset[str]:
    """What a parsed report states, in words: codes with polarity, "unspecific" and walls; mentions; language.

    "Abnormal" says that one of the codes makes an ECG abnormal (`einthoven.statements.Severity`).

    >>> from einthoven.statements.parse import parse_report
    >>> sorted(facts_of(parse_report("Linkstyp, Hinterwandinfarkt möglich")))
    ['IMI possible', 'IMI@inferior', 'abnormal', 'axis-left', 'language de']
    """
    found = {f"{one.code} {one.polarity}" for one in parsed.statements}
    found |= {f"{one.code} unspecific" for one in parsed.statements if one.unspecific}
    found |= {f"{one.code} {one.severity}" for one in parsed.statements if one.severity}
    found |= {f"{one.code}@{place}" for one in parsed.statements for place in one.location if len(place) > 3}
    abnormal = any(VOCABULARY[code].severity == "abnormal" for code in parsed.polarities())
    found |= {f"language {parsed.language}", "abnormal" if abnormal else "nothing abnormal"}
    return frozenset({*found, *parsed.mentions})


@dataclass(frozen=True)
class Conventions:
    """A weight for each code and fact, or pair of facts that many reports state together.

    Args:
        codes: (c). facts: names of facts and pairs (f). weights: (c, f) and intercepts (c).
    """

    codes: Sequence[str]
    facts: Sequence[str]
    weights: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    @classmethod
    def learn(cls, stated: Sequence[frozenset[str]], truth: Truth, codes: Sequence[str]) -> Conventions:
        """From facts of reports (n) and which code each ECG has (n, c).

        Raises:
            MissingPackageError: scikit-learn is not installed.
        """
        try:
            from sklearn.linear_model import LogisticRegression
        except ImportError:
            raise MissingPackageError(
                "Learning needs scikit-learn.", "Install it: pip install 'einthoven[eval]'."
            ) from None
        singles = Counter(fact for facts in stated for fact in facts)
        pairs = Counter(pair for facts in stated for pair in combinations(sorted(facts), 2))
        kept = sorted(fact for fact, count in singles.items() if count >= FEWEST)
        kept += sorted(_paired(pair) for pair, count in pairs.items() if count >= FEWEST_OF_PAIR)
        rows = _matrix(stated, kept)
        weights, intercepts = np.zeros((len(codes), len(kept))), np.full(len(codes), -10.0)
        for at in range(len(codes)):
            if 0 < truth[:, at].sum() < len(truth):
                made = LogisticRegression(C=STRENGTH, solver="liblinear", random_state=0).fit(rows, truth[:, at])
                weights[at], intercepts[at] = made.coef_[0], made.intercept_[0]
        return cls(tuple(codes), tuple(kept), weights, intercepts)

    def codes_for(self, stated: Sequence[frozenset[str]]) -> Truth:
        """Which codes (n, c) reports would have."""
        scores = _matrix(stated, self.facts) @ self.weights.T + self.intercepts
        return np.asarray(1 / (1 + np.exp(-scores)) >= THRESHOLD)

    def strongest(self, code: str, count: int = 4) -> list[tuple[str, float]]:
        """The facts that weigh most for or against a code."""
        row = self.weights[list(self.codes).index(code)]
        return [(self.facts[at], float(row[at])) for at in np.argsort(-np.abs(row))[:count]]


def _paired(pair: Iterable[str]) -> str:
    return " + ".join(pair)


def _matrix(stated: Sequence[frozenset[str]], kept: Sequence[str]) -> Any:
    """Which report states which fact, as a sparse matrix."""
    from scipy.sparse import csr_matrix

    place = {fact: at for at, fact in enumerate(kept)}
    columns, starts = [], [0]
    for facts in stated:
        named = [*facts, *map(_paired, combinations(sorted(facts), 2))]
        columns += [place[fact] for fact in named if fact in place]
        starts.append(len(columns))
    shape = (len(stated), len(kept))
    return csr_matrix((np.ones(len(columns)), np.array(columns, np.int32), np.array(starts, np.int32)), shape=shape)
