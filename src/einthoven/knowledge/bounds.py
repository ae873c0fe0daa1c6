"""What a sentence says of its numbers: of which wave or interval they are, and on which side of them it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence

_MORE = (
    r"(?:more|longer|wider|taller|deeper|greater|higher|faster|larger|later|broader) than|at least|(?:not|no) less than"
    r"|above|over|beyond|exceed(?:s|ing)?|minimum(?: of)?|≥|>=?"
)
_LESS = (
    r"(?:less|fewer|shorter|narrower|smaller|lower|slower|earlier) than|at most|(?:not|no) more than|below|under|up to"
    r"|within|maximum(?: of)?|≤|<=?"
)
_OR_MORE = r"(?:or|and) (?:more|above|over|longer|wider|taller|deeper|greater|higher|faster|larger|later|broader)"
_OR_LESS = r"(?:or|and) (?:less|below|under|fewer|shorter|narrower|smaller|lower|slower|earlier)"
_BETWEEN = r"(?:about |approximately )?"
_SUBJECTS = {
    "QRS": r"QRS",
    "R peak": r"R[- ]peak|intrinsicoid",
    "PR": r"P[RQ]\b(?! segment)|AV conduction",
    "QT": r"QTc?\b",
    "P": r"P[- ]wave|P waves?\b|\bP (?:duration|axis)",
    "T": r"T[- ]waves?\b|\bT (?:axis|inversion)",
    "ST": r"ST\b|J point",
    "Q": r"Q[- ]waves?\b|QS\b",
    "rate": r"rate\b|RR\b|PP\b|bpm|beats",
    "axis": r"axis",
}


def side(text: str, start: int, end: int) -> str:
    """On which side of the number at a place of a text it stands: "more", "less", or "" where that is not said.

    >>> side("The QRS lasts at least 120 ms.", 23, 29), side("a PR of 200 ms or less", 8, 14), side("0.2 mV high", 0, 6)
    ('more', 'less', '')
    """
    before, after = text[max(0, start - 40) : start], text[end : end + 24]
    for name, leading, trailing in (("more", _MORE, _OR_MORE), ("less", _LESS, _OR_LESS)):
        if re.match(rf"\s*(?:\([^)]*\)\s*|\)\s*)?{trailing}\b", after, re.IGNORECASE):
            return name
        # the nearest words decide: "not more than" ends on "more than" as well
        if re.search(rf"(?<!not )(?<!no )(?:{leading})\s*{_BETWEEN}$", before, re.IGNORECASE):
            return name
    return ""


def subjects(text: str) -> frozenset[str]:
    """The waves and intervals that numbers of a sentence may belong to.

    >>> sorted(subjects("The R peak time is more than 60 ms"))
    ['R peak']
    """
    return frozenset(name for name, form in _SUBJECTS.items() if re.search(rf"\b(?:{form})", text))


def misplaced(shown: str, stands: tuple[str, str], there: Sequence[tuple[str, str]]) -> str:
    """Why the number of a sentence is not that of the passages' sentences which hold it; "" where it may be.

    Args:
        shown: the number as it stands.
        stands: the side on which the sentence stands of it, and the sentence.
        there: the same of every place of the passages that holds it.
    """
    mine, sentence = stands
    own = subjects(sentence)
    near = [one for one in there if not own or not (yours := subjects(one[1])) or own & yours]
    if not near:
        return f"the passages say {shown} of something else"
    contrary = {"more": "less", "less": "more"}.get(mine)
    if contrary and all(other == contrary for other, _ in near):
        return f"the passages say {contrary} than {shown}, not {mine}"
    return ""
