"""Where sentences end, in English and German."""

from __future__ import annotations

import re

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)")
_ABBREVIATIONS = frozenset(
    {
        *("e.g", "i.e", "vs", "cf", "al", "approx", "ca", "fig", "figs", "eq", "eqs", "ref", "refs", "sec", "sect"),
        *("chap", "vol", "eds", "dr", "prof", "mr", "mrs", "resp", "incl", "excl", "viz", "pp"),
        *("bzw", "abb", "tab", "vgl", "ggf", "evtl", "sog", "z.b", "d.h", "u.a", "o.g", "s.o", "s.u", "bspw", "inkl"),
    }
)
_BEFORE_NUMBERS = frozenset({"no", "nos", "nr", "p", "s", "art", "kap", "pt", "pts", "ch"})
_LAST = re.compile(r"[^\s(\[\"'“„«]*$")
_NEXT = re.compile(r"\s+[\"'“„«(\[]*(\S)(\S?)")


def sentences_of(text: str) -> list[str]:
    """The sentences of a paragraph on one line; joined by blanks they are the paragraph again.

    Neither abbreviations, initials, nor numbers end one; what goes on in small letters is the same sentence.

    >>> sentences_of("See Fig. 3, e.g. in lead I. The PR interval is 0.12 s. Dr. A. Smith agrees.")
    ['See Fig. 3, e.g. in lead I.', 'The PR interval is 0.12 s.', 'Dr. A. Smith agrees.']
    """
    text = " ".join(text.split())
    found, start = [], 0
    for end in _END.finditer(text):
        if _ends(text[start : end.start()], text[end.start() : end.end()], text[end.end() : end.end() + 8]):
            found.append(text[start : end.end()].strip())
            start = end.end()
    rest = text[start:].strip()
    return [*found, rest] if rest else found


def _ends(before: str, marks: str, after: str) -> bool:
    following = _NEXT.match(after)
    if following is None or following[1].islower():
        return False
    if not marks.startswith(".") or marks.startswith(".."):
        return True
    found = _LAST.search(before[-24:])
    word = found[0] if found else ""
    plain = word.lower()
    if not word or plain in _ABBREVIATIONS:
        return False
    if plain in _BEFORE_NUMBERS and following[1].isdigit():
        # "s. 12" is a page, and "0.12 s. 3 leads" a second
        return plain == "s" and bool(re.search(r"\d\s*s$", before))
    if len(word) == 1 and word.isalpha():
        # "z. B." and initials; but "lead I." ends one, and so does "0.12 s."
        return (word.islower() and following[2] != ".") or word == "I"
    # the number of an item at the beginning
    return not (word.isdigit() and len(word) < 4 and before.strip() == word)
