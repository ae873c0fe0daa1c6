"""How wide words are, without asking a font: the wider of Vera (PDF, PNG) and Helvetica (most screens), per letter."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from functools import lru_cache

# Advance widths in thousandths of the font size, rounded up.
_REGULAR = {
    **{
        280: "'ijl",
        300: "I",
        320: " \u00a0,.·‘’",
        340: "/:;\\|",
        360: "f",
        370: "-",
        400: "()[]t",
        410: "!¹²³",
        420: "r",
    },
    **{460: '"', 500: "*J`°", 520: "“”„", 530: "sz", 550: "c", 560: "?L_–§", 580: "k", 600: "vxy", 620: "FTaeoøå»«"},
    **{630: "ß", 640: "$0123456789bdghnpqu{}µ€", 670: "EKPSY", 690: "ABVXZ", 730: "CR", 740: "U", 750: "N", 760: "H"},
    **{780: "&DG", 790: "OQØ", 820: "w", 840: "#+<=>^~±×≥≤−", 870: "M", 960: "%", 970: "½¼", 980: "m", 990: "Wæ"},
    **{1000: "Æ—…", 1020: "@"},
}
_BOLD = {
    **{
        310: "'",
        350: " \u00a0ijl",
        370: "/\\|",
        380: ",.I·‘’",
        400: ":;",
        420: "-",
        440: "f¹²³",
        460: "!()[]",
        480: "t",
    },
    **{500: "`r°", 530: '"*', 560: "J_–§", 590: "z", 600: "cs", 620: "?", 640: "L", 650: "x»«", 660: "vy“”„", 670: "k"},
    **{680: "aeå", 690: "EFToø", 700: "$0123456789€", 720: "bdghnpqu{}ß", 730: "SYZ", 740: "CPµ", 770: "B"},
    **{780: "AKRVX", 820: "U", 830: "G", 840: "#+<=>DHN^~±×≥≤−", 860: "OQØ", 880: "&", 930: "w", 1000: "@M—…"},
    **{1010: "%", 1040: "½¼", 1050: "mæ", 1090: "Æ", 1110: "W"},
}
UNKNOWN = 1200
"""Of a letter that is in no table, such as a Chinese one: wider than most."""


def _by_letter(table: Mapping[int, str]) -> dict[str, int]:
    return {letter: width for width, letters in table.items() for letter in letters}


_TABLES = (_by_letter(_REGULAR), _by_letter(_BOLD))


def width(text: str, size: float, bold: bool = False) -> float:
    """Millimetres that words take at most, at a font size in mm; a letter with accents is as wide as without.

    >>> round(width("I", 10), 6), width("ä", 3) == width("a", 3)
    (3.0, True)
    """
    table = _TABLES[bold]
    return sum(table.get(letter) or _unlisted(letter, bold) for letter in text) * size / 1000


@lru_cache(maxsize=4096)
def _unlisted(letter: str, bold: bool) -> int:
    base = unicodedata.normalize("NFD", letter)[0]
    return _TABLES[bold].get(base, UNKNOWN)


@lru_cache(maxsize=4096)
def wrap(text: str, room: float, size: float, bold: bool = False) -> tuple[str, ...]:
    """The words in lines of at most `room` mm; a word that is wider than a line is broken between its letters.

    A no-break space holds its words together.

    >>> wrap("QRS complex", 14, 3)
    ('QRS', 'complex')
    """
    lines: list[str] = []
    line = ""
    for word in filter(None, text.split(" ")):
        joined = f"{line} {word}" if line else word
        if width(joined, size, bold) <= room:
            line = joined
            continue
        lines += [line] if line else []
        *whole, line = _broken(word, room, size, bold)
        lines += whole
    return (*lines, line) if line else tuple(lines)


def _broken(word: str, room: float, size: float, bold: bool) -> list[str]:
    parts = [""]
    for letter in word:
        if parts[-1] and width(parts[-1] + letter, size, bold) > room:
            parts.append("")
        parts[-1] += letter
    return parts
