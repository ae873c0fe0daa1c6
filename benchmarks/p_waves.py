"""In how many ECGs a PR interval is measured, by the rhythm that they are labelled with: fibrillation should have none.

    python benchmarks/p_waves.py --ptbxl FOLDER [--folds 8 9] [--elsewhere FOLDER] [--list]

`--elsewhere` is a folder of the Challenge 2021, LUDB, Chapman-Shaoxing, CODE-15% or CPSC2018, or one that holds some.
An ECG counts for a rhythm that it is labelled with alone; flutter, pacing and blocks of the second and third degree are
left out of all. Thresholds were set on PTB-XL's folds 1-7.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from einthoven.datasets import PTBXL
from einthoven.datasets.registry import open_elsewhere
from einthoven.ecg import ECG
from einthoven.measurement import measure
from einthoven.metrics import clopper_pearson
from einthoven.statements.elsewhere import meaning

RHYTHMS = {"AFIB": "fibrillation", "SR": "sinus", "SBRAD": "sinus", "STACH": "sinus", "SARRH": "sinus, irregular"}
OTHERS = {"AFLT", "PACE", "2AVB", "3AVB", "SVTAC", "PSVT", "SVARR"}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--ptbxl", type=Path)
    ask.add_argument("--folds", type=int, nargs="+", default=[8, 9])
    ask.add_argument("--elsewhere", type=Path)
    ask.add_argument("--list", action="store_true", help="name the ECGs in fibrillation that get a PR interval")
    asked = ask.parse_args()
    found: dict[tuple[str, str], list[tuple[str, bool]]] = defaultdict(list)
    for source, name, codes, ecg in labelled(asked):
        if rhythm := rhythm_of(codes):
            found[rhythm, source].append((name, measure(ecg).pr is not None))
    print("| rhythm | source | ECGs | no PR interval | share [95% Clopper-Pearson] |\n|---|---|---|---|---|")
    for rhythm in dict.fromkeys(RHYTHMS.values()):
        rows = {source: seen for (each, source), seen in sorted(found.items()) if each == rhythm}
        elsewhere = [one for source, seen in rows.items() if not source.startswith("ptb-xl fold") for one in seen]
        for source, seen in (*rows.items(), ("all but PTB-XL's folds", elsewhere)):
            if seen:
                absent = sum(not has for _, has in seen)
                low, high = clopper_pearson(absent, len(seen))
                share = f"{absent / len(seen):.3f} [{low:.3f}, {high:.3f}]"
                print(f"| {rhythm} | {source} | {len(seen)} | {absent} | {share} |")
    if asked.list:
        named = [name for (each, _), seen in found.items() if each == "fibrillation" for name, has in seen if has]
        print("fibrillation with a PR interval:", ", ".join(named))


def labelled(asked: argparse.Namespace) -> Iterator[tuple[str, str, set[str], ECG]]:
    """Source, name and SCP codes of each ECG."""
    if asked.ptbxl:
        data = PTBXL(asked.ptbxl)
        for fold in asked.folds:
            for row in data.rows([fold]):
                yield f"ptb-xl fold {fold}", row.record, {s.code or "" for s in row.statements}, row.ecg()
    for other in open_elsewhere(asked.elsewhere) if asked.elsewhere else ():
        for recording in other.recordings:
            row = other.row(recording)
            said = [meaning(recording.source, statement) for statement in row.statements]
            codes = {one.codes[0] for one in said if one and not one.broad}
            yield recording.source, recording.record, codes, row.ecg()


def rhythm_of(codes: set[str]) -> str | None:
    """The one rhythm that an ECG is labelled with, or None."""
    named = {RHYTHMS[code] for code in codes & set(RHYTHMS)}
    if codes & OTHERS or not named:
        return None
    if "sinus, irregular" in named:
        named.discard("sinus")
    return named.pop() if len(named) == 1 else None


if __name__ == "__main__":
    main()
