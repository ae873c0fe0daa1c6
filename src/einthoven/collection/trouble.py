"""What Lance and Arrow raise, as typed errors that name no patient."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from einthoven.ecg import CollectionError

RAISED_BY_LANCE = (OSError, ValueError, RuntimeError)  # Arrow's own errors derive from these
PANIC = "PanicException"  # of Lance's Rust on some damaged files; derives from BaseException, in no module


@contextmanager
def lance_trouble(what: str, mend: str) -> Iterator[None]:
    """Turn an error of Lance or Arrow into `CollectionError(what, mend)`.

    The original is cut off, not chained: its text quotes filters and rows, and so
    patient ids; only its type is named.
    """
    try:
        yield
    except BaseException as error:
        if not isinstance(error, RAISED_BY_LANCE) and type(error).__name__ != PANIC:
            raise
        raise CollectionError(f"{what} ({type(error).__name__}).", mend) from None


def reading_trouble() -> AbstractContextManager[None]:
    """As `lance_trouble`, for reading a table that could be opened."""
    return lance_trouble(
        "The collection cannot be read: a file of it is damaged or gone",
        "Open it again; if that fails, restore a copy, or build it again from its source files.",
    )


def writing_trouble() -> AbstractContextManager[None]:
    """As `lance_trouble`, for a write; the version before it stays."""
    return lance_trouble(
        "The collection cannot be written; its last version is kept",
        "Look for a full disk, missing permissions or another program at work, then try again.",
    )
