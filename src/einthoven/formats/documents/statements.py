"""The statements of device or reader: clean, bounded, and without the line that names who signed."""

from __future__ import annotations

import re
from collections.abc import Iterable

from einthoven.ecg import Notice, Statement
from einthoven.formats.limits import MOST_STATEMENTS
from einthoven.formats.text import clean

_SIGNATURE = re.compile(
    r"\W*(?:electronically\s+)?(?:re-?)?"
    r"(?:confirmed|signed|reviewed|over-?read|interpreted|edited|verified|referred|ordered|requested)\s+by\b",
    re.I,
)


def statements_of(stated: Iterable[Statement]) -> tuple[tuple[Statement, ...], list[Notice]]:
    """Those with a text or a code, their texts clean; names of people are no statement about an ECG."""
    kept: list[Statement] = []
    signed = False
    for statement in stated:
        text = clean(statement.text)
        if _SIGNATURE.match(text):
            signed = True
        elif text or statement.code:
            kept.append(Statement(text, statement.code, statement.system, statement.likelihood))
    notices = []
    if signed:
        notices.append(Notice("signature", "A line that names who signed the statements was left out."))
    if len(kept) > MOST_STATEMENTS:
        text = f"The file holds {len(kept)} statements; the first {MOST_STATEMENTS} were read."
        notices.append(Notice("many-statements", text))
    return tuple(kept[:MOST_STATEMENTS]), notices
