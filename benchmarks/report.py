"""Times the way from a file to a draft: cold, warm, and a folder of 1,000 records beside the loop people write today.

    python benchmarks/report.py [--records 1000] [--rounds 3]

The folder holds simulated 12-lead ECGs, 10 s at 500 Hz, WFDB format 16. Each figure is a median over rounds; the two
sides of the comparison take turns. Reading into batches, preparing and embedding run in one process with all cores.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from einthoven.cli.demo import demo_file
from einthoven.ecg import LEADS, chunks
from einthoven.formats import find, read
from einthoven.models import Model, load_model
from einthoven.reporting import report
from einthoven.retrieval import demo_archive
from einthoven.testing import simulate

BATCH = 64


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--records", type=int, default=1000)
    ask.add_argument("--rounds", type=int, default=3)
    asked = ask.parse_args()
    cold()
    with tempfile.TemporaryDirectory() as scratch:
        write_folder(Path(scratch), asked.records)
        warm(next(find([Path(scratch)])), "WFDB at 500 Hz (aim <= 30)")
        warm(demo_file(), "DICOM at 1000 Hz")
        folder(Path(scratch), asked.records, asked.rounds)


def cold(rounds: int = 5) -> None:
    """`einthoven report FILE` as a new process: seconds and peak memory."""
    command = [sys.executable, "-m", "einthoven", "report", str(demo_file()), "--json"]
    times, peaks = [], []
    for _ in range(rounds + 1):
        start = time.perf_counter()
        child = os.posix_spawn(
            command[0], command, os.environ, file_actions=[(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
        )
        _, status, usage = os.wait4(child, 0)
        times.append(time.perf_counter() - start)
        peaks.append(usage.ru_maxrss / 1024)
        if status:
            raise SystemExit("einthoven report failed")
    print(f"report, cold (aim <= 3 s, < 400 MB)     {statistics.median(times[1:]):.2f} s, {max(peaks):.0f} MB")


def warm(file: Path, what: str, rounds: int = 30) -> None:
    """Read to draft in a running process."""
    archive = demo_archive()
    times: dict[str, list[float]] = {"read": [], "draft": []}
    for _ in range(rounds + 2):
        start = time.perf_counter()
        ecg = read(file)
        between = time.perf_counter()
        report(ecg, archive)
        times["read"].append(between - start)
        times["draft"].append(time.perf_counter() - between)
    reading, drafting = (1000 * statistics.median(times[stage][2:]) for stage in times)
    print(f"one ECG, warm, {what:<24} {reading + drafting:.1f} ms: read {reading:.1f}, draft {drafting:.1f}")


def write_folder(folder: Path, records: int) -> None:
    """Simulated ECGs as WFDB format 16, 500 Hz, 1 microvolt a unit."""
    for number in range(records):
        ecg = simulate(heart_rate=50 + number % 70, seed=number, noise=0.01)
        values = np.rint(ecg.signal * 1000).astype("<i2")
        name = f"r{number:05d}"
        (folder / f"{name}.dat").write_bytes(np.ascontiguousarray(values.T).tobytes())
        lines = [f"{name} 12 500 {ecg.samples}"]
        for lead, row in zip(LEADS, values, strict=True):
            lines.append(f"{name}.dat 16 1000(0)/mV 16 0 {row[0]} {int(row.astype(int).sum()) & 0xFFFF} 0 {lead}")
        (folder / f"{name}.hea").write_text("\n".join(lines) + "\n")


def folder(path: Path, records: int, rounds: int) -> None:
    """A folder embedded by us and by `loop_today.py`, in turns."""
    sys.path.insert(0, str(Path(__file__).parent))
    import loop_today

    model = load_model()
    ours, theirs, stages = [], [], []
    for _ in range(rounds):
        start = time.perf_counter()
        mine, spent = embed_folder(model, path)
        ours.append(records / (time.perf_counter() - start))
        stages.append(spent)
        said = io.StringIO()
        start = time.perf_counter()
        with contextlib.redirect_stdout(said):
            other = loop_today.main(path)
        theirs.append(records / (time.perf_counter() - start))
    agreement = (mine * other).sum(1)
    print(f"folder of {records} WFDB records at 500 Hz   {statistics.median(ours):.0f} records/s")
    print(
        "  stages, ms a record: "
        + ", ".join(f"{k} {1000 * statistics.median(s[k] for s in stages) / records:.2f}" for k in stages[0])
    )
    print(f"the loop people write today             {statistics.median(theirs):.0f} records/s")
    seconds = dict(zip(*[iter(said.getvalue().split())] * 2, strict=True))
    print("  stages, ms a record: " + ", ".join(f"{k} {1000 * float(v) / records:.2f}" for k, v in seconds.items()))
    ratios = [a / b for a, b in zip(ours, theirs, strict=True)]
    print(
        f"ratio (aim >= 2)                        {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f})"
    )
    print(f"same embeddings: cosine                 median {np.median(agreement):.4f}, lowest {agreement.min():.4f}")


def embed_folder(model: Model, path: Path) -> tuple[np.ndarray, dict[str, float]]:
    """Embeddings of all records of a folder, and the seconds that each stage took."""
    spent = dict.fromkeys(("read", "prepare + network"), 0.0)
    found = []
    for batch in chunks(find([path]), BATCH):
        start = time.perf_counter()
        ecgs = [read(file) for file in batch]
        between = time.perf_counter()
        found.append(model.embed(ecgs))
        spent["read"] += between - start
        spent["prepare + network"] += time.perf_counter() - between
    return np.concatenate(found), spent


if __name__ == "__main__":
    main()
