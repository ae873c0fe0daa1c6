"""Leads from one to another: "V3-6", "V3 - V6" and "V3 bis V6" name V4 and V5 as well."""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.statements.parse.normalise import Token

_TO = ("bis", "to", "through", "thru", "till")
_UNITS = ("mm", "mv")
_DASHES = ("-", "\u2013", "\u2014", "--")


def spread(text: str, line: Sequence[Token]) -> list[Token]:
    """The tokens of a text, with those of the chest leads that a range leaves out; they have no length.

    >>> from einthoven.statements.parse.normalise import tokens
    >>> [token.form for token in spread("T neg. V3-6", tokens("T neg. V3-6"))]
    ['t', 'neg', '.', 'v3', 'v4', 'v5', 'v6']
    """
    found: list[Token] = []
    at = 0
    listed = False  # "V2,3-6": a number in a list of chest leads is one
    while at < len(line):
        token = line[at]
        found.append(token)
        at += 1
        listed = bool(_chest(token.form, listed)) or (listed and token.form == ",")
        by_word = at < len(line) and line[at].form in _TO
        last = line[at + by_word] if at + by_word < len(line) else None
        if last is None or not (first := _chest(token.form, listed)) or not (end := _chest(last.form, bare=True)):
            continue
        after = line[at + by_word + 1].form if at + by_word + 1 < len(line) else ""
        if after in _UNITS and not last.form.startswith("v"):
            continue  # "V2 - 3 mm"
        if first < end and (by_word or text[token.end : last.start].strip() in _DASHES):
            found += (Token(f"v{lead}", last.start, last.start) for lead in range(first + 1, end))
            found.append(Token(f"v{end}", last.start, last.end))
            at += 1 + by_word
    return found


def _chest(form: str, bare: bool = False) -> int:
    """The number of a chest lead, written as "v4" or bare as "4" (the last of "3,4"); 0 of all else."""
    number = form[1:] if form.startswith("v") else form[-1:] if bare and (len(form) == 1 or form[-2] == ",") else ""
    return int(number) if number in ("1", "2", "3", "4", "5", "6") else 0
