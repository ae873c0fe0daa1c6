"""The files that texts are made from and written to."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path

from einthoven.ecg import DataError, FileError, MissingPackageError
from einthoven.ecg.moving import move
from einthoven.formats.text import clean

MOST_BYTES = 256 * 2**20
MOST_LETTERS = 20_000


def read_descriptions(path: Path) -> dict[str, str]:
    """Descriptions by finding, from a JSON object of texts.

    Raises:
        DataError: it cannot be read, or is something else.
    """
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path} is larger than any table of descriptions.", "Check that this is the right file.")
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        raise DataError(f"{path} cannot be read ({type(fault).__name__}).", 'Write it like {"RBBB": "..."}.') from None
    if not isinstance(found, dict) or not all(isinstance(text, str) for text in found.values()):
        raise DataError(f"{path} is no table of texts by finding.", 'Write it like {"RBBB": "..."}.')
    return {clean(finding): clean(text, MOST_LETTERS) for finding, text in found.items()}


def token_counter(path: Path) -> Callable[[str], int]:
    """How many tokens a text is by a `tokenizer.json`, its special ones included.

    Raises:
        MissingPackageError: tokenizers is not installed.
        DataError: it cannot be read.
    """
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise MissingPackageError("Counting tokens needs tokenizers.", "pip install 'einthoven[train]'") from None
    try:
        tokenizer = Tokenizer.from_file(str(path))
    except Exception:  # noqa: BLE001 - tokenizers raises bare Exception
        raise DataError(f"{path} is no tokenizer.", "Name a tokenizer.json.") from None
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return lambda text: len(tokenizer.encode(text).ids)


def write_lines(out: Path, texts: Iterable[tuple[str, str]], progress: Callable[[int], None]) -> None:
    """Writes JSON lines of record and text; the file appears whole.

    Raises:
        FileError: it cannot be written.
    """
    new = out.with_name(out.name + ".new")
    try:
        with new.open("w", encoding="utf-8") as file:
            for done, (record, text) in enumerate(texts, 1):
                file.write(json.dumps({"record": record, "text": text}, ensure_ascii=False) + "\n")
                progress(done)
        move(new, out)
    except OSError as fault:
        raise FileError(f"{out} cannot be written ({fault.strerror}).", "Choose another place.") from None
