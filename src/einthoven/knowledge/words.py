"""Words as both searches count them."""

from __future__ import annotations

import re
import unicodedata

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+\d*[^\W_]*")


def search_words(text: str) -> list[str]:
    """Words in small letters without accents; numbers with their decimals; leads with their number.

    >>> search_words("QRS ≥ 0.12 s in V1, left-axis; Vorhofflimmern für 3,5 h")
    ['qrs', '0.12', 's', 'in', 'v1', 'left', 'axis', 'vorhofflimmern', 'fur', '3.5', 'h']
    """
    plain = unicodedata.normalize("NFKD", text.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    return [word.replace(",", ".") for word in _WORD.findall(plain)]
