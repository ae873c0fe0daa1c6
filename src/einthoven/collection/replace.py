"""A folder that was built beside its place takes the place of the one that is there."""

from __future__ import annotations

from pathlib import Path


def replace_folder(new: Path, folder: Path, old: Path) -> None:
    """Moves `folder`, where there is one, to `old`, and `new` to `folder`; if that fails, the old one is put back.

    All three lie on one disk, so that nothing is copied.
    """
    if folder.exists():
        folder.rename(old)
    try:
        new.rename(folder)
    except OSError:
        if old.exists():
            old.rename(folder)
        raise
