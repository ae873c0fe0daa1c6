"""Running a study's trainings, several at a time, each in a process of its own, here or wherever Ray has room."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from einthoven.ecg import EinthovenError
from einthoven.evaluation.study import FAILED, Run, Study, check_finished, is_finished, runs_of
from einthoven.evaluation.study_judged import lacking
from einthoven.formats.text import clean

PAUSE = 0.5
LOG, JUDGE_LOG = "log.txt", "judge.txt"
KEPT = "kept"
"""Where judges keep what models make of ECGs, in a study's folder."""
ERROR = "Error: "
"""What the command begins an error with."""
LONGEST = 300
"""Characters of a failure that are kept."""


class StudyError(EinthovenError):
    """Runs of a study that failed."""

    kind = "study"


class Work(Protocol):
    """A training under way, as `subprocess.Popen` is one."""

    def poll(self) -> int | None:
        """What it ended with, 0 if well; None while it goes on."""

    def terminate(self) -> None:
        """Ends it."""

    def wait(self) -> object:
        """Returns when it has ended."""


Start = Callable[[Sequence[str], Path, int], Work]
"""From a command, the file for what it says, and the threads it may use, to a training under way."""


def run_study(
    study: Study,
    path: Path,
    data: Path,
    out: Path,
    jobs: int = 1,
    progress: Callable[[str], None] = lambda line: None,
    start: Start | None = None,
) -> None:
    """Trains and judges every run that is not finished, `jobs` at a time; an interrupted study goes on where it was.

    The cores are shared out evenly. What each run says goes to `log.txt` in its folder, and why it failed, if it
    did, to `failed.json`.

    Args:
        start: where trainings run: here, unless told.

    Raises:
        StudyError: some run failed; the others were run all the same.
        UsageError: a finished run in `out` is of other settings than its row has now.
    """
    check_finished(study, path, out)
    waiting = [run for run in runs_of(study) if not is_finished(run, out) or lacking(run.judges, out / run.folder)]
    total, failed = len(waiting), []
    threads = max(1, (os.cpu_count() or 1) // jobs)
    working: dict[Work, Run] = {}
    try:
        while waiting or working:
            while waiting and len(working) < jobs:
                run = waiting.pop(0)
                working[_begin(study, path, data, out, run, threads, start or start_here)] = run
            time.sleep(PAUSE)
            for process, code in [(process, process.poll()) for process in working]:
                if code is not None:
                    run = working.pop(process)
                    if code:
                        failed.append(run)
                        _note_failure(run, out, code)
                    elif lacking(run.judges, out / run.folder):
                        working[_begin(study, path, data, out, run, threads, start or start_here)] = run
            names = ", ".join(f"{run.row} (seed {run.seed})" for run in working.values())
            done = f"{total - len(waiting) - len(working)} of {total} runs ended"
            progress(f"{done}; now {names}" if names else done)
    finally:
        for process in working:
            process.terminate()
        for process in working:
            process.wait()
    if failed:
        raise StudyError(
            f"{len(failed)} of {total} runs failed: {', '.join(str(run.folder) for run in failed)}.",
            f"`study show` and their log.txt in {out} say why; run the study again to repeat only these.",
        )


def start_here(command: Sequence[str], log: Path, threads: int) -> Work:
    """A training on this machine."""
    with log.open("wb") as file:
        return subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env={**os.environ, "OMP_NUM_THREADS": str(threads)}
        )


def last_words(log: Path) -> str:
    """What a training said last: its error if it gave one, else its last line."""
    try:
        said = log.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return ""
    at = said.rfind(ERROR)
    return clean(said[at + len(ERROR) :] if at >= 0 else re.split(r"[\r\n]+", said)[-1], LONGEST)


def _begin(study: Study, path: Path, data: Path, out: Path, run: Run, threads: int, start: Start) -> Work:
    """The training of a run; of one that is trained, its next judge."""
    folder = (out / run.folder).absolute()
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FAILED).unlink(missing_ok=True)
    if is_finished(run, out):
        judge = lacking(run.judges, folder)[0]
        command = judge.command(folder, data.absolute(), out.absolute() / KEPT)
        return start(command, folder / JUDGE_LOG, threads)
    changes = [part for change in run.changes for part in ("--set", change)]
    command = [sys.executable, "-m", "einthoven", "train", str((path.parent / study.base).absolute()), *changes]
    command += ["--data", str(data.absolute()), "--out", str(folder), "--resume"]
    return start(command, folder / LOG, threads)


def _note_failure(run: Run, out: Path, code: int) -> None:
    folder = out / run.folder
    said = last_words(folder / (JUDGE_LOG if is_finished(run, out) else LOG)) or "It said nothing."
    (folder / FAILED).write_text(json.dumps({"code": code, "error": said}) + "\n", encoding="utf-8")
