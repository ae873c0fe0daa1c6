"""Putting a finished file or folder in its place, on every system."""

from __future__ import annotations

import gc
import sys
import time
from pathlib import Path

PATIENCE_S = 2.0 if sys.platform == "win32" else 0.0
"""How long a refusal may be no more than a virus scanner, an indexer or a reader at work."""


def move(source: Path, target: Path) -> None:
    """`source` takes the place of `target` at once, or not at all; both lie on one disk.

    A folder can only be moved to where there is none. Windows refuses as long as any program has
    a file of the two open; then it is tried again for a while.

    Raises:
        OSError: the system refuses.
    """
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            source.replace(target)
            return
        except PermissionError:
            if time.monotonic() >= end:
                raise
            gc.collect()  # closes what nobody here uses any more
            time.sleep(0.05)
