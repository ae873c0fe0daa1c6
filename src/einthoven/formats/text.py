"""Text from files is data: no control characters, no terminal escapes, no endless strings."""

from __future__ import annotations

import re

NAME_LENGTH = 64
TEXT_LENGTH = 1000

# CSI and OSC sequences of terminals, with 7-bit or 8-bit introducers, and any other escape.
_ESCAPES = re.compile(
    "(?:\x1b\\[|\x9b)[0-?]*[ -/]*[@-~]|(?:\x1b\\]|\x9d)[^\x07\x1b\x9c]*(?:\x07|\x1b\\\\|\x9c)?|\x1b[ -/]*[0-~]?"
)


def clean(text: str, limit: int = TEXT_LENGTH) -> str:
    r"""`text` on one line, printable only, cut to `limit` characters.

    Drops terminal escapes and whatever Unicode calls not printable (controls, direction
    overrides, lone surrogates); runs of white space become one space.

    >>> clean("sinus\t rhythm\x1b[31m \x00ok\u202e ")
    'sinus rhythm ok'
    >>> clean("abcdef", limit=4)
    'abc…'
    """
    if text.isalnum() and len(text) <= limit:  # most names and units
        return text
    if not text.isprintable():
        # White space first becomes plain, lest "a\nb" turn into "ab".
        bare = re.sub(r"\s", " ", _ESCAPES.sub("", text[: 8 * limit]))
        text = "".join(letter for letter in bare if letter.isprintable())
    text = " ".join(text[: 8 * limit].split())
    return text if len(text) <= limit else text[: limit - 1] + "…"
