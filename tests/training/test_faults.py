"""A process that was started with others ends when the one that started it is gone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CHILD = "from einthoven.training.faults import end_with_parent as end; end(0.05); import time; time.sleep(60)"
PARENT = f"import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {CHILD!r}]).pid, flush=True); input()"


@pytest.mark.skipif(sys.platform != "linux", reason="asks /proc")
def test_a_killed_parent_takes_its_processes_along() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = int(parent.stdout.readline())
    try:
        time.sleep(1.0)
        assert _runs(child)  # while its parent runs
        parent.kill()
        parent.wait()
        end = time.monotonic() + 20
        while _runs(child) and time.monotonic() < end:
            time.sleep(0.05)
        assert not _runs(child)
    finally:
        if _runs(child):
            os.kill(child, signal.SIGKILL)
        for pipe in (parent.stdin, parent.stdout):
            assert pipe is not None
            pipe.close()


def _runs(process: int) -> bool:
    """Whether it is there, and not only its entry that nobody has asked for."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
