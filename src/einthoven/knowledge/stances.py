"""Whether a finding that the parser has no code for is denied."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import pairwise

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
_BESIDE_BEFORE = (
    ("denies",),
    ("0",),
    ("free", "of"),
    ("free", "from"),
    ("frei", "von"),
    ("negative", "for"),
    ("negativ", "fur"),
    ("loss", "of"),
    ("verlust", "von"),
)
_BESIDE_AFTER = frozenset(
    [
        "no",
        "none",
        "nein",
        "nil",
        "absent",
        "negative",
        "negativ",
        "denied",
        "fehlt",
        "false",
        "0",
        "0.0",
        "0,0",
        "kein",
        "keine",
        "keiner",
        "keines",
    ]
)
_COUNTED = ["burden", "last", "anteil", "number", "count", "anzahl", "total", "episodes", "episoden"]
_PARTING = frozenset(
    [*":,=-/(?", *_COUNTED, "pattern", "criteria", "kriterien", "sign", "signs", "syndrome", "syndrom"]
)
_MET = ("met", "fulfilled", "satisfied", "confirmed", "erfullt", "bestatigt")
_MISSING = ("absent", "missing", "fehlend")
_NORMAL = ("normal", "unauffallig", "regelrecht")
_LINKING = frozenset([":", "=", "-", "is", "are", "ist", "sind"])
_PARTS = frozenset(
    [
        "axis",
        "sinusal",
        "achse",
        "lagetyp",
        "rate",
        "hr",
        "frequenz",
        "herzfrequenz",
        "pr",
        "pq",
        "qrs",
        "qt",
        "qtc",
        "st",
        "p",
        "t",
        "interval",
        "intervals",
        "duration",
        "zeit",
        "wave",
        "waves",
        "welle",
        "wellen",
        "strecke",
        "strecken",
    ]
)
_EXCEPT = tuple(
    tuple(cue.split())
    for cue in (
        *("except", "apart from", "aside from", "save for", "other than", "but"),
        *("bis auf", "ausser", "abgesehen von", "mit ausnahme"),
    )
)
_CONTRARY = frozenset(["but", "aber", "however", "sondern", "jedoch", "dafur"])
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


def denied_beside(words: Sequence[Token], first: int, after: int) -> bool:
    """Whether a form or a note denies the words `first` to `after` right beside them: "LBBB: no", "free of AF".

    >>> from einthoven.statements.parse.normalise import tokens
    >>> denied_beside(tokens("lbbb: absent"), 0, 1), denied_beside(tokens("lbbb, no rvh"), 0, 1)
    (True, False)
    """
    if "weder" in _back(words, first):
        return True
    before = [word.form for word in words[max(0, first - 3) : first]]
    if any(before[-len(cue) :] == list(cue) for cue in _BESIDE_BEFORE):
        return True
    behind = [word.form for word in words[after : after + _NEAR]]
    at = next((at for at, form in enumerate(behind) if form not in _PARTING), len(behind))
    if (
        behind[at:]
        and behind[at] in _BESIDE_AFTER
        and (len(behind) == at + 1 or not behind[at + 1][0].isalnum() or behind[at + 1] in _SEEN)
    ):
        return True
    clause = _clause(words[after : after + _NEAR])
    return any(one in ("not", "nicht") and other in _MET for one, other in pairwise(clause))


def called_normal(words: Sequence[Token], first: int, after: int) -> bool:
    """Whether a wave, the words `first` to `after`, is said to be normal or missing, right beside it.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> called_normal(tokens("t waves: normal"), 0, 2), called_normal(tokens("t waves not normal"), 0, 2)
    (True, False)
    """
    if any(form.startswith(_MISSING) for form in (word.form for word in words[max(0, first - 2) : first])):
        return True
    if first and words[first - 1].form.startswith(_NORMAL):
        return not (first > 1 and words[first - 2].form in _NOT)
    behind = (word.form for word in words[after : after + _NEAR])
    return next((form for form in behind if form not in _LINKING), "").startswith(_NORMAL)


def _back(words: Sequence[Token], first: int) -> Iterator[str]:
    """The words of the sentence before a place, the nearest first."""
    for word in reversed(words[max(0, first - 2 * _NEAR) : first]):
        if word.form in ENDS or word.form in _CONTRARY:
            return
        yield word.form


def shut_out(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether what stands from `start` to `end` of the text is excluded or denied, as the parser does not read it.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> shut_out(tokens("ischemia has been excluded"), 0, 8), shut_out(tokens("ischemia is not excluded"), 0, 8)
    (True, False)
    """
    first = bisect_left(words, start, key=lambda word: word.start)
    after = bisect_left(words, end, key=lambda word: word.start)
    missing = any(word.form in ("absent", "missing") for word in words[max(0, first - 2) : first])
    if missing or denied_beside(words, first, after):
        return True
    behind = _clause(words[after : after + _NEAR])
    return any(form in ("excluded", "ausgeschlossen") for form in behind) and not any(form in _NOT for form in behind)


def only_of_a_part(words: Sequence[Token], start: int, end: int) -> bool:
    """Whether "normal" is said of the axis or a wave, or with an exception: that is no normal ECG.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> only_of_a_part(tokens("axis: normal"), 6, 12), only_of_a_part(tokens("ecg: normal"), 5, 11)
    (True, False)
    """
    first = bisect_left(words, start, key=lambda word: word.start)
    after = bisect_left(words, end, key=lambda word: word.start)
    before = next((word.form for word in reversed(words[:first]) if word.form not in _LINKING), "")
    behind = [word.form for word in words[after : after + 3] if word.form != ","]
    return (after - first == 1 and before in _PARTS) or any(behind[: len(cue)] == list(cue) for cue in _EXCEPT)


def _clause(near: Sequence[Token]) -> list[str]:
    """The nearest words, up to a mark or a turn."""
    found: list[str] = []
    for form in (word.form for word in near):
        if form in ENDS or form in (",", ":", "/") or form in _TURNS or len(found) == WAIT:
            break
        found.append(form)
    return found
