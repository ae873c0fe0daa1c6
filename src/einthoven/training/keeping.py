"""Writes prepared signals into a folder, once; whoever comes with the same ECGs and preparation reads what is there.

A file is named by the hash of what it was made of (`made_of`): other ECGs, another preparation or other code give
another file beside it, and none is ever taken for another. Beside each lies a JSON file that says it to people.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import ExitStack, suppress
from io import FileIO
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.collection.lock import BusyError, sole_writer
from einthoven.ecg import CollectionError, FileError
from einthoven.ecg.moving import move
from einthoven.training.kept import SUM, TYPE, Kept, bytes_each, check_sums, sums_of
from einthoven.training.made_of import sha256_of
from einthoven.training.streamed import Streamed

BLOCK = 64
"""ECGs that are prepared together."""
SAFE = 2**26
"""Bytes after which what is written is made sure of: as much is lost at most when the machine stops."""
SUM_BYTES = np.dtype(SUM).itemsize
PAUSE_S = 0.5
MOST_THREADS = 16

Progress = Callable[[str], None]


def keep(folder: Path, signals: Streamed, facts: dict[str, Any], progress: Progress = lambda line: None) -> Kept:
    """The signals as they are kept in `folder`; what is not there yet is written first.

    Writing goes on where it was stopped. Where several processes want the same, one writes and the others wait.

    Args:
        facts: what they are made of.

    Raises:
        FileError: the folder cannot be written to, or lacks room; what was written stays, and is gone on with.
    """
    path = folder / f"{sha256_of(facts)[:32]}.f2"
    ecgs, _, samples = facts["shape"]
    try:
        if not _is_whole(path, ecgs, samples):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with ExitStack() as alone:
                _wait_for_lock(alone, path, ecgs, bytes_each(samples), progress)
                if not _is_whole(path, ecgs, samples):
                    _write(path, signals, facts, progress)
        return Kept(path, ecgs, samples)
    except OSError as fault:
        raise _not_kept(folder, str(fault.strerror or fault)) from None


def kept_in(folder: Path) -> int:
    """Bytes of kept signals in a folder, whole or begun."""
    return sum(path.stat().st_size for pattern in ("*.f2", "*.part") for path in folder.glob(pattern))


def free_at(folder: Path) -> int:
    """Bytes that are free where a folder lies or would lie."""
    return shutil.disk_usage(next(one for one in (folder, *folder.absolute().parents) if one.exists())).free


def _is_whole(path: Path, ecgs: int, samples: int) -> bool:
    sizes = {path: ecgs * bytes_each(samples), sums_of(path): ecgs * SUM_BYTES}
    return all(one.is_file() and one.stat().st_size == size for one, size in sizes.items())


def _wait_for_lock(alone: ExitStack, path: Path, ecgs: int, each: int, progress: Progress) -> None:
    while True:
        try:
            alone.enter_context(sole_writer(path.parent))
            return
        except BusyError:
            with suppress(OSError):
                done = _part(path).stat().st_size // each
                progress(f"another process keeps {done} of {ecgs} ECGs in {path.parent}")
            time.sleep(PAUSE_S)
        except CollectionError as fault:
            raise _not_kept(path.parent, fault.message) from None


def _write(path: Path, signals: Streamed, facts: dict[str, Any], progress: Progress) -> None:
    ecgs, _, samples = facts["shape"]
    each, part = bytes_each(samples), _part(path)
    if path.exists():
        print(f"{path} is not whole, or lacks its checksums, and is written anew.", file=sys.stderr)
        path.unlink()
    done = _begun(path, each)
    _check_room(path.parent, (ecgs - done) * each)
    _say_if_outdated(path.parent, facts)
    if not done:  # else, if the machine stopped, the note of a file that is gone would vouch for what is written now
        path.with_suffix(".json").unlink(missing_ok=True)
    with _opened(part) as file, _opened(sums_of(path)) as sums:
        _cut(file, sums, done, each)
        safe = done
        batches = (np.arange(at, min(at + BLOCK, ecgs)) for at in range(done, ecgs, BLOCK))
        blocks = signals.blocks(batches, min(MOST_THREADS, max(signals.most, os.cpu_count() or 1)))
        try:
            for rows, block in blocks:
                _put(file, block.astype(TYPE, copy=False).tobytes())
                _put(sums, check_sums(block).tobytes())
                done += len(rows)
                progress(f"kept {done} of {ecgs} ECGs in {path.parent} ({done * each / 1e9:.1f} GB)")
                if (done - safe) * each >= SAFE:
                    _note(path, facts, (file, sums), done)
                    safe = done
        except BaseException as fault:
            with suppress(OSError):  # else the note before holds
                done -= isinstance(fault, OSError) and done > 0  # on a full disk this is the room for the note
                _cut(file, sums, done, each)
                _note(path, facts, (file, sums), done)
            raise
        finally:
            blocks.close()
        _note(path, facts, (file, sums), done)
    move(part, path)


def _part(path: Path) -> Path:
    return path.with_suffix(".part")


def _opened(path: Path) -> FileIO:
    path.touch(0o600)
    return path.open("r+b", buffering=0)


def _cut(file: FileIO, sums: FileIO, ecgs: int, each: int) -> None:
    """Keeps what is there of so many ECGs, and goes on behind it."""
    for one, size in ((file, each), (sums, SUM_BYTES)):
        one.truncate(ecgs * size)
        one.seek(ecgs * size)


def _begun(path: Path, each: int) -> int:
    """ECGs of an unfinished file that have certainly reached the disk."""
    try:
        written = int(json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))["written"])
        there = (_part(path).stat().st_size // each, sums_of(path).stat().st_size // SUM_BYTES)
        return max(0, min(written, *there))
    except (OSError, ValueError, LookupError, TypeError):
        return 0


def _note(path: Path, facts: dict[str, Any], files: Iterable[FileIO], done: int) -> None:
    """Makes sure of what is written, and only then says so."""
    for file in files:
        os.fsync(file.fileno())
    new = path.with_suffix(".new")
    try:
        new.touch(0o600)
        new.write_text(json.dumps({**facts, "written": done}, indent=1) + "\n", encoding="utf-8")
        move(new, path.with_suffix(".json"))
    except OSError:
        new.unlink(missing_ok=True)
        raise


def _put(file: FileIO, data: bytes) -> None:
    rest = memoryview(data)
    while rest:
        rest = rest[file.write(rest) :]


def _not_kept(folder: Path, why: str) -> FileError:
    return FileError(
        f"Prepared signals cannot be kept in {folder} ({why}).",
        "Make room or name another data.kept, then start again: what was written there is gone on with.",
    )


def _check_room(folder: Path, needed: int) -> None:
    """Says before hours of writing that there is no room.

    Raises:
        FileError: less is free than needed.
    """
    free, there = free_at(folder), kept_in(folder)
    if free < needed:
        raise FileError(
            f"Prepared signals need {needed / 1e9:.2f} GB more in {folder}, where {free / 1e9:.2f} GB are free and "
            f"{there / 1e9:.2f} GB are kept already.",
            "Delete what no training reads any more (the .json beside each file says what it was made of), or name "
            "another data.kept.",
        )


def _say_if_outdated(folder: Path, facts: dict[str, Any]) -> None:
    """A line that stays, where the disk fills up with what an update has made useless."""
    useless = 0
    for note in folder.glob("*.json"):
        with suppress(OSError, ValueError, TypeError, LookupError):
            said = json.loads(note.read_text(encoding="utf-8"))
            if any(said[key] != facts[key] for key in ("code_sha256", "numpy")):
                useless += sum(one.stat().st_size for one in folder.glob(f"{note.stem}.*") if one != note)
    if useless:
        print(
            f"{folder} holds {useless / 1e9:.2f} GB of signals prepared by another version of the code: they are not "
            "read, and what is needed is prepared anew beside them.",
            file=sys.stderr,
        )
