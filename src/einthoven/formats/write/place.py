"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from einthoven.ecg import FileError
from einthoven.ecg.moving import move
from einthoven.formats.files import shown


@contextmanager
def placed(contents: Mapping[Path, bytes], overwrite: bool) -> Iterator[list[Path]]:
    """Writes files of one folder; on leaving without an exception they take their places.

    Until then they lie, complete and under their names, in a hidden folder beside. After an exception, from
    whoever looks at them or from the disk, nothing is new and what was there before is there again.

    Args:
        contents: bytes by path, all in the same folder; the first is moved last, for it names the others.
        overwrite: whether existing files are replaced.

    Yields:
        The paths of the finished files in the hidden folder, in the order of `contents`.

    Raises:
        FileError: something is in the place, or the folder cannot be written to.
    """
    targets = list(contents)
    folder = targets[0].parent
    _require_free(targets, overwrite)
    try:
        with tempfile.TemporaryDirectory(prefix=".einthoven-", dir=folder) as scratch:
            ready = [Path(scratch) / target.name for target in targets]
            for path, content in zip(ready, contents.values(), strict=True):
                _write(path, content)
            yield ready
            _require_free(targets, overwrite)
            _move(ready, targets, Path(scratch))
    except OSError as fault:
        raise FileError(
            f"'{shown(targets[0])}' cannot be written ({fault.strerror or type(fault).__name__}).",
            "Choose a folder that exists and is writable, on a disk with room.",
        ) from None


def _require_free(targets: list[Path], overwrite: bool) -> None:
    for target in targets:
        if target.is_dir():
            raise FileError(f"'{shown(target)}' is a folder.", "Name a file.")
        if os.path.lexists(target) and not overwrite:
            raise FileError(
                f"'{shown(target)}' exists already.",
                "Choose another name, or say that it may be replaced (--overwrite; overwrite=True).",
            )


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _move(ready: list[Path], targets: list[Path], scratch: Path) -> None:
    """The old files out of the way, the new ones in, the first last: a header never names what is not its own."""
    pairs: list[tuple[Path, Path]] = []
    for target in targets:
        if os.path.lexists(target):
            pairs.append((target, scratch / f"old-{target.name}"))
    pairs += reversed(list(zip(ready, targets, strict=True)))
    done: list[tuple[Path, Path]] = []
    try:
        for source, goal in pairs:
            move(source, goal)
            done.append((source, goal))
    except BaseException:
        for source, goal in reversed(done):
            move(goal, source)
        raise
