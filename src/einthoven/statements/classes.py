"""PTB-XL's five diagnostic superclasses and 23 subclasses, with names in two languages."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from einthoven.statements.suggest import unknown
from einthoven.statements.table import rows
from einthoven.statements.term import Language, check_language


@dataclass(frozen=True)
class DiagnosticClass:
    """A class of diagnostic codes; `superclass` is None for a superclass itself."""

    code: str
    superclass: str | None
    english: str
    german: str

    def text(self, language: Language = "en") -> str:
        """The name in a language."""
        return self.english if check_language(language) == "en" else self.german


@cache
def _level(level: str) -> dict[str, DiagnosticClass]:
    return {
        row["code"]: DiagnosticClass(row["code"], row["superclass"] or None, row["english"], row["german"])
        for row in rows("classes")
        if row["level"] == level
    }


def superclasses() -> tuple[DiagnosticClass, ...]:
    """The five superclasses."""
    return tuple(_level("super").values())


def subclasses() -> tuple[DiagnosticClass, ...]:
    """The 23 subclasses, each with its superclass."""
    return tuple(_level("sub").values())


def superclass(code: str) -> DiagnosticClass:
    """A superclass by its code.

    >>> superclass("CD").german
    'Erregungsleitungsstörung'
    """
    return _find("super", code)


def subclass(code: str) -> DiagnosticClass:
    """A subclass by its code.

    >>> subclass("_AVB").superclass
    'CD'
    """
    return _find("sub", code)


def _find(level: str, code: str) -> DiagnosticClass:
    known = _level(level)
    if code not in known:
        raise unknown(f"diagnostic {level}class", code, known)
    return known[code]
