"""Times reading of an SCP-ECG file beside ecgdatakit's reader, and compares what both read.

    python benchmarks/scp.py FILE.scp [--rounds 30]

Milliseconds of processor time, the two sides in turns; the difference is the largest over all leads and samples.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from ecgdatakit.parsing.parsers.scp_ecg import SCPECGParser

from einthoven.formats import read


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("file", type=Path)
    ask.add_argument("--rounds", type=int, default=30)
    asked = ask.parse_args()
    sides: dict[str, Callable[[], object]] = {
        "einthoven": lambda: read(asked.file),
        "ecgdatakit": lambda: SCPECGParser().parse(asked.file),
    }
    times: dict[str, list[float]] = {name: [] for name in sides}
    for _ in range(asked.rounds):
        for name, run in sides.items():
            start = time.process_time()
            run()
            times[name].append(1000 * (time.process_time() - start))
    for name, found in times.items():
        print(f"{name:12} median {statistics.median(found):6.1f} ms, least {min(found):6.1f} ms")
    ecg = read(asked.file)
    leads = SCPECGParser().parse(asked.file).leads
    worst = max(np.abs(ecg.lead(lead.label) * 1000 / lead.resolution - lead.samples).max() for lead in leads)
    print(f"largest difference {worst:.6f} LSB in {len(leads)} leads")


if __name__ == "__main__":
    main()
