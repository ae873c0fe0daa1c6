"""Whether a finding that the parser has no code for is denied."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from einthoven.knowledge.phrases import ENDS
from einthoven.statements.parse.normalise import Token

WAIT = 5
"""Words that may stand between a denial and what it denies."""

_NEAR = 2 * WAIT
"""Words and marks that are looked at, so that a long text is no slower a word."""

_NOT = frozenset(
    [
        "no",
        "not",
        "without",
        "kein",
        "keine",
        "keinen",
        "keiner",
        "keines",
        "nicht",
        "ohne",
        "ej",
        "inga",
        "inget",
        "ingen",
        "inte",
        "utan",
    ]
)
_NOT |= {"negative", "never", "absence", "frei", "cannot", "neither", "nor"}
_SHUT_OUT = ("exclud", "rule", "ruling", "ausschl", "ausgeschl", "auszuschl", "uteslut")
_GONE = frozenset(["absent", "unlikely", "unwahrscheinlich", "fehlt", "fehlen", "excluded", "ausgeschlossen"])
_SEEN = frozenset(
    [
        "present",
        "seen",
        "evident",
        "found",
        "nachweisbar",
        "vorhanden",
        "erkennbar",
        "detected",
        "sicher",
        "demonstrated",
    ]
)
_TURNS = frozenset(["but", "aber", "however", "sondern", "men", "with", "mit"])


def denied(words: Sequence[Token], first: int, after: int) -> bool:
    """Whether the words `first` to `after` are denied; "cannot be excluded" denies nothing.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> denied(tokens("no electrical alternans"), 1, 3), denied(tokens("cannot rule out infarct"), 3, 4)
    (True, False)
    """
    before = _clause(words[max(0, first - _NEAR) : first][::-1])
    behind = _clause(words[after : after + _NEAR])
    if any(form.startswith(_SHUT_OUT) for form in before):
        return False
    if any(form in _NOT for form in before):
        return not any(form.startswith(_SHUT_OUT) for form in behind)
    if any(form in _NOT for form in behind):
        return any(form in _SEEN for form in behind)
    return any(form in _GONE for form in behind) or "ruled" in behind


def shut_out(words: Sequence[Token], end: int) -> bool:
    """Whether what ends at a place of the text is said to be excluded, as the parser does not read it.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> shut_out(tokens("ischemia has been excluded"), 8), shut_out(tokens("ischemia is not excluded"), 8)
    (True, False)
    """
    first = bisect_left(words, end, key=lambda word: word.start)
    behind = _clause(words[first : first + _NEAR])
    return any(form in ("excluded", "ausgeschlossen") for form in behind) and not any(form in _NOT for form in behind)


def _clause(near: Sequence[Token]) -> list[str]:
    """The nearest words, up to a mark or a turn."""
    found: list[str] = []
    for form in (word.form for word in near):
        if form in ENDS or form in (",", ":", "/") or form in _TURNS or len(found) == WAIT:
            break
        found.append(form)
    return found
