"""From files and folders to the ECG files in them."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from einthoven.ecg import FileError
from einthoven.formats import wfdb
from einthoven.formats.files import read_head, shown
from einthoven.formats.read import HEAD, located
from einthoven.formats.registry import FORMATS


def find(sources: Iterable[str | os.PathLike[str]]) -> Iterator[Path]:
    """The ECG files in `sources`, each once, in a fixed order.

    A folder is searched through, sorted by name, without its hidden entries and without
    following links to folders; a file in it counts when its content is of a known format.
    A WFDB record is its header. A file that is named itself is always there, so that
    reading it can say what is wrong with it.

    Args:
        sources: files, folders, or WFDB records by their path without suffix.

    Raises:
        FileError: a source is missing (when its turn comes).
    """
    seen: set[Path] = set()
    for source in sources:
        path = located(Path(source))
        if path.is_dir():
            found = _in_folder(path)
        elif path.exists():
            found = iter((_candidate(path) or path,) if path.is_file() else (path,))
        else:
            raise FileError(f"'{shown(path)}' does not exist.", "Check the path.")
        for candidate in found:
            if candidate not in seen:
                seen.add(candidate)
                yield candidate


def _in_folder(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            visible = sorted((entry for entry in entries if not entry.name.startswith(".")), key=lambda e: e.name)
    except PermissionError as error:
        raise FileError(f"The folder '{shown(folder)}' may not be read.", "Ask for permission.") from error
    for entry in visible:
        path = folder / entry.name
        if entry.is_dir(follow_symlinks=False):
            yield from _in_folder(path)
        elif entry.is_file() and (candidate := _candidate(path)):
            yield candidate


def _candidate(path: Path) -> Path | None:
    """The file that stands for the ECG which `path` is part of, None when it is of no known format."""
    try:
        head = read_head(path, HEAD)
    except FileError:  # empty or not permitted: whoever names it gets the reason from reading it
        return None
    for form in FORMATS.values():
        if form.sniff(head, path):
            return wfdb.header_path(head, path) if form is wfdb else path
    return None
