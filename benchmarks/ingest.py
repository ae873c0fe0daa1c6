"""PTB-XL into a collection: seconds, records a second, and peak memory.

python benchmarks/ingest.py PTB-XL-FOLDER [--rate 100]
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from pathlib import Path

from einthoven.collection import Collection
from einthoven.datasets import PTBXL


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--rate", type=int, default=100)
    asked = ask.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        start = time.perf_counter()
        collection = Collection.create(Path(scratch) / "ptb-xl")
        source = PTBXL(asked.data, asked.rate)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        count = collection.append(source.rows())
        seconds = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{count} ECGs in {seconds:.1f} s (aim < 90): {count / seconds:.0f} records/s")
    print(f"peak memory {peak:.0f} MB, {peak - before:.0f} MB above the table of metadata")


if __name__ == "__main__":
    main()
