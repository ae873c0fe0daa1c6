"""Which readers were fuzzed: a fingerprint of their source, so that a table of older ones is known as such."""

from __future__ import annotations

import hashlib
from pathlib import Path

FORMATS = Path(__file__).parents[2] / "src" / "einthoven" / "formats"


def fingerprint(folder: Path = FORMATS) -> str:
    """The first 12 digits of a SHA-256 over all modules below a folder, by name, whatever their ends of line."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py"), key=lambda path: path.relative_to(folder).as_posix()):
        found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes().replace(b"\r\n", b"\n"))
    return found.hexdigest()[:12]
