"""What went wrong in processes that were started together: each leaves its error in a file, and one is told."""

from __future__ import annotations

import json
import os
import signal
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from einthoven.ecg import EinthovenError
from einthoven.ecg.moving import move

FOLDER = "EINTHOVEN_FAULTS"
"""The variable that names the folder of these files; only processes that `training.launch` started have it."""
ECHOES = ("peer", "interrupted")
"""Kinds of errors that only say that something went wrong elsewhere."""
STATE_KEPT = "Go on from the last epoch with --resume."


class TeamError(EinthovenError):
    """What ended processes that train together; its kind is that of the error which one of them left."""

    def __init__(self, message: str, mend: str, kind: str = "training") -> None:
        super().__init__(message, mend)
        self.kind = kind


def end_with_parent(every: float = 1.0) -> None:
    """From now on this process ends soon after the one that started it, which may be killed without a word.

    Args:
        every: seconds between two looks.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(every)
        os._exit(1)  # nobody is left to be told; what is kept on disk is whole at any moment

    threading.Thread(target=watch, name="einthoven-parent", daemon=True).start()


def leave(fault: EinthovenError) -> bool:
    """Leaves an error for whoever started this process; False where nobody reads it, so that it is to be said here."""
    folder = os.environ.get(FOLDER)
    if not folder:
        return False
    path = Path(folder) / f"{os.environ.get('RANK', '0')}.json"
    try:
        new = path.with_suffix(".new")
        new.write_text(json.dumps({**fault.to_dict()["error"], "at": time.time()}), encoding="utf-8")
        move(new, path)
    except OSError:
        return False
    return True


def told(folder: Path, ended: Mapping[int, int]) -> TeamError:
    """The one error to tell: the first that a process left, if it does not only speak of another process.

    Args:
        folder: where errors were left. ended: exit codes of the processes that failed, by rank; negative by a signal.
    """
    left = _left(folder)
    first = min(left.values(), key=lambda one: (one["kind"] in ECHOES, one["at"]), default=None)
    if first is None or first["kind"] in ECHOES:
        if any(code > 0 and rank not in left for rank, code in ended.items()):
            return TeamError(
                "One of the processes that train together failed in a way that was not foreseen; all have ended.",
                f"What it said stands above. {STATE_KEPT}",
            )
        for rank, code in sorted(ended.items(), key=lambda one: (one[1] == -signal.SIGTERM, one[0])):
            if code < 0 and rank not in left:
                return TeamError(
                    f"Process {rank + 1} of those that train together was killed ({_name(-code)}); all have ended.",
                    f"Did the machine lack memory? {STATE_KEPT}",
                )
    if first is None:
        return TeamError("The processes that train together ended and said nothing.", STATE_KEPT)
    return TeamError(first["message"], first["mend"], first["kind"])


def _left(folder: Path) -> dict[int, dict[str, Any]]:
    found = {}
    for path in folder.glob("*.json"):
        with suppress(OSError, ValueError):
            found[int(path.stem)] = json.loads(path.read_text(encoding="utf-8"))
    return found


def _name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"
