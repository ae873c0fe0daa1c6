"""How fast statements are described without a language model: python benchmarks/describe.py PTB-XL [--knowledge DIR]

PTB-XL is the folder of ptbxl_database.csv. Its reports outside fold 10 are cut at line ends, commas and full
stops; each
distinct piece is a statement, at most 4,000 of them by frequency. Nothing of them is printed.
"""

from __future__ import annotations

import argparse
import csv
import platform
import re
import statistics
import time
from collections import Counter
from pathlib import Path

from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.describe import Assistant
from einthoven.knowledge.shelf import BaseShelf

MOST = 4000
QUERIES = ("left bundle branch block", "AV block, 1st degree", "Vorhofflimmern", "old inferior infarct not excluded")


def main() -> None:
    """Prints the seconds of the batch, its counts, and the milliseconds of one query when everything is loaded."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("ptbxl", type=Path)
    parser.add_argument("--knowledge", type=Path)
    options = parser.parse_args()
    statements = pieces(options.ptbxl / "ptbxl_database.csv")
    start, work = time.perf_counter(), time.process_time()
    shelf = BaseShelf(KnowledgeBase.open(options.knowledge)) if options.knowledge else None
    assistant = Assistant(shelf)
    batch = assistant.describe_all(statements)
    seconds, work = time.perf_counter() - start, time.process_time() - work
    kinds = Counter(one.kind for one in batch.described.values() if one.abstained)
    done = sum(not one.abstained for one in batch.described.values())
    print(f"{platform.machine()}, Python {platform.python_version()}, {options.knowledge or 'the handbook'}")
    print(f"{len(statements):,} statements in {seconds:.1f} s, loading included; {work:.1f} s of processor")
    print(f"{done:,} described, abstained {dict(kinds)}")
    times = []
    for _ in range(25):
        for query in QUERIES:
            start = time.perf_counter()
            assistant.describe(query)
            times.append(1000 * (time.perf_counter() - start))
    times.sort()
    print(f"one query, warm: median {statistics.median(times):.2f} ms, 95th percentile {times[94]:.2f} ms")


def pieces(path: Path) -> list[str]:
    """The distinct pieces of all reports, the commonest first."""
    with path.open(encoding="utf-8", newline="") as file:
        reports = [row["report"] for row in csv.DictReader(file) if row["strat_fold"] != "10"]
    cut = (piece.strip() for report in reports for piece in re.split(r"[\n\r,]|\.(?:\s|$)", report))
    counts = Counter(piece for piece in cut if len(piece) > 2)
    return [piece for piece, _ in counts.most_common(MOST)]


if __name__ == "__main__":
    main()
