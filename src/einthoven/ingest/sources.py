"""What was named on the command line, as ECG files one by one: files, folders, patterns, and archives of them."""

from __future__ import annotations

import glob
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from einthoven.ecg import EinthovenError, FileError, TruncatedError
from einthoven.formats.content import kind_of, looks_like
from einthoven.formats.files import read_head, shown
from einthoven.formats.find import could_be_one, ecg_files, find
from einthoven.formats.read import HEAD, located
from einthoven.ingest.unpack import unpack


class Unpacked:
    """The private folder of an unpacked archive; it is gone once nothing that lies in it is held any more."""

    def __init__(self) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="einthoven-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)


@dataclass(frozen=True)
class Item:
    """An ECG file that was found.

    Args:
        name: what to call it: its path, and for a member of an archive the archive's path and its own.
        path: where it lies now.
        folder: the unpacked archive that it lies in, which must be held as long as it is read.
    """

    name: str
    path: Path
    folder: Unpacked | None = None


class Register(Protocol):
    """Where a search says what it leaves out."""

    def refuse(self, name: str, fault: EinthovenError) -> None:
        """A file that may be an ECG, or an archive, and cannot be taken."""

    def pass_over(self, name: str, what: str) -> None:
        """A file that is no ECG; `what` it looks like."""


def gather(sources: Iterable[Path], register: Register, told: bool = False) -> Iterator[Item]:
    """The ECG files in `sources`, each once, in a fixed order; what is none goes to the register.

    A source is a file, a folder, a pattern (`export/**/*.dcm`), or a ZIP or tar archive; folders may hold archives.

    Args:
        told: whether leads are named beside the files. A pattern then stands for tables and arrays too of which
            nothing tells that they are ECGs; in a folder they are passed over as ever.

    Raises:
        FileError: a source is missing, or a pattern fits nothing (when its turn comes).
    """
    seen: set[Path] = set()
    for source in sources:
        for item in _of_source(source, register, told):
            if item.path not in seen:
                seen.add(item.path)
                yield item


def _of_source(source: Path, register: Register, told: bool) -> Iterator[Item]:
    where = located(source)
    if not where.exists() and glob.has_magic(str(source)):
        matches = sorted(Path(match) for match in glob.iglob(str(source), recursive=True))  # noqa: PTH207 (absolute patterns)
        if not matches:
            raise FileError(f"No file fits the pattern '{shown(source)}'.", "Check the pattern; quote it.")
        for match in matches:
            yield from _in_folder(match, register) if match.is_dir() else _one(match, register, told)
    elif where.is_file() and not ecg_files(where) and _is_archive(where):
        yield from _in_archive(where, register)
    else:
        yield from _in_folder(where, register)


def _one(path: Path, register: Register, told: bool) -> Iterator[Item]:
    """A file that a pattern fits."""
    found = ecg_files(path) or ([path] if told and could_be_one(path) else [])
    yield from (Item(str(one), one) for one in found)
    if not found:
        yield from _left_out(path, register)


def _in_folder(path: Path, register: Register) -> Iterator[Item]:
    others: list[Path] = []
    for found in find([path], others.append):
        yield from _all_left_out(others, register)
        yield Item(str(found), found)
    yield from _all_left_out(others, register)


def _all_left_out(paths: list[Path], register: Register) -> Iterator[Item]:
    for path in paths:
        yield from _left_out(path, register)
    paths.clear()


def _left_out(path: Path, register: Register) -> Iterator[Item]:
    if path.name.startswith("."):
        register.pass_over(str(path), _hidden(path))
    elif path.is_dir() and not path.is_symlink():
        register.refuse(str(path), FileError("The folder may not be searched.", "Ask for permission to read it."))
    elif not path.is_file():
        register.pass_over(str(path), _no_file(path))
    elif _is_archive(path):
        yield from _in_archive(path, register)
    else:
        _pass_over(path, str(path), register)


def _pass_over(path: Path, name: str, register: Register) -> None:
    if path.name.startswith("."):
        register.pass_over(name, _hidden(path))
        return
    try:
        register.pass_over(name, looks_like(read_head(path, HEAD)) if path.stat().st_size else "an empty file")
    except (FileError, OSError):  # gone by now, or not permitted
        register.refuse(name, FileError("It may not be read.", "Ask for permission to read it."))


def _hidden(path: Path) -> str:
    """It is not looked at: copies of other systems' metadata are named so, and what was deleted or set aside."""
    return "a hidden folder, which is not searched" if path.is_dir() else "a hidden file"


def _no_file(path: Path) -> str:
    if not path.is_symlink():
        return "a pipe, device or socket"
    return "a link to a folder, which is not followed" if path.is_dir() else "a link to no file"


def _is_archive(path: Path) -> bool:
    try:
        return kind_of(read_head(path, HEAD)) is not None
    except FileError:
        return False


def _in_archive(path: Path, register: Register) -> Iterator[Item]:
    folder = Unpacked()

    def name_of(member: str | Path) -> str:
        return f"{path}: {member}"

    try:
        unpack(path, folder.path, lambda member, fault: register.refuse(name_of(member), fault))
    except EinthovenError as fault:
        register.refuse(str(path), fault)
        if not isinstance(fault, TruncatedError):  # of a damaged one, what came before the damage is read
            return
    others: list[Path] = []
    for found in find([folder.path], others.append):
        yield Item(name_of(found.relative_to(folder.path)), found, folder)
    for other in others:
        _pass_over(other, name_of(other.relative_to(folder.path)), register)
