"""The process in which files are read that nobody vouches for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[2]


def start(program: str, *arguments: str) -> subprocess.Popen[bytes]:
    """A Python process of its own session that runs `program` and speaks in frames over its pipes."""
    places = [str(HOUSE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return subprocess.Popen(
        # -P: a module that lies in the current folder, which may be the export's, is never imported
        [sys.executable, "-P", "-c", program, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        bufsize=0,
        start_new_session=True,  # Ctrl-C is for the program, which then ends this
        env=os.environ | {"PYTHONPATH": os.pathsep.join(places), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


def end(process: subprocess.Popen[bytes], patience: float) -> bool:
    """Closes its pipes and waits for its end; False where it had to be killed."""
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()
    try:
        process.wait(patience)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        return False
    return True
