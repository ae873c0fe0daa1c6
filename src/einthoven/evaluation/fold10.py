"""The log of every look at PTB-XL's fold 10."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from einthoven.ecg import FileError
from einthoven.ecg.commit import HOUSE, commit_of

PLACE = Path("docs") / "fold10.log"
ASKED_FOLDS = (9, 10)
"""The folds of PTB-XL that are evaluated on: 9 to choose, 10 to report."""


def log_fold10(path: Path | None, what: str, why: str) -> None:
    """Adds a line: date, commit, what was evaluated, and why.

    Raises:
        FileError: the log cannot be written.
    """
    path = path or (PLACE if PLACE.parent.is_dir() else Path(PLACE.name))
    try:
        with path.open("a", encoding="utf-8") as file:
            reason = _one_line(why) or "no reason given"
            file.write(f"{date.today().isoformat()}  {commit_of(HOUSE)}  {_one_line(what)}  {reason}\n")
    except OSError as fault:
        raise FileError(f"{path} cannot be written ({fault.strerror}).", "Name another log with --log.") from None


def _one_line(text: str) -> str:
    return " ".join(text.split())
