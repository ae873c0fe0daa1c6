"""Reading documents that nobody vouches for, in a process that may end without harm to this one."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType

from einthoven.ecg import EinthovenError, FormatError, UnsafeFileError, errors
from einthoven.ingest import limits as system
from einthoven.ingest.limits import Limits
from einthoven.ingest.process import end, start
from einthoven.ingest.supervisor import read_frame, write_frame
from einthoven.knowledge.document import Block, Document, Progress
from einthoven.knowledge.documents.read import read_document
from einthoven.knowledge.documents.worker import PAGE_LIMITS

MOST_SECONDS = 1800.0
"""For one document, however it spends them."""
PROGRAM = "from einthoven.knowledge.documents.worker import main; main()"
NOT_ISOLATED = (
    "This system cannot bound what reading a file costs: documents are read in the program itself, and one made to "
    "harm it can end it."
)
_MEND = "Check where it comes from; saving it anew with another program may mend it."


def isolated() -> bool:
    """Whether documents are read in a process of their own, within limits."""
    return system.ISOLATED


class Reader:
    """Reads documents one after another, in a process of its own where the system can bound one. Use it in a `with`.

    Args:
        limits: what a page may cost.
    """

    def __init__(self, limits: Limits = PAGE_LIMITS) -> None:
        self.limits = limits
        self.isolated = system.ISOLATED
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def read(self, path: Path, progress: Progress = lambda _: None) -> Document:
        """What a document holds.

        Raises:
            EinthovenError: it cannot be read, whatever it does to its reader.
        """
        if not self.isolated:
            return read_document(path, progress)
        self._process = self._process or self._start()
        page, answer = 0, None
        until = time.monotonic() + MOST_SECONDS
        try:
            write_frame(self._pipe("stdin"), os.fsencode(path))
            while (now := time.monotonic()) < until:
                frame = read_frame(self._pipe("stdout"), min(now + self.limits.wall_s, until))
                answer = None if frame is None else json.loads(frame)
                if answer is None or "page" not in answer:
                    break
                page = int(answer["page"])
                progress(page)
        except BrokenPipeError:
            answer = None
        except BaseException:  # an interruption leaves an answer in the pipe that is not the next one's
            self._end()
            raise
        if answer is None or "page" in answer:
            raise self._broken(page, self._end())
        if "broke" in answer:
            self._end()
            raise _trouble(page, answer["broke"])
        if "error" in answer:
            kind, message, mend = answer["error"]
            raise _KINDS.get(kind, FormatError)(message, mend)
        kind, blocks, pages, notices = answer["document"]
        return Document(kind, tuple(Block(*block) for block in blocks), pages, tuple(notices))

    def _broken(self, page: int, code: int | None) -> EinthovenError:
        import signal

        if sys.platform != "win32" and code in {-signal.SIGPROF, -signal.SIGXCPU, -signal.SIGTERM}:
            return _trouble(page, "time")
        return _trouble(page, "memory" if code == -9 else "crash")

    def _start(self) -> subprocess.Popen[bytes]:
        return start(PROGRAM, *map(str, dataclasses.astuple(self.limits)[:3]))

    def _end(self) -> int | None:
        """Ends the process, and returns with which code it had ended or now ends; -15 when it was made to."""
        process, self._process = self._process, None
        if process is None:
            return None
        return process.returncode if end(process, 0.5) else -15

    def _pipe(self, name: str) -> int:
        return getattr(self._process, name).fileno()  # type: ignore[no-any-return]


def _trouble(page: int, what: str) -> EinthovenError:
    where = f" at page or chapter {page}" if page else ""
    if what in {"time", "memory"}:
        return UnsafeFileError(f"Reading it took more {what}{where} than any book needs.", _MEND)
    return UnsafeFileError(f"Reading it failed in an unforeseen way{where} ({what}).", _MEND)


def _kinds(base: type[EinthovenError]) -> dict[str, type[EinthovenError]]:
    found = {base.kind: base}
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__ and kind is not errors.HostileFileError:
            found |= _kinds(kind)
    return found


_KINDS = _kinds(EinthovenError)
