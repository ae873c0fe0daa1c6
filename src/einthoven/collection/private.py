"""Files that only their owner may read: Lance creates them by the umask."""

from __future__ import annotations

import os
from pathlib import Path


def make_private(folder: Path) -> None:
    """Folder and everything below it: 0700 folders, 0600 files.

    Windows has no such modes: there the folder it is created in decides who may read, which
    is its owner alone below a user's own folder.
    """
    folder.chmod(0o700)
    for parent, folders, files in os.walk(folder):
        for name in folders:
            (Path(parent) / name).chmod(0o700)
        for name in files:
            (Path(parent) / name).chmod(0o600)


def bytes_on_disk(folder: Path) -> int:
    """Size of all files below a folder, in bytes."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
