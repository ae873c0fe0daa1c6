"""One statement code of the vocabulary and what is known about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from einthoven.ecg import UsageError

Language = Literal["en", "de"]
Severity = Literal["normal", "otherwise-normal", "abnormal"]
"""What the statement does to the overall line of AHA/ACC/HRS Part II (2007): "normal" leaves
a normal ECG normal, "otherwise-normal" allows at most that, "abnormal" makes the ECG abnormal.
Where practice differs the more serious value is taken. The fourth line of the standard,
uninterpretable, is a matter of signal quality and no statement code carries it."""

LANGUAGES: tuple[Language, ...] = ("en", "de")
KINDS = ("diagnostic", "form", "rhythm")
SEVERITIES: tuple[Severity, ...] = ("normal", "otherwise-normal", "abnormal")
GROUPS = (
    "rhythm",
    "pacing",
    "ectopy",
    "conduction",
    "hypertrophy",
    "infarction",
    "st-t",
    "other",
    "normal",
)
"""The groups of statements, in the order in which a report names them."""


@dataclass(frozen=True)
class Term:
    """One SCP-ECG statement as PTB-XL codes it.

    Code, kinds, superclass, subclass and AHA code are facts of PTB-XL; the SNOMED CT code is
    that of the PhysioNet Challenge 2021 map. The rest is this project's own.

    Args:
        code: SCP code, as in "IMI".
        english, german: report wording, to be put in sentence case.
        english_absent, german_absent: the wording that denies it.
        kinds: of `KINDS`; four codes are both diagnostic and form.
        superclass, subclass: PTB-XL's diagnostic classes; None for what is not diagnostic.
        aha: number of the AHA/ACC/HRS 2007 statement, where PTB-XL names one.
        snomed: SNOMED CT code that means the same and may be written out; None where none is
            certain (AMI: the map's 54329005 says acute, which the SCP code does not).
        severity: see `Severity`.
        critical: whether somebody has to know at once; fixed before any model was trained.
        critical_reason: why, or why not, in one line.
        group: of `GROUPS`.
        parents: codes that say the same more generally and are left out beside this one.
        excludes: codes that cannot be true of the same ECG.
    """

    code: str
    english: str
    german: str
    english_absent: str
    german_absent: str
    kinds: tuple[str, ...]
    superclass: str | None
    subclass: str | None
    aha: int | None
    snomed: str | None
    severity: Severity
    critical: bool
    critical_reason: str
    group: str
    parents: tuple[str, ...]
    excludes: frozenset[str]

    def text(self, language: Language = "en") -> str:
        """The report wording in a language."""
        return self.english if check_language(language) == "en" else self.german

    def absent_text(self, language: Language = "en") -> str:
        """The wording that denies it, in a language."""
        return self.english_absent if check_language(language) == "en" else self.german_absent


def check_language(language: str) -> Language:
    """The language itself, if it is one of `LANGUAGES`; else UsageError."""
    for known in LANGUAGES:
        if language == known:
            return known
    raise UsageError(f"There are no wordings in language '{language}'.", f"Use one of {', '.join(LANGUAGES)}.")
