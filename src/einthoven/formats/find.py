"""From files and folders to the ECG files in them."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from einthoven.ecg import EinthovenError, FileError
from einthoven.formats import code15, wfdb
from einthoven.formats.files import read_head, shown
from einthoven.formats.read import HEAD, located
from einthoven.formats.registry import ASKING, FORMATS
from einthoven.formats.told import RECORD_MARK, split_record


def find(sources: Iterable[str | os.PathLike[str]], left_out: Callable[[Path], None] | None = None) -> Iterator[Path]:
    """The ECG files in `sources`, each once, in a fixed order.

    A folder is searched through, sorted by name, without its hidden entries and without
    following links to folders; a file in it counts when its content is of a known format.
    A WFDB record is its header; one in segments stands for those that follow it. A file that
    is named itself is always there, so that reading it can say what is wrong with it.

    Args:
        sources: files, folders, or WFDB records by their path without suffix.
        left_out: called with each file of a folder that is of no known format, with hidden entries, and with what is
            no file but a link to a folder or to nothing, a pipe, or a folder in it that may not be searched.

    Raises:
        FileError: a source is missing, or a folder may not be searched and there is nobody to tell (when its turn
            comes).
    """
    seen: set[Path] = set()
    for source in sources:
        for candidate in _found(Path(source), left_out):
            if candidate not in seen:
                seen.add(candidate)
                if candidate.suffix == ".hea":
                    seen.update(wfdb.segment_headers(candidate))
                yield candidate


def _found(source: Path, left_out: Callable[[Path], None] | None) -> Iterable[Path]:
    file, record = split_record(source)
    path = located(file)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise FileError(f"'{shown(path)}' does not exist.", "Check the path.") from error
    except (OSError, ValueError) as error:
        raise FileError(f"'{shown(path)}' cannot be opened.", "Check the path and its permissions.") from error
    if stat.S_ISDIR(mode):
        return _in_folder(path, left_out)
    return [source] if record is not None else ecg_files(path) or [path]


def _in_folder(folder: Path, left_out: Callable[[Path], None] | None) -> Iterator[Path]:
    waiting = [(folder, True)]  # a stack: folders may nest deeper than calls can
    while waiting:
        path, is_folder = waiting.pop()
        if path.name.startswith(".") and path != folder:
            if left_out is not None:
                left_out(path)
        elif is_folder:
            try:
                waiting += reversed(_entries(path))
            except FileError:
                if path == folder or left_out is None:
                    raise
                left_out(path)
        elif candidates := ecg_files(path) if path.is_file() else []:
            yield from candidates
        elif left_out is not None:
            left_out(path)


def _entries(folder: Path) -> list[tuple[Path, bool]]:
    """What is in a folder, sorted by name, with whether it is a folder; links are none."""
    try:
        with os.scandir(folder) as entries:
            return sorted((folder / entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError as error:
        raise FileError(f"The folder '{shown(folder)}' cannot be searched.", "Ask for permission.") from error


def ecg_files(path: Path) -> list[Path]:
    """What stands for the ECGs that `path` holds or is part of, nothing when it is of no known format."""
    try:
        head = read_head(path, HEAD)
    except FileError:  # empty or not permitted: whoever names it gets the reason from reading it
        return []
    for form in FORMATS.values():
        if form.sniff(head, path):
            if form is code15:
                return _exams(path)
            header = wfdb.header_path(head, path) if form is wfdb else path
            return [header] if header else []
    return []


def could_be_one(path: Path) -> bool:
    """Whether the file holds numbers of which only who names it knows that they are an ECG."""
    try:
        head = read_head(path, HEAD)
    except FileError:
        return False
    return any(form.could_be(head) for form in ASKING.values())


def _exams(path: Path) -> list[Path]:
    try:
        names = code15.exams(path)
    except EinthovenError:  # whoever reads it gets the reason
        return [path]
    return [path.with_name(path.name + RECORD_MARK + name) for name in names]
