"""Opening files that may be hostile: regular files only, of bounded size, inside their folder."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

from einthoven.ecg import FileError, TruncatedError, UnsafeFileError
from einthoven.formats.limits import MOST_BYTES
from einthoven.formats.text import clean

_FLAGS = os.O_RDONLY | getattr(os, "O_BINARY", 0) | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0)
_PLAIN_NAME = re.compile(r"[^/\\:\x00-\x1f\x7f]{1,255}")


def read_bytes(path: Path, most: int = MOST_BYTES) -> bytes:
    """The whole content of a regular file.

    Raises:
        FileError: missing, a folder, a pipe or device, empty, not permitted.
        UnsafeFileError: larger than `most` bytes.
        TruncatedError: the file shrank while it was read.
    """
    handle, size = _open(path)
    try:
        if size > most:
            raise UnsafeFileError(
                f"'{shown(path)}' has {size / 2**20:.1f} MB; at most {most / 2**20:g} MB are read.",
                "A 12-lead ECG is far smaller: check that this is the right file.",
            )
        data = _read(handle, size)
    finally:
        os.close(handle)
    if len(data) < size:
        raise TruncatedError(f"'{shown(path)}' changed while it was read.", "Read it again.")
    return data


def read_head(path: Path, most: int) -> bytes:
    """The first `most` bytes of a regular file, all of it when it is shorter; errors as `read_bytes`."""
    handle, size = _open(path)
    try:
        return _read(handle, min(size, most))
    finally:
        os.close(handle)


def file_size(path: Path) -> int:
    """How many bytes a regular file has; errors as `read_bytes`, but for its size."""
    handle, size = _open(path)
    os.close(handle)
    return size


def sibling(folder: Path, name: str) -> Path:
    """The file that a header names, which must lie in the header's own folder.

    Raises:
        UnsafeFileError: `name` is a path, an address or a drive, or a link that leaves the folder.
    """
    if not _PLAIN_NAME.fullmatch(name) or name in {".", "..", "-", "~"}:
        raise UnsafeFileError(
            f"The header names the signal file '{clean(name, 80)}', which is not a plain file name.",
            "Put the signal file beside its header and name it there without a path.",
        )
    path = folder / name
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        raise UnsafeFileError(
            f"The signal file '{clean(name, 80)}' is a link that leaves its folder.",
            "Copy the file itself beside its header.",
        )
    return path


def shown(path: Path) -> str:
    """A path's last part, safe to print."""
    return clean(path.name or str(path), 120)


def _open(path: Path) -> tuple[int, int]:
    # A device is not even opened: that alone can act on it. O_NONBLOCK keeps a pipe that
    # takes the file's place in between from hanging the call.
    try:
        _require_regular(path, os.stat(path))  # noqa: PTH116 (twice as fast as Path.stat)
        handle = os.open(path, _FLAGS)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise FileError(f"'{shown(path)}' does not exist.", "Check the path.") from error
    except PermissionError as error:
        raise FileError(f"'{shown(path)}' may not be read.", "Ask for read permission or copy it.") from error
    except (OSError, ValueError) as error:  # a loop of links, a name too long, a NUL in the name
        raise FileError(f"'{shown(path)}' cannot be opened.", "Check the path.") from error
    try:
        status = os.fstat(handle)
        _require_regular(path, status)
    except FileError:
        os.close(handle)
        raise
    return handle, status.st_size


def _require_regular(path: Path, status: os.stat_result) -> None:
    if stat.S_ISDIR(status.st_mode):
        raise FileError(f"'{shown(path)}' is a folder.", "Name one file in it, or a WFDB record by its .hea.")
    if not stat.S_ISREG(status.st_mode):
        raise FileError(f"'{shown(path)}' is a pipe, device or socket.", "Only regular files are read.")
    if status.st_size == 0:
        raise FileError(f"'{shown(path)}' is empty.", "Copy or export it again.")


def _read(handle: int, size: int) -> bytes:
    data = os.read(handle, size)
    while len(data) < size and (more := os.read(handle, size - len(data))):
        data += more
    return data
