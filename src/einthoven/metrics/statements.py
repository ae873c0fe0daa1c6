"""What a draft states against what is true: hits, omissions, fabrications, contradictions, statement by statement.

A statement is a code with a polarity. "Stated" is what is present or possible. One statement covers another if it is
the same or implies it: sinus bradycardia covers sinus rhythm. Then all that a draft states is either supported (the
truth has it, or something that implies it), contradicted, or fabricated; all that the truth states is either found
(the draft has it, or something that implies it), contradicted, or omitted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Floats, UsageError
from einthoven.metrics.auc import Statistic
from einthoven.metrics.bootstrap import mean_statistic, ratio_statistic
from einthoven.statements import VOCABULARY, Polarity

Said = Mapping[str, Polarity]
"""SCP codes with what is said of each."""


@dataclass(frozen=True)
class Judgement:
    """One draft against one truth.

    Args:
        stated, supported, contradicted: codes that the draft states, and those of them that are each.
        true, found, denied: codes that the truth states; those that the draft covers; those that it contradicts.
        agreed, said: pairs of code and polarity that both have, denials too, and how many the two have in all.
        conflict: whether any statement of one, denials too, cannot be true beside one of the other.
    """

    stated: frozenset[str]
    supported: frozenset[str]
    contradicted: frozenset[str]
    true: frozenset[str]
    found: frozenset[str]
    denied: frozenset[str]
    agreed: int
    said: int
    conflict: bool

    @property
    def fabricated(self) -> frozenset[str]:
        """What the draft states of which the truth says nothing."""
        return self.stated - self.supported - self.contradicted

    @property
    def omitted(self) -> frozenset[str]:
        """What the truth states of which the draft says nothing."""
        return self.true - self.found - self.denied

    @property
    def f1(self) -> float:
        """Of this ECG alone; 1 where neither states anything."""
        if not self.stated and not self.true:
            return 1.0
        return _f1(_share(len(self.supported), len(self.stated)), _share(len(self.found), len(self.true)))


def judge(draft: Said, truth: Said) -> Judgement:
    """Compares what a draft says with what is true.

    In contradiction are a code that one says is present and one that it implies and the other denies, and two that
    exclude each other and are both said to be present (sinus rhythm, atrial fibrillation), unless the other says the
    same of one of them as well. What is only possible contradicts nothing.

    Raises:
        UsageError: a code that the vocabulary lacks.

    >>> one = judge({"SBRAD": "present", "LVH": "possible"}, {"SR": "present", "IMI": "present"})
    >>> sorted(one.supported), sorted(one.found), sorted(one.fabricated), sorted(one.omitted)
    ([], ['SR'], ['LVH', 'SBRAD'], ['IMI'])
    >>> judge({"SR": "present"}, {"AFIB": "present"}).conflict
    True
    """
    stated, true = _stated(draft), _stated(truth)
    supported = frozenset(code for code in stated if any(_covers(other, code) for other in true))
    found = frozenset(code for code in true if any(_covers(other, code) for other in stated))
    wrong, against = _clashes(draft, truth, stated - supported, true - found)
    denials, against_denials = _clashes(truth, draft, true - found, stated - supported)
    contradicted, denied = wrong | against_denials, against | denials
    return Judgement(
        stated,
        supported,
        frozenset(contradicted),
        true,
        found,
        frozenset(denied),
        len(set(draft.items()) & set(truth.items())),
        len(draft) + len(truth),
        bool(contradicted or denied),
    )


@dataclass(frozen=True)
class StatementScores:
    """Statistics of n judgements, each a function of weights (draws, n), micro over all statements unless said.

    Args:
        precision, recall: supported of what is stated; found of what is true. f1: their harmonic mean.
        f1_by_ecg: the mean of each ECG's own F1.
        f1_exact: of pairs of code and polarity (present, possible, absent), without what implies what.
        omission: omitted of what is true. fabrication: fabricated of what is stated.
        contradicted: of what is stated. conflicts: ECGs with any contradiction, of all.
    """

    precision: Statistic
    recall: Statistic
    f1: Statistic
    f1_by_ecg: Statistic
    f1_exact: Statistic
    omission: Statistic
    fabrication: Statistic
    contradicted: Statistic
    conflicts: Statistic


def statement_scores(judgements: Sequence[Judgement]) -> StatementScores:
    """Scores of judgements.

    Raises:
        UsageError: there is none.
    """
    if not judgements:
        raise UsageError("Without a draft there is nothing to judge.", "Pass one judgement for each ECG.")
    stated, true = (_counts([getattr(one, name) for one in judgements]) for name in ("stated", "true"))
    supported, found = (_counts([getattr(one, name) for one in judgements]) for name in ("supported", "found"))
    precision, recall = ratio_statistic(supported, stated), ratio_statistic(found, true)

    def f1(weights: Floats) -> Floats:
        hit, part = weights @ supported, weights @ found
        # Of nothing stated the precision is undefined, and the F1 is 0 as long as something is true.
        share = np.divide(hit, weights @ stated, out=np.zeros_like(hit), where=weights @ stated > 0)
        reached = np.divide(part, weights @ true, out=np.zeros_like(part), where=weights @ true > 0)
        total = share + reached
        return np.asarray(np.divide(2 * share * reached, total, out=np.zeros_like(total), where=total > 0))

    return StatementScores(
        precision,
        recall,
        f1,
        mean_statistic([one.f1 for one in judgements]),
        ratio_statistic([2 * one.agreed for one in judgements], [one.said for one in judgements]),
        ratio_statistic(_counts([one.omitted for one in judgements]), true),
        ratio_statistic(_counts([one.fabricated for one in judgements]), stated),
        ratio_statistic(_counts([one.contradicted for one in judgements]), stated),
        mean_statistic([float(one.conflict) for one in judgements]),
    )


def critical_counts(judgements: Sequence[Judgement]) -> tuple[int, int, int]:
    """Critical statements that are found, those that are true, and those that are stated without support.

    Critical is what the vocabulary marks so, which an old infarction is not.
    """
    critical = set(VOCABULARY.critical_codes())
    found, true, unsupported = (
        sum(len(each & critical) for each in column)
        for column in zip(*((one.found, one.true, one.stated - one.supported) for one in judgements), strict=True)
    )
    return found, true, unsupported


def _stated(said: Said) -> frozenset[str]:
    return frozenset(code for code, polarity in said.items() if polarity != "absent")


def _covers(special: str, general: str) -> bool:
    return special == general or general in VOCABULARY.ancestors(special)


def _clashes(one: Said, other: Said, open_one: frozenset[str], open_other: frozenset[str]) -> tuple[set[str], set[str]]:
    """What one says is present and the other rules out, and by what that the other says is present, if by such."""
    ruled_out, by = set(), set()
    for code in open_one:
        if one[code] != "present":
            continue
        if any(polarity == "absent" and _covers(code, denied) for denied, polarity in other.items()):
            ruled_out.add(code)
        for against in open_other:
            if other[against] == "present" and against in VOCABULARY[code].excludes:
                ruled_out.add(code)
                by.add(against)
    return ruled_out, by


def _counts(sets: Sequence[frozenset[str]]) -> Floats:
    return np.array([len(each) for each in sets], np.float64)


def _share(part: int, whole: int) -> float:
    return part / whole if whole else 0.0


def _f1(precision: float, recall: float) -> float:
    return 2 * precision * recall / (precision + recall) if precision + recall else 0.0
