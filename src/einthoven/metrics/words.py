"""Report texts to words, the same for every text metric."""

from __future__ import annotations

import re
import unicodedata

TOKENIZER = "words-1 (NFC, lower case, runs of letters and digits, decimals whole, no punctuation)"
"""The name that results carry; another rule needs another name."""

_WORD = re.compile(r"\d+(?:[.,]\d+)+|[^\W_]+")


def words(text: str) -> tuple[str, ...]:
    """The words of a text in German, English or Swedish.

    Carts write no punctuation and people do, so none is kept. Letters with dots and rings stay letters, which the
    default tokenizers of ROUGE and COCO do not promise.

    >>> words("Sinusrhythmus, ST-T abnorm; QTc 0,44 s. FÜR V3/V4")
    ('sinusrhythmus', 'st', 't', 'abnorm', 'qtc', '0,44', 's', 'für', 'v3', 'v4')
    """
    return tuple(_WORD.findall(unicodedata.normalize("NFC", text).lower()))
