"""Which commit of the code computes."""

from __future__ import annotations

import subprocess
from pathlib import Path

HOUSE = Path(__file__).parent.parent
"""Where the code lies that computes: its commit stands in results, not that of whichever folder one works in."""


def commit_of(folder: Path) -> str:
    """The short commit of the checkout that a folder belongs to, "+" for one with changes; "none" without one.

    A folder that only lies within a checkout, without a file of it, as packages in a virtual environment do, has none.
    """
    try:
        _git(folder, "ls-files", "--error-unmatch", ".")
        return _git(folder, "describe", "--always", "--exclude=*", "--dirty=+")
    except (OSError, subprocess.SubprocessError):
        return "none"


def _git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *words], cwd=folder, capture_output=True, text=True, timeout=10, check=True)
    return done.stdout.strip()
