"""Lines of print put together again: words that were broken at a line's end, paragraphs that were broken into lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")
_BROKEN = re.compile(r"([^\W\d_]+)[-\u2010\u00ad]$")
_HEAD = re.compile(r"[^\W\d_]+")
_LIGATURES = str.maketrans(
    {"\ufb00": "ff", "\ufb01": "fi", "\ufb02": "fl", "\ufb03": "ffi", "\ufb04": "ffl", "\ufb05": "st", "\ufb06": "st"}
)


def words_of(lines: Iterable[str]) -> frozenset[str]:
    """The words of a document in lower case, compounds with their hyphens: what decides about broken words."""
    return frozenset(word.lower() for line in lines for word in _WORD.findall(line))


def joined(lines: Sequence[str], known: frozenset[str] = frozenset()) -> str:
    """Lines as one. A hyphen at a line's end goes where the word goes on in small letters, unless the document writes
    the word with it elsewhere (`known`), or what stands before it is an abbreviation.

    >>> joined(["the fibril-", "lation of the", "ST-", "segment and the T-", "wave"])
    'the fibrillation of the ST-segment and the T-wave'
    >>> joined(["right-", "sided"], frozenset({"right-sided"}))
    'right-sided'
    """
    text = ""
    for line in (line.strip() for line in lines):
        if not line:
            continue
        broken, head = _BROKEN.search(text), _HEAD.match(line)
        if broken and head:
            text = text[:-1] + ("-" if _keeps_hyphen(broken[1], head[0], known) else "") + line
        else:
            text += (" " if text else "") + line
    return text


def _keeps_hyphen(before: str, after: str, known: frozenset[str]) -> bool:
    if before.isupper() or not after[0].islower():
        return True
    whole = (before + after).lower()
    return whole not in known and f"{before}-{after}".lower() in known


def plain_letters(text: str) -> str:
    """The letters of a ligature, which fonts of books have as one.

    >>> plain_letters("\\ufb01brillation")
    'fibrillation'
    """
    return text.translate(_LIGATURES)
