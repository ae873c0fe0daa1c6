"""What a report of another patient says of that patient alone: comparisons with their earlier ECG, history, drugs.

In a text that is shown beside somebody else's ECG this would read as if it were said of that one. It is taken out:
notes by the gate's table (`knowledge/tables/gate.csv`), and what the phrases of `tables/others.csv` find, German,
English and Swedish. How much of a clause goes is the table's `reach`; when in doubt, more.
"""

from __future__ import annotations

import csv
import pkgutil
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from einthoven.formats.text import clean
from einthoven.knowledge.gate import places_of
from einthoven.knowledge.phrases import find
from einthoven.statements.parse.normalise import tokens

LONGEST = 2000
"""Characters of a report that are read; no report is as long."""
KEPT_SCOPES = frozenset({"kept", "hint"})
"""Wordings of the gate that do not make a note by themselves."""
PRIOR, HISTORY, DRUG, NOTE = "prior", "history", "drug", "note"
LONGEST_WORD = 60
"""Letters of a word; the time that patterns take grows with more than that of longer ones."""
_ENDLESS = re.compile(rf"\S{{{LONGEST_WORD + 1},}}")
_SENTENCE = r"(?:(?<![\s.,]\w)(?<![\s.,]\w\w)(?<!\bmed)[.!]|[;\n])(?=\s|$)"
_STOPS, _GAPS = re.compile(_SENTENCE), re.compile(_SENTENCE + r"|\s{2,}")
_STOP = re.compile(r"[^\W\d_]{3}[.;](?=\s|$)")
"""Texts with two of them or more have sentences; in others wide gaps part what is said."""
_WORD = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-")
_PART = re.compile(r"[,:()]|\b(?:and|und|och)\b")
_KINDS = {"comparison": PRIOR, "demographic": HISTORY, "technical": NOTE, "unknown": NOTE}


@dataclass(frozen=True)
class Own:
    """A report's text without what is said of its patient alone.

    Args:
        text: what is left, on one line and printable; may be empty.
        removed: how many passages were taken out, by kind: "prior", "history", "drug", "note".
    """

    text: str
    removed: dict[str, int]


def without_others(text: str) -> Own:
    """The text without comparisons, history and drugs of the patient that it was written of.

    >>> without_others("Sinus rhythm. Compared with the last tracing T waves are less deep.").text
    'Sinus rhythm.'
    >>> without_others("Sinusrhythmus, Linkstyp. Gegenüber Vorbefund unverändert.").removed
    {'prior': 1}
    """
    text = _printable(text)
    gapped = text if len(_STOP.findall(text)) > 1 else re.sub(r"\s(?=\s)", ";", text)
    words = tokens(gapped)  # the gate's sentences end at stops, and letter by letter places stay
    spans: list[tuple[int, int, str]] = []
    for note in find(words):
        if note.meaning.kind == "finding" or note.meaning.scope in KEPT_SCOPES:
            continue
        if note.meaning.scope == "text":  # it speaks to a program: nothing of it is a report
            return Own("", {NOTE: 1})
        places = places_of(words, note)
        spans.append((words[places[0]].start, words[places[-1]].end, _KINDS[note.meaning.kind]))
    spans += _phrases(text)
    removed: dict[str, int] = {}
    left, last = list(text), dict[str, int]()
    for start, end, kind in sorted(spans):
        if start > last.get(kind, -1) and any(letter != "\0" for letter in left[start:end]):
            removed[kind] = removed.get(kind, 0) + 1
        last[kind] = max(end, last.get(kind, -1))
        left[start:end] = "\0" * (end - start)
    return Own(_tidy("".join(left)), removed)


def _printable(text: str) -> str:
    """The text without what a terminal would act upon; lines stay apart, and so do wide gaps."""
    lines = (
        "  ".join(clean(part, LONGEST) for part in re.split(r"\s{2,}", line)) for line in text[:LONGEST].splitlines()
    )
    return _ENDLESS.sub(lambda found: f"{found[0][:LONGEST_WORD]}…", "\n".join(lines))


def _phrases(text: str) -> Iterator[tuple[int, int, str]]:
    start = 0
    punctuated = len(_STOP.findall(text)) > 1
    clauses = (_STOPS if punctuated else _GAPS).finditer(text)
    for end, after in [*((mark.start(), mark.end()) for mark in clauses), (len(text), len(text))]:
        clause = _plain(text[start:end])
        for phrase in _table():
            for found in phrase.pattern.finditer(clause):
                first, last = _reach(phrase.reach if punctuated or phrase.reach != "part" else "words", clause, found)
                yield start + first, start + last, phrase.kind
        start = after


def _reach(reach: str, clause: str, found: re.Match[str]) -> tuple[int, int]:
    """What of a clause goes: all of it, what begins with the phrase, the part between commas, or its words alone."""
    if reach == "clause":
        return 0, len(clause)
    if reach == "after":
        return found.start(), len(clause)
    if reach == "words":
        first, last = found.span()
        while first and clause[first] in _WORD and clause[first - 1] in _WORD:
            first -= 1
        while last < len(clause) and clause[last - 1] in _WORD and clause[last] in _WORD:
            last += 1
        return first, last
    before = [mark.start() for mark in _PART.finditer(clause) if mark.start() < found.start()]
    behind = [mark.start() for mark in _PART.finditer(clause) if mark.start() >= found.end()]
    return (before[-1] if before else 0), (behind[0] if behind else len(clause))


def _plain(text: str) -> str:
    """Lower case and without umlauts, letter by letter, so that places stay."""
    return text.lower().translate(_UMLAUTS) if len(text.lower()) == len(text) else text.translate(_UMLAUTS)


_UMLAUTS = str.maketrans("äöüåÄÖÜÅé", "aouaAOUAe")


def _tidy(text: str) -> str:
    """What is left, with a stop where something was taken out; marks that stand around nothing go too."""
    if "\0" not in text:
        return clean(text, LONGEST)
    pieces = [clean(piece, LONGEST).strip(" .,;:-") for piece in re.split("\0+", text)]
    return "".join(f"{piece}. " for piece in pieces if any(letter.isalnum() for letter in piece)).rstrip()


@dataclass(frozen=True)
class _Phrase:
    kind: str
    reach: str
    pattern: re.Pattern[str]
    example: str


@cache
def _table() -> tuple[_Phrase, ...]:
    data = pkgutil.get_data("einthoven.reporting", "tables/others.csv")
    if data is None:
        raise FileNotFoundError("einthoven/reporting/tables/others.csv")
    rows = csv.DictReader(data.decode("utf-8").splitlines())
    return tuple(_Phrase(row["kind"], row["reach"], re.compile(row["pattern"]), row["example"]) for row in rows)
