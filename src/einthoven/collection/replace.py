"""A folder that was built beside its place takes the place of the one that is there."""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg.moving import move


def replace_folder(new: Path, folder: Path, old: Path) -> None:
    """Moves `folder`, where there is one, to `old`, and `new` to `folder`; if that fails, the old one is put back.

    All three lie on one disk, so that nothing is copied.
    """
    if folder.exists():
        move(folder, old)
    try:
        move(new, folder)
    except OSError:
        if old.exists():
            move(old, folder)
        raise
