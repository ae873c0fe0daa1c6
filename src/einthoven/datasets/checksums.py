"""Published checksums: PhysioNet's `SHA256SUMS.txt`, and whether the files of a folder are those."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import DataError, EinthovenError
from einthoven.ingest.unpack import safe_parts

LISTS = {"sha256": "SHA256SUMS.txt", "md5": "MD5SUMS.txt"}
"""The file that lists digests, by their algorithm."""
PIECE = 1 << 20
_LINE = re.compile(r"([0-9a-f]{64}|[0-9a-f]{32}) [ *]?(.+)")


@dataclass(frozen=True)
class Sum:
    """A file's path below the folder, and its digest."""

    path: str
    digest: str
    algorithm: str = "sha256"

    def of(self, file: Path) -> bool:
        """Whether a file has this digest; False where it is missing."""
        try:
            return digest(file, self.algorithm) == self.digest
        except OSError:
            return False


@dataclass(frozen=True)
class Verified:
    """What a comparison found, by paths."""

    right: int
    missing: tuple[str, ...]
    changed: tuple[str, ...]


def digest(file: Path, algorithm: str = "sha256") -> str:
    """A file's digest in hexadecimal."""
    found = hashlib.new(algorithm, usedforsecurity=False)
    with file.open("rb") as stream:
        while piece := stream.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def parse_sums(text: str) -> tuple[Sum, ...]:
    """The lines of a `SHA256SUMS.txt`, or of one of MD5.

    Raises:
        DataError: a line that is none, or a path that leaves the folder.
    """
    found = []
    for line in filter(None, map(str.strip, text.splitlines())):
        match = _LINE.fullmatch(line)
        try:
            parts = safe_parts(match[2]) if match else None
        except EinthovenError:
            parts = None
        if not match or not parts:
            raise DataError("A list of checksums holds a line that is no checksum of a file in it.", "Fetch it again.")
        found.append(Sum("/".join(parts), match[1], "sha256" if len(match[1]) == 64 else "md5"))
    return tuple(found)


def read_sums(folder: Path) -> tuple[Sum, ...]:
    """The published checksums that lie in a folder; none where there is no list of them.

    Raises:
        DataError: a list is damaged.
    """
    found: list[Sum] = []
    for name in LISTS.values():
        if (folder / name).is_file():
            found += parse_sums((folder / name).read_text(encoding="utf-8", errors="replace"))
    return tuple(found)


def write_sums(folder: Path, sums: Sequence[Sum]) -> None:
    """Writes the list of checksums that `read_sums` reads."""
    for algorithm, name in LISTS.items():
        some = [f"{each.digest} {each.path}\n" for each in sums if each.algorithm == algorithm]
        if some:
            folder.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text("".join(some), encoding="utf-8")


def verify(folder: Path, sums: Sequence[Sum], progress: Callable[[int], None] = lambda done: None) -> Verified:
    """Compares the files of a folder with their checksums, on several cores."""

    def one(each: Sum) -> bool | None:
        file = folder / each.path
        return each.of(file) if file.is_file() else None

    results = []
    with ThreadPoolExecutor() as pool:  # hashing leaves the interpreter's lock
        for result in pool.map(one, sums):
            results.append(result)
            progress(len(results))
    pairs = list(zip(sums, results, strict=True))
    return Verified(
        sum(result is True for result in results),
        tuple(each.path for each, result in pairs if result is None),
        tuple(each.path for each, result in pairs if result is False),
    )
