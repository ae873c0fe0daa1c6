"""Text as others stored it to plain words: case, umlauts and their damage, with places in the text.

Umlauts are folded to their vowel, and so are the digraphs that stand for them (ae, oe, ue) and what wrong
encodings make of them, in reports and in the tables alike: "Ischaemie", "ISCHÄMIE" and "ischÃ¤mie" are one word.
A letter that is lost altogether ("m?glich", "f#r") becomes a mark that the lexicon fills in.
"""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_right
from dataclasses import dataclass

LOST = "\ufffd"
"""A letter that is lost."""

# UTF-8 read as Latin-1 or Windows-1252, in either case: the second character tells the letter.
_SECOND = "\u00a4\u00b6\u00bc\u00a5\u00ff\u009f\u201e\u0084\u2013\u0096\u0153\u009c\u2026\u0085\u00a9"
_MEANT = ("a", "o", "u", "a", "ss", "ss", "a", "a", "o", "o", "u", "u", "a", "a", "e")
_TWICE = {"ã" + second: meant for second, meant in zip(_SECOND, _MEANT, strict=True)}
_SWEDISH_7_BIT = {"}": "a", "{": "a", "|": "o"}
_LETTERS = {"ß": "ss", "æ": "a", "ø": "o", "œ": "o", "ð": "d", "þ": "t"}
_SPECIAL = re.compile(
    rf"ã[{_SECOND}]"
    r"|[aou]e"
    r"|(?<=[^\W\d_])[}{|]|[}{|](?=[^\W\d_])"
    r"|[?#\ufffd](?=[^\W\d_])"
    r"|[^\x00-\x7f\ufffd]"
)
_TOKEN = re.compile(
    r"(?P<word>[a-z\ufffd]+\d*)(?P<ending>\((?:n|s|a|e|t|er|en|es|r)\))?|\d+(?:[.,]\d+)?|[.,;:/?!()&+=\n]"
)
"""A word with what may follow it in brackets, "contraction(s)", a number or a mark; all else parts them."""


@dataclass(frozen=True, slots=True)
class Token:
    """A word, number or mark: its folded form, and where it stands in the text."""

    form: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it begins with a letter."""
        return self.form[0].isalpha() or self.form[0] == LOST


def fold(text: str) -> str:
    """Lower case, without umlauts, accents and digraphs.

    >>> fold("Überdrehter"), fold("Ischaemie"), fold("ISCHÃ„MIE"), fold("f#r"), fold("Infarkt?")
    ('uberdrehter', 'ischamie', 'ischamie', 'f\ufffdr', 'infarkt?')
    """
    return _folded(text)[0]


def tokens(text: str) -> list[Token]:
    """The words, numbers and marks of a text, in order, with their places in it.

    >>> [(token.form, token.start, token.end) for token in tokens("T- Abflachung V5")]
    [('t', 0, 1), ('abflachung', 3, 13), ('v5', 14, 16)]
    """
    folded, places, shifts = _folded(text)
    found = []
    for match in _TOKEN.finditer(folded):
        start, end = match.span()
        if places:
            start += shifts[bisect_right(places, start)]
            end += shifts[bisect_right(places, end)]
        found.append(Token(match["word"] or match[0], start, end))
    return found


def _folded(text: str) -> tuple[str, list[int], list[int]]:
    """The folded text, the places in it from which on the text is shifted, and the shifts (one more)."""
    low = text.lower()
    if len(low) != len(text):  # a few letters have a longer lower case
        low = "".join(letter.lower()[:1] for letter in text)
    pieces: list[str] = []
    places: list[int] = []
    shifts = [0]
    last = size = 0
    for match in _SPECIAL.finditer(low):
        start, end = match.span()
        letters = _meant(match[0])
        pieces += (low[last:start], letters)
        size += start - last + len(letters)
        last = end
        if end - size != shifts[-1]:
            places.append(size)
            shifts.append(end - size)
    pieces.append(low[last:])
    return "".join(pieces), places, shifts


def _meant(letters: str) -> str:
    if len(letters) == 2:
        return _TWICE.get(letters) or letters[0]
    if letters in _SWEDISH_7_BIT:
        return _SWEDISH_7_BIT[letters]
    if letters in "?#\ufffd":
        return LOST
    return _LETTERS.get(letters) or _plain(letters)


def _plain(letter: str) -> str:
    """The letter without its accent; nothing for an accent that stands by itself."""
    return "".join(one for one in unicodedata.normalize("NFD", letter) if not unicodedata.combining(one))
