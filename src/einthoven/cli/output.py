"""The end of a command's output: a reader that has seen enough, as `head` has, is no fault; a full disk is one."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from itertools import islice
from typing import TextIO

from einthoven.ecg import FileError


def ended(run: Callable[[], int]) -> int:
    """Runs a command and flushes what it says, while a fault of that can still be told.

    Args:
        run: the command; gives its exit code, and raises what its output raises.

    Returns:
        Its exit code; 0 where its reader went before it ended. Nothing is written any more then.

    Raises:
        FileError: the output cannot be written.
    """
    streams = [stream for stream in (sys.stdout, sys.stderr) if stream is not None]
    code, broken = 0, None
    try:
        code = run()
    except OSError as fault:
        broken = fault
    faults = [one for stream in streams if (one := _fault(stream, "")) is not None]
    if broken is not None and not faults:
        probed = (_fault(stream, "\n") for stream in streams)  # a buffer need not keep what could not be written
        faults = list(islice((one for one in probed if one is not None), 1))
        if not faults:
            raise broken  # of something else
    if lost := next((one for one in faults if not _reader_gone(one)), None):
        raise FileError(f"The output cannot be written: {lost.strerror}.", "Make room, or write it elsewhere.")
    return code


def _fault(stream: TextIO, text: str) -> OSError | None:
    """What keeps a stream from being written, which from then on leads nowhere: not even Python's end writes to it."""
    try:
        stream.write(text)
        stream.flush()
    except OSError as fault:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)
        return fault
    return None


def _reader_gone(fault: OSError) -> bool:
    """Whether the other end of a pipe is closed; Windows calls that an invalid argument."""
    return fault.errno == errno.EPIPE or (sys.platform == "win32" and fault.errno == errno.EINVAL)
