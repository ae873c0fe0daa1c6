"""The overall line of a report, as AHA/ACC/HRS Part II (2007) has it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from einthoven.statements.term import Language, check_language
from einthoven.statements.vocabulary import VOCABULARY

Overall = Literal["normal", "otherwise-normal", "abnormal", "undetermined"]

TEXTS: dict[Language, dict[Overall, str]] = {
    "en": {
        "normal": "Normal ECG",
        "otherwise-normal": "Otherwise normal ECG",
        "abnormal": "Abnormal ECG",
        "undetermined": "Overall assessment open",
    },
    "de": {
        "normal": "Normales EKG",
        "otherwise-normal": "Sonst normales EKG",
        "abnormal": "Pathologisches EKG",
        "undetermined": "Gesamtbeurteilung offen",
    },
}


def overall_of(codes: Iterable[str]) -> Overall:
    """The overall class of an ECG with these codes present.

    One abnormal code makes it abnormal, also beside NORM. Normal and otherwise normal
    are said only where NORM is among the codes: a list that names just a rhythm does not
    show that somebody looked for the rest and found nothing.

    >>> overall_of(["SR", "NORM"]), overall_of(["SBRAD", "NORM"]), overall_of(["SR"])
    ('normal', 'otherwise-normal', 'undetermined')
    """
    terms = [VOCABULARY.term(code) for code in codes]
    severities = {term.severity for term in terms}
    if "abnormal" in severities:
        return "abnormal"
    if not any(term.code == "NORM" for term in terms):
        return "undetermined"
    return "otherwise-normal" if "otherwise-normal" in severities else "normal"


def overall(codes: Iterable[str], language: Language = "en") -> str:
    """The overall line as text.

    >>> overall(["AFIB"]), overall(["AFIB"], "de")
    ('Abnormal ECG', 'Pathologisches EKG')
    """
    return TEXTS[check_language(language)][overall_of(codes)]
