"""What a device's or reader's sentence says in SCP codes, as far as that is certain.

`tables/device.csv` lists the phrases, each with a reason; where one lies in another, the longer counts. A sentence is
taken apart at commas, and what one part denies ("no ST elevation", "no longer present") is not said. What it only
weighs ("possible", "cannot rule out") is marked. A phrase that is not listed means nothing here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import Literal

from einthoven.statements.elsewhere import Meaning
from einthoven.statements.table import rows
from einthoven.statements.vocabulary import VOCABULARY

Verdict = Literal["normal", "otherwise-normal", "borderline", "abnormal"]

_VERDICT = re.compile(
    r"\b(?:(otherwise normal|sonst normales)|(borderline|grenzwertiges)"
    r"|(abnormal|atypical|abnormales|pathologisches)|(normal|normales))"
    r"(?: rhythm)? (?:ecg|ekg|electrocardiogram)\b"
)
_KINDS: tuple[Verdict, ...] = ("otherwise-normal", "borderline", "abnormal", "normal")
_BRACKETS = re.compile(r"\([^()]*\)")  # a criterion, no statement
_DENIED_BEFORE = re.compile(r"\b(?:no|not|without|negative for|absence of|has replaced|kein|keine|keinen|ohne|nicht)\b")
_DENIED_AFTER = re.compile(
    r"\b(?:no longer|not (?:present|seen|evident|found)|resolved|ruled out|excluded|absent|has replaced|nicht)\b"
)
_WEIGHED = re.compile(
    r"\b(?:possible|possibly|consider|cannot (?:be )?(?:rule|ruled|exclude|excluded)|can not rule|may be|questionable|"
    r"suspect|borderline|versus|verdacht|fraglich|möglich)\b"
)
_COMPARISON = re.compile(r"\bcompar(?:ed|ison) (?:with|to)\b|\bim vergleich\b")


@dataclass(frozen=True)
class Stated:
    """One phrase of a sentence.

    Args:
        codes: any of which is meant; empty where no code is.
        always: whether a draft that lacks it must say so, whatever the draft states.
        weighed: whether the sentence only weighs it.
    """

    codes: tuple[str, ...]
    always: bool
    weighed: bool

    @property
    def alarming(self) -> bool:
        """Whether somebody has to know of it at once, or nothing else can be concluded beside it."""
        return self.always or any(VOCABULARY[code].critical for code in self.codes)

    def lacks(self, drafted: set[str]) -> bool:
        """Whether none of these codes says the same."""
        return not self.codes or not Meaning(self.codes).covered & drafted

    def clashes(self, drafted: set[str]) -> bool:
        """Whether each of its codes contradicts one of these."""
        return bool(self.codes) and all(VOCABULARY[code].excludes & drafted for code in self.codes)


def stated(text: str) -> tuple[Stated, ...]:
    """The phrases of one sentence that mean something for certain.

    >>> [one.codes for one in stated("Sinus rhythm with 1st degree A-V block, no ST elevation")]
    [('SR',), ('1AVB',)]
    >>> stated("Cannot rule out Anterior infarct, age undetermined")
    (Stated(codes=('AMI',), always=False, weighed=True),)
    >>> stated("Premature atrial complexes are no longer present")
    ()
    """
    whole = left = _plain(re.sub(_BRACKETS, " ", re.sub(_BRACKETS, " ", text)))
    found: dict[int, Stated] = {}
    for pattern, codes, always in _phrases():
        for at in pattern.finditer(left):
            before = whole[: at.start()].rpartition(",")[2]
            after = whole[at.end() :].partition(",")[0]
            weighed = bool(_WEIGHED.search(before) or _WEIGHED.search(after))
            denied = not weighed and bool(_DENIED_BEFORE.search(before) or _DENIED_AFTER.search(after))
            if (codes or always) and not denied:
                found[at.start()] = Stated(codes, always, weighed)
        left = pattern.sub(lambda at: "_" * len(at[0]), left)
    return tuple(found[place] for place in sorted(found))


def verdict(text: str) -> Verdict | None:
    """What a sentence says of the ECG as a whole.

    >>> verdict("Normal sinus rhythm, normal ECG"), verdict("- OTHERWISE NORMAL ECG -"), verdict("Normal sinus rhythm")
    ('normal', 'otherwise-normal', None)
    """
    found = [_KINDS[group] for hit in _VERDICT.finditer(_plain(text)) for group in range(4) if hit[group + 1]]
    return next((kind for kind in ("abnormal", "borderline", "otherwise-normal", "normal") if kind in found), None)


def compares(text: str) -> bool:
    """Whether a sentence begins a comparison with an earlier ECG: what follows is not about this one alone.

    >>> compares("When compared with ECG of 10-MAY-2021 14:14,"), compares("No previous ECGs available")
    (True, False)
    """
    return bool(_COMPARISON.search(_plain(text)))


@cache
def _phrases() -> tuple[tuple[re.Pattern[str], tuple[str, ...], bool], ...]:
    """The longest first; a comma may stand between their words."""
    every = sorted(rows("device"), key=lambda row: -len(row["phrase"]))
    return tuple(
        (
            re.compile(r"(?<!\S)" + "(?: ,)? ".join(map(re.escape, row["phrase"].split())) + r"(?!\S)"),
            tuple(row["codes"].split()),
            row["always"] == "yes",
        )
        for row in every
    )


def _plain(text: str) -> str:
    """Lower case, words and commas between single blanks, one word for what has several."""
    text = re.sub(r"[,;.]+", " , ", text.casefold())
    text = " ".join(re.sub(r"[^\w:,]+", " ", text).split())
    text = re.sub(r"\bmyocardial infarct(?:ion)?\b|\binfarction\b|\bmi\b|\b(?:myokard)?infarkt\b", "infarct", text)
    return re.sub(r"\ba v\b", "av", text)
