"""One writer at a time, by a lock that the system lifts when its process dies."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from einthoven.ecg import CollectionError

LOCK = ".lock"


class BusyError(CollectionError):
    """Another process or thread is writing."""


@contextmanager
def sole_writer(folder: Path) -> Iterator[None]:
    """Hold the collection's write lock, or refuse at once.

    Raises:
        BusyError: another process or thread is writing. CollectionError: the folder is read-only, or cannot be locked.
    """
    try:
        handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CollectionError(
            f"The collection cannot be written ({error.strerror}).", "Check the folder's permissions."
        ) from error
    try:
        try:
            _lock(handle)
        except (BlockingIOError, PermissionError) as error:  # the latter is what Windows says
            raise BusyError(
                "Something else is writing to this collection.", "Wait until it is done, then try again."
            ) from error
        except OSError as error:
            raise CollectionError(
                f"The folder cannot be locked against other writers ({error.strerror}).",
                "Choose a folder on another file system.",
            ) from error
        try:
            yield
        finally:
            _unlock(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int) -> None:
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)

    def _unlock(handle: int) -> None:
        # Closing alone lifts the lock too, but Windows does not say when.
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _lock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
