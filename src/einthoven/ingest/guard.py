"""Reading files that nobody vouches for, on all cores, so that none can harm the program or the other files."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import LifoQueue
from types import TracebackType
from typing import TypeVar

from einthoven.ecg import HostileFileError, ahead
from einthoven.formats.told import NOTHING, Told
from einthoven.ingest import limits as system
from einthoven.ingest.limits import Limits
from einthoven.ingest.process import end, start
from einthoven.ingest.supervisor import read_frame, read_guarded, write_frame
from einthoven.ingest.wire import Reading, from_bytes

T = TypeVar("T")
U = TypeVar("U")

PROGRAM = "from einthoven.ingest.supervisor import main; main()"

NOT_ISOLATED = (
    "This system cannot bound what reading a file costs: files are read in the program itself, "
    "and one made to harm it can end it."
)


class Guard:
    """Processes that read files: within `limits`, and away from this one.

    Use it in a `with`. Where the system has no such limits (Windows), `isolated` is False, `NOT_ISOLATED` says what
    that means, and files are read in this process.

    Args:
        workers: how many files are read at the same time; None takes as many as this process may use cores.
        told: rate, unit and leads for files that do not state them.
    """

    def __init__(self, limits: Limits | None = None, workers: int | None = None, told: Told = NOTHING) -> None:
        self.limits = limits or Limits()
        self.told = told
        self.isolated = system.ISOLATED
        self.workers = (workers or _cores()) if self.isolated else 1
        # The last one that was used comes first; those at the bottom start when they are needed, for few files never.
        self._idle: LifoQueue[_Supervisor | None] = LifoQueue()
        self._pool = ThreadPoolExecutor(self.workers, "reading")
        for _ in range(self.workers):
            self._idle.put(None)

    def __enter__(self) -> Guard:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        while not self._idle.empty():
            if supervisor := self._idle.get():
                supervisor.close()

    def read(self, path: Path) -> Reading:
        """What became of one file; raises nothing for what a file does."""
        if not self.isolated:
            return read_guarded(os.fspath(path), self.limits, 0, self.told)
        supervisor = self._idle.get()
        try:
            supervisor = supervisor or _Supervisor(self.limits, self.told)
            return supervisor.read(path)
        finally:
            self._idle.put(supervisor)

    def each(self, items: Iterable[T], path_of: Callable[[T], Path]) -> Iterator[tuple[T, Reading]]:
        """Each item with what became of its file, in order; a few files are read ahead."""
        return self.map(items, lambda item: (item, self.read(path_of(item))))

    def map(self, items: Iterable[T], work: Callable[[T], U]) -> Iterator[U]:
        """What `work` makes of each item, in order; it runs in threads beside this one, a few items ahead."""
        return ahead(self._pool, work, items, 4 * self.workers)


class _Supervisor:
    """The other process; it is started anew should it ever end."""

    def __init__(self, limits: Limits, told: Told) -> None:
        self._limits, self._told = limits, told
        self._process = self._start()

    def read(self, path: Path) -> Reading:
        try:
            write_frame(self._handle(self._process.stdin), os.fsencode(path))
            answer = read_frame(self._handle(self._process.stdout))
        except BrokenPipeError:
            answer = None
        if answer is not None:
            return from_bytes(answer)
        self.close()
        self._process = self._start()
        return Reading(error=HostileFileError("crash", "with the process that guarded it"))

    def close(self) -> None:
        end(self._process, 1)

    def _start(self) -> subprocess.Popen[bytes]:
        numbers = dataclasses.astuple(self._limits)
        told = json.dumps({"rate": self._told.rate, "unit": self._told.unit, "leads": self._told.leads})
        return start(PROGRAM, *map(str, numbers), told)

    @staticmethod
    def _handle(pipe: object) -> int:
        return pipe.fileno()  # type: ignore[attr-defined,no-any-return]


def _cores() -> int:
    if sys.platform == "linux":
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
