"""Checksums of an archive's files, kept beside them in the form that `sha256sum --check` reads.

Lance never changes a file that it has written, apart from a hint to the latest version; so a file whose name is
listed keeps its line, and damage done to it later is not taken for what was meant.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from einthoven.collection.lock import LOCK, sole_writer
from einthoven.ecg import CollectionError
from einthoven.ecg.moving import move

SUMS = "SHA256SUMS"
HINT = "latest_version_hint.json"
_LINE = re.compile(r"([0-9a-f]{64})  (\S.*)")


@dataclass(frozen=True)
class Differences:
    """Files that are not what they were: by name, from the archive's folder."""

    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    unlisted: tuple[str, ...] = ()


def seal(folder: Path, rewritten: Iterable[str] = (), anew: bool = False) -> None:
    """Lists the files of an archive after a change of it: those with new names, and those that were `rewritten`.

    While somebody else writes, only the rewritten ones are: the other lists what it has written itself.

    Args:
        anew: take every file as it is now.
    """
    try:
        with sole_writer(folder):
            _list(folder, set(rewritten), None if not anew else {})
    except CollectionError:
        if (folder / SUMS).exists() and os.access(folder, os.W_OK):
            _list(folder, set(rewritten), read_sums(folder), only_rewritten=True)


def _list(folder: Path, rewritten: set[str], known: dict[str, str] | None, only_rewritten: bool = False) -> None:
    if known is None:
        try:
            known = read_sums(folder)
        except CollectionError:
            return  # a damaged list stays, so that it is found
    present = files_of(folder)
    tables = {name.split("/")[0] for name in present if name not in known}  # whose hint has changed with them
    sums = {}
    for name in present:
        new = name not in known or name in rewritten or (name.endswith(HINT) and name.split("/")[0] in tables)
        if only_rewritten:
            new = name in rewritten
        if new:
            sums[name] = _sha256(folder / name)
        elif name in known:
            sums[name] = known[name]
    if only_rewritten:
        sums = known | sums
    text = "".join(f"{digest}  {name}\n" for name, digest in sorted(sums.items()))
    new_file = folder / (SUMS + ".new")
    handle = os.open(new_file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
        file.write(text)
    move(new_file, folder / SUMS)


def read_sums(folder: Path) -> dict[str, str]:
    """Name to SHA-256; empty where no list was ever made.

    Raises:
        CollectionError: the list is damaged.
    """
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").split("\n")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError):
        lines = ["?", ""]
    found = [_LINE.fullmatch(line) for line in lines[:-1]]
    if lines[-1] or not all(found):
        raise CollectionError(
            f"The list of checksums ({SUMS}) is damaged.", "Restore it from a copy, or trust the files: --seal."
        )
    return {match[2]: match[1] for match in found if match}


def differences(folder: Path) -> Differences:
    """What differs from the list of checksums; raises as `read_sums`."""
    known, present = read_sums(folder), files_of(folder)
    return Differences(
        tuple(name for name in present if name in known and _sha256(folder / name) != known[name]),
        tuple(sorted(set(known) - set(present))),
        tuple(name for name in present if name not in known),
    )


def files_of(folder: Path) -> list[str]:
    """The files of an archive by name, but for its lock and its list of checksums."""
    every = (path for path in folder.rglob("*") if path.is_file())
    names = (path.relative_to(folder).as_posix() for path in every)
    return sorted(name for name in names if name not in (LOCK, SUMS) and not name.endswith(".new"))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return "it cannot be read"
