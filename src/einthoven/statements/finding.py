"""A statement code with its polarity: what a report asserts, weighs or denies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from einthoven.statements.suggest import unknown
from einthoven.statements.vocabulary import VOCABULARY

Polarity = Literal["present", "possible", "absent"]
POLARITIES: tuple[Polarity, ...] = get_args(Polarity)


@dataclass(frozen=True)
class Finding:
    """One finding of an ECG.

    Raises:
        UsageError: a code that is not in the vocabulary, or a polarity that is not one.

    >>> Finding("AFIB")
    Finding(code='AFIB', polarity='present')
    """

    code: str
    polarity: Polarity = "present"

    def __post_init__(self) -> None:
        VOCABULARY.term(self.code)
        if self.polarity not in POLARITIES:
            raise unknown("polarity", self.polarity, POLARITIES)
