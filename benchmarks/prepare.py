"""A data set into a collection: `einthoven data prepare` beside a plain loop with wfdb, in records a second.

python benchmarks/prepare.py PTB-XL-FOLDER [--rate 100] [--records 4000]

The loop reads each record with wfdb in one process and keeps nothing, which is the least that any preparation does.
Memory is the most that the process held after half of the records and after all of them: it does not grow.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import wfdb

from einthoven.datasets import PTBXL
from einthoven.datasets.prepare import prepare
from einthoven.datasets.ptbxl import Entry
from einthoven.datasets.reading import reader


class Some(PTBXL):
    """The first records of PTB-XL."""

    most = 0

    @property
    def recordings(self) -> Sequence[Entry]:  # type: ignore[override]
        return self.present()[: self.most]

    def of_folds(self, folds: object) -> Sequence[Entry]:
        return self.recordings


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--rate", type=int, default=100)
    ask.add_argument("--records", type=int, default=4000)
    asked = ask.parse_args()
    source = Some(asked.data, asked.rate)
    source.most = asked.records
    files = [entry.file.with_suffix("") for entry in source.recordings]
    for file in files:  # both find them in the system's cache
        file.with_suffix(".dat").read_bytes(), file.with_suffix(".hea").read_bytes()
    began = time.perf_counter()
    for file in files:
        wfdb.rdrecord(str(file))
    loop = len(files) / (time.perf_counter() - began)
    held: list[float] = []

    def progress(done: int, every: int) -> None:
        if done in {every // 2, every}:
            held.append(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)

    with tempfile.TemporaryDirectory() as scratch, reader(source) as guard:
        guard.read(source.recordings[0].file.with_suffix(".hea"))  # its start is not the data set's
        began = time.perf_counter()
        found = prepare("ptb-xl", source, Path(scratch) / "c", guard, progress=progress, commit_every=1000)
        ours = found.added / (time.perf_counter() - began)
    print(f"{found.added} records at {asked.rate} Hz: {ours:.0f}/s prepared, {loop:.0f}/s by a plain wfdb loop")
    print(f"{ours / loop:.1f} x the loop, by {guard.workers} workers; refused {len(found.refused)}")
    print(f"memory {held[0]:.0f} MB after half, {held[-1]:.0f} MB at the end")


if __name__ == "__main__":
    main()
