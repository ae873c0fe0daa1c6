"""A hash of this package's own code, for what is kept of its work: other code may make something else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from pathlib import Path

from einthoven.ecg.commit import HOUSE


def code_files(names: Iterable[str]) -> Iterator[Path]:
    """The modules of rooms ("ecg"), and files ("models/preparation.py"), by their path in the package."""
    for name in names:
        path = HOUSE / name
        yield from sorted(path.rglob("*.py")) if path.is_dir() else (path,)


def code_sha256(names: Iterable[str], beside: str = "") -> str:
    """Of these files, and of what else decides; whatever is changed in them, be it a comment, makes it another one."""
    digest = hashlib.sha256(beside.encode())
    for path in code_files(names):
        digest.update(path.relative_to(HOUSE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
