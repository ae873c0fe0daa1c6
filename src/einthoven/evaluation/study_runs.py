"""Running a study's trainings, several at a time, each in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from einthoven.ecg import EinthovenError
from einthoven.evaluation.study import Run, Study, check_finished, is_finished, runs_of

PAUSE = 0.5


class StudyError(EinthovenError):
    """Runs of a study that failed."""

    kind = "study"


def run_study(
    study: Study,
    path: Path,
    data: Path,
    out: Path,
    jobs: int = 1,
    progress: Callable[[str], None] = lambda line: None,
) -> None:
    """Trains every run that is not finished, `jobs` at a time; an interrupted study goes on where it was.

    The cores are shared out evenly. What each run says goes to `log.txt` in its folder.

    Raises:
        StudyError: some run failed; the others were run all the same.
        UsageError: a finished run in `out` is of other settings than its row has now.
    """
    check_finished(study, path, out)
    waiting = [run for run in runs_of(study) if not is_finished(run, out)]
    total, failed = len(waiting), []
    threads = max(1, (os.cpu_count() or 1) // jobs)
    working: dict[subprocess.Popen[bytes], Run] = {}
    try:
        while waiting or working:
            while waiting and len(working) < jobs:
                run = waiting.pop(0)
                working[_start(study, path, data, out, run, threads)] = run
            time.sleep(PAUSE)
            for process in [process for process in working if process.poll() is not None]:
                run = working.pop(process)
                if process.returncode:
                    failed.append(run)
            names = ", ".join(f"{run.row} (seed {run.seed})" for run in working.values())
            progress(f"{total - len(waiting) - len(working)} of {total} trained; now {names}")
    finally:
        for process in working:
            process.terminate()
        for process in working:
            process.wait()
    if failed:
        raise StudyError(
            f"{len(failed)} of {total} runs failed: {', '.join(str(run.folder) for run in failed)}.",
            f"Their log.txt in {out} says why; run the study again to repeat only these.",
        )


def _start(study: Study, path: Path, data: Path, out: Path, run: Run, threads: int) -> subprocess.Popen[bytes]:
    folder = out / run.folder
    folder.mkdir(parents=True, exist_ok=True)
    changes = [part for change in run.changes for part in ("--set", change)]
    command = [sys.executable, "-m", "einthoven", "train", str(path.parent / study.base), *changes]
    with (folder / "log.txt").open("wb") as log:
        return subprocess.Popen(
            [*command, "--data", str(data), "--out", str(folder), "--resume"],
            stdout=log,
            stderr=subprocess.STDOUT,
            env={**os.environ, "OMP_NUM_THREADS": str(threads)},
        )
