"""Writing SVG text: numbers in millimetres, words made harmless."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from html import escape

ELLIPSIS = "…"


@lru_cache(maxsize=8192)
def hundredths(value: int) -> str:
    """A length given in hundredths of a millimetre, written in millimetres as short as it goes.

    >>> hundredths(1250), hundredths(-7), hundredths(0), hundredths(300)
    ('12.5', '-.07', '0', '3')
    """
    whole, rest = divmod(abs(value), 100)
    text = (str(whole) if whole or not rest else "") + (f".{rest:02d}".rstrip("0") if rest else "")
    return f"-{text}" if value < 0 else text


def mm(value: float) -> str:
    """A length in millimetres, to 0.01 mm.

    >>> mm(13.5), mm(0.333333), mm(297.0)
    ('13.5', '.33', '297')
    """
    return hundredths(round(value * 100))


def clean(text: str, limit: int = 60) -> str:
    """Words from a file, fit to stand in SVG: one line, printable, no markup, at most `limit` characters.

    Control, format (bidirectional overrides, zero-width), surrogate and unassigned code
    points are removed: XML forbids some of them and the others can disguise what is written.

    >>> clean("<script>alert(1)</script>")
    '&lt;script&gt;alert(1)&lt;/script&gt;'
    >>> clean("A\\x00B\\u202e\\n  C & D")
    'AB C &amp; D'
    """
    line = " ".join(text.split())
    line = "".join(letter for letter in line if unicodedata.category(letter)[0] != "C").strip()
    if len(line) > limit:
        line = line[: limit - 1].rstrip() + ELLIPSIS
    return escape(line)
