"""A process that keeps the readers warm and forks workers from itself; each worker reads files until one harms it.

`main` is a program of its own. It takes paths on its standard input and answers on its standard output, one frame
each: a length of four bytes, then that many. A worker is forked with the readers imported, which takes 4 ms; it reads
many files, since a fork a file would cost ten times what reading a WFDB record of 10 s does. A worker that crashes,
hangs or runs out of memory is replaced, and its file gets the reason as its answer.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import struct
import sys
import time
from dataclasses import dataclass
from typing import NoReturn

from einthoven.ecg import EinthovenError, HostileFileError
from einthoven.formats import read
from einthoven.formats.told import NOTHING, Told
from einthoven.ingest.limits import Limits, arm, confine, most_memory
from einthoven.ingest.wire import Reading, to_bytes
from einthoven.quality import Finding, assess

FILES_A_WORKER = 500
MOST_FRAME = 512 * 2**20
_GROWN = 256 * 2**20  # a worker that ever held so much more is replaced
_LENGTH = struct.Struct("<I")
# What readers import when they first need it, and most files do: imported once here, every worker has it.
_LATE = ("pydicom", "pydicom.filereader", "pyarrow.csv")
_PATIENCE_S = 0.2
_NO_FORK = "Windows has no fork; there `Guard` reads in its own process."
_MOST_HANDLES = 64


@dataclass
class _Worker:
    pid: int
    requests: int
    answers: int
    served: int = 0


def read_guarded(path: str, limits: Limits, before: int, told: Told = NOTHING) -> Reading:
    """One file, in this process: its ECG with what is wrong with it, or a typed error, whatever its reader raises."""
    arm(limits)
    started = time.perf_counter()
    ecg, error = None, None
    findings: tuple[Finding, ...] | None = None
    try:
        ecg = read(path, rate=told.rate, unit=told.unit, leads=told.leads)
        findings = assess(ecg).findings if ecg.seconds <= limits.judged_s else None
    except EinthovenError as fault:
        error = fault
    except MemoryError:
        error = HostileFileError("memory")
    except Exception as fault:  # noqa: BLE001 (a reader's own mistake must not end the whole import)
        error = HostileFileError("fault", type(fault).__name__)
    if error is not None:  # perhaps of judging what was read
        ecg = None
    return Reading(ecg, error, time.perf_counter() - started, max(0, most_memory() - before), findings)


def supervise(limits: Limits, requests: int, answers: int, told: Told = NOTHING) -> None:
    """Answers requests until there are no more."""
    for name in _LATE:
        if importlib.util.find_spec(name.partition(".")[0]):
            importlib.import_module(name)
    gc.freeze()  # a worker's collections then leave the pages it shares with this process alone
    worker: _Worker | None = None
    while (request := read_frame(requests)) is not None:
        worker = worker or _fork(limits, told)
        answer = _ask(worker, request, limits)
        worker.served += 1
        if answer is None:
            answer = to_bytes(Reading(error=_end(worker)))
            worker = None
        elif worker.served >= FILES_A_WORKER or answer[:1] == b"\1":
            _end(worker)
            worker, answer = None, answer[1:]
        else:
            answer = answer[1:]
        write_frame(answers, answer)
    if worker:
        _end(worker)


def read_frame(handle: int, deadline: float | None = None) -> bytes | None:
    """The next frame; None at the end, when it is cut short, too long, or not whole by the deadline."""
    head = _exactly(handle, _LENGTH.size, deadline)
    size = _LENGTH.unpack(head)[0] if head else MOST_FRAME + 1
    return _exactly(handle, size, deadline) if size <= MOST_FRAME else None


def write_frame(handle: int, data: bytes) -> None:
    """Writes one frame."""
    rest = memoryview(_LENGTH.pack(len(data)) + data)
    while rest:
        rest = rest[os.write(handle, rest) :]


def _exactly(handle: int, size: int, deadline: float | None) -> bytes | None:
    data = bytearray()
    while len(data) < size:
        if deadline is not None and not select.select([handle], [], [], max(0.0, deadline - time.monotonic()))[0]:
            return None
        piece = os.read(handle, min(size - len(data), 2**20))
        if not piece:
            return None
        data += piece
    return bytes(data)


def _ask(worker: _Worker, request: bytes, limits: Limits) -> bytes | None:
    try:
        write_frame(worker.requests, request)
    except BrokenPipeError:
        return None
    return read_frame(worker.answers, time.monotonic() + limits.wall_s)


def _end(worker: _Worker) -> HostileFileError:
    """Ends a worker, and says what ended it if it had ended before."""
    if sys.platform == "win32":
        raise OSError(_NO_FORK)
    os.close(worker.requests)  # one that is well ends by itself now
    gone = bool(select.select([worker.answers], [], [], _PATIENCE_S)[0])
    os.close(worker.answers)
    patience = time.monotonic() + (_PATIENCE_S if gone else 0)
    while not (ended := os.waitpid(worker.pid, os.WNOHANG))[0] and time.monotonic() < patience:
        time.sleep(0.001)
    if not ended[0]:
        os.kill(worker.pid, signal.SIGKILL)
        os.waitpid(worker.pid, 0)
        return HostileFileError("hang")
    if not os.WIFSIGNALED(ended[1]):
        return HostileFileError("crash", f"it ended with {os.waitstatus_to_exitcode(ended[1])}")
    number = os.WTERMSIG(ended[1])
    if number in {signal.SIGPROF, signal.SIGXCPU}:
        return HostileFileError("hang", "processor time")
    if number == signal.SIGKILL:
        return HostileFileError("memory", "the system ended it")
    return HostileFileError("crash", signal.Signals(number).name)


def _fork(limits: Limits, told: Told) -> _Worker:
    if sys.platform == "win32":
        raise OSError(_NO_FORK)
    in_read, in_write = os.pipe()
    out_read, out_write = os.pipe()
    pid = os.fork()
    if pid == 0:
        _work(limits, in_read, out_write, told)
    os.close(in_read)
    os.close(out_write)
    return _Worker(pid, in_write, out_read)


def _work(limits: Limits, requests: int, answers: int, told: Told) -> NoReturn:
    """The worker's life: it never returns, and what it was forked from goes on by itself."""
    if sys.platform == "win32":
        raise OSError(_NO_FORK)
    try:
        quiet = os.open(os.devnull, os.O_RDWR)
        for handle in (0, 1, 2):  # nothing that reads a file can speak for this process
            os.dup2(quiet, handle)
        for handle in range(3, _MOST_HANDLES):
            if handle not in {requests, answers}:
                with contextlib.suppress(OSError):
                    os.close(handle)
        confine(limits)
        before = most_memory()
        while (request := read_frame(requests)) is not None:
            reading = read_guarded(os.fsdecode(request), limits, before, told)
            out_of_memory = isinstance(reading.error, HostileFileError) or reading.memory > _GROWN
            write_frame(answers, (b"\1" if out_of_memory else b"\0") + to_bytes(reading))
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)
    finally:
        os._exit(0)


def main() -> None:
    """Reads the limits and what is told of the files from the command line, then serves."""
    cpu, wall, memory, judged, said = sys.argv[1:6]
    words = json.loads(said)
    told = Told(words["rate"], words["unit"], tuple(words["leads"]))
    requests, answers = os.dup(0), os.dup(1)
    os.dup2(2, 1)
    with contextlib.suppress(BrokenPipeError):
        supervise(Limits(float(cpu), float(wall), int(memory), float(judged)), requests, answers, told)
