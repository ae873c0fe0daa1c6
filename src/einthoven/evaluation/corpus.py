"""The texts that a model was trained on, and the proof that a group of labels is in none of them."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import DataError, UsageError
from einthoven.formats.text import clean
from einthoven.statements.withheld import told_of

SHOWN = 3


@dataclass(frozen=True)
class Corpus:
    """Texts, each once, how many there were, and the hash of their file."""

    texts: tuple[str, ...]
    lines: int
    sha256: str


def read_corpus(path: Path) -> Corpus:
    """A text a line, UTF-8, the file plain or .gz.

    Raises:
        DataError: the file cannot be read, or holds no text.
    """
    try:
        stored = path.read_bytes()
        raw = gzip.decompress(stored) if path.suffix == ".gz" else stored
        lines = [line.strip() for line in raw.decode("utf-8").splitlines() if line.strip()]
    except (OSError, EOFError, UnicodeDecodeError) as fault:
        raise DataError(f"{path} cannot be read ({fault}).", "Give a text a line, in UTF-8.") from None
    if not lines:
        raise DataError(f"{path} holds no text.", "Give the texts that the model was trained on, one a line.")
    return Corpus(tuple(dict.fromkeys(lines)), len(lines), hashlib.sha256(stored).hexdigest())


def refuse_told(
    corpus: Corpus, codes: Sequence[str], group: str, progress: Callable[[str], None] = lambda line: None
) -> None:
    """Refuses to call labels unseen that the texts tell of.

    Raises:
        UsageError: some text does; the message says how many, of which codes, and shows the first.
    """
    found = []
    for number, text in enumerate(corpus.texts, 1):
        if codes_told := told_of(text, codes):
            found.append((text, codes_told))
        if number % 1000 == 0:
            progress(f"{group}: {number} of {len(corpus.texts)} training texts read")
    if found:
        named = sorted({code for _, some in found for code in some})
        shown = "; ".join(f"'{clean(text, 80)}' ({', '.join(some)})" for text, some in found[:SHOWN])
        raise UsageError(
            f"{len(found)} of {len(corpus.texts)} training texts tell of the group '{group}' ({', '.join(named)}): "
            f"{shown}.",
            "These labels are seen. Train a model without these texts, or judge it on another group.",
        )
