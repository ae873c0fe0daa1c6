"""How often the quality rules err on PTB-XL, and how well they tell the Challenge 2011's unacceptable recordings.

    python benchmarks/quality.py --data PTBXL_FOLDER [--folds 9] [--limit 1500] [--cinc2011 FILE.npz]
    python benchmarks/quality.py --data PTBXL_FOLDER --folds 1 2 3 4 5 6 7 8 --limit 20000 --as-recorded

The thresholds were set on folds 1-8; fold 9 is for reporting. `--cinc2011` is an npz with
`adu` (records, samples, 12) int16 at 500 Hz, 5 microvolt a unit, and `acceptable` (records,). Nothing was fitted to it,
but its score was chosen on it among ten simple means of the leads' trouble. Exchanges: `misplaced.py` beside. What is
refused, and what seems inverted or without beats, is listed with its statements.
"""

from __future__ import annotations

import argparse
import csv
import random
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from einthoven import testing
from einthoven.ecg import ECG
from einthoven.metrics import macro_auc_statistic, patient_bootstrap
from einthoven.quality import Quality, assess

LISTED = {"arm-swap", "inverted", "no-beats"}
NOTED = ("baseline_drift", "static_noise", "burst_noise", "electrodes_problems")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help="PTB-XL folder with records100")
    parser.add_argument("--folds", type=int, nargs="+", default=[9])
    parser.add_argument("--limit", type=int, default=1500)
    parser.add_argument("--cinc2011", type=Path)
    parser.add_argument("--as-recorded", action="store_true", help="leave out what is exchanged, inverted or made up")
    options = parser.parse_args()
    rows = choose(options.data, options.folds, options.limit)
    noted = [any(row[column].strip() for column in NOTED) for row in rows]
    found, swapped, inverted = [], [], []
    for row in rows:
        ecg = read(options.data / row["filename_lr"])
        found.append(assess(ecg))
        if not options.as_recorded:
            swapped.append(assess(testing.swap_arms(ecg)))
            inverted.append(assess(testing.invert(ecg)))
    print(f"PTB-XL, folds {options.folds}: {len(rows)} records, {sum(noted)} with a note on their quality")
    show("without a note", [quality for quality, note in zip(found, noted, strict=True) if not note])
    show("with a note", [quality for quality, note in zip(found, noted, strict=True) if note])
    show("all", found)
    if not options.as_recorded:
        show("all, arms exchanged", swapped)
        show("all, inverted", inverted)
        show("coded NORM, inverted", [q for q, row in zip(inverted, rows, strict=True) if "'NORM'" in row["scp_codes"]])
    for row, quality in zip(rows, found, strict=True):
        if not quality.usable or LISTED & set(quality.kinds):
            what = "kept" if quality.usable else "refused"
            print(f"  record {row['ecg_id']}, {what}: {', '.join(quality.kinds)} ({row['scp_codes']})")
    if options.cinc2011:
        cinc2011(options.cinc2011)
    if not options.as_recorded:
        artificial()


def choose(data: Path, folds: list[int], limit: int) -> list[dict[str, str]]:
    with (data / "ptbxl_database.csv").open(newline="", encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if int(row["strat_fold"]) in folds]
    rows = [row for row in rows if (data / f"{row['filename_lr']}.dat").exists()]
    random.Random(0).shuffle(rows)
    return rows[:limit]


def read(path: Path) -> ECG:
    """PTB-XL's layout: int16 microvolt, 12 leads interleaved, 100 Hz."""
    samples = np.fromfile(path.with_suffix(".dat"), "<i2").reshape(-1, 12).T
    return ECG(samples / np.float32(1000), 100)


def cinc2011(path: Path) -> None:
    with np.load(path, allow_pickle=False) as archive:
        signals, labels = archive["adu"], archive["acceptable"]
    found = [assess(ECG(signal.T * np.float32(0.005), 500)) for signal in signals]
    for label, name in ((1, "acceptable"), (0, "unacceptable")):
        show(f"CinC 2011, {name}", [q for q, known in zip(found, labels, strict=True) if known == label])
    judged = labels >= 0
    bad = (labels[judged] == 0)[:, None]
    records = np.arange(len(bad))  # no patient is named
    worst = [[max(lead.flat or 0, lead.clipped or 0) for lead in q.leads.values()] for q in found]
    for name, score in (
        ("trouble", [q.trouble for q in found]),
        ("baseline: worst lead flat or clipped", np.max(worst, axis=1)),
    ):
        statistic = macro_auc_statistic(bad, np.asarray(score, float)[judged][:, None])
        print(f"AUC of unacceptable, {name}: {patient_bootstrap(statistic, records)}")


def artificial() -> None:
    flat = testing.flat(testing.simulate())
    for kind in ("white", "mains", "wander", "random_walk"):
        for size in (0.05, 0.3, 2.0):
            noise = [assess(testing.add_noise(flat, size, kind, seed=seed)) for seed in range(20)]
            show(f"{kind} alone, {size} mV", noise)


def show(name: str, found: Iterable[Quality]) -> None:
    found = list(found)
    kinds = Counter(kind for quality in found for kind in quality.kinds)
    refused = sum(not quality.usable for quality in found) / len(found)
    clean = sum(quality.clean for quality in found) / len(found)
    print(f"{name} ({len(found)}): refused {refused:.2%}, nothing found {clean:.2%}")
    print("    " + ", ".join(f"{kind} {count / len(found):.2%}" for kind, count in kinds.most_common()))


if __name__ == "__main__":
    main()
