"""What each rule that speaks against a plain 'normal ECG' costs and catches, on drafts of one fold of PTB-XL.

    python benchmarks/normal.py --data PTBXL_FOLDER [--fold 9] [--limit N]

Counted are drafts that would be plain and say NORM or a sinus rhythm but for a measurement: how many of them are coded
NORM (the cost) and how many are not (what is caught). Limits are published ones or were set on folds 1-7; fold 9 has
calibrated the archive that ships. Fold 10 is not asked.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from einthoven import demo_archive
from einthoven.datasets import PTBXL
from einthoven.reporting import report

RULES = {
    "wide QRS": "too wide for a normal ECG",
    "long QTc": "too long for a normal ECG",
    "long PR": "states no AV block",
    "ST elevation": "the measured ST elevation",
    "ST depression": "the measured ST depression",
    "Sokolow-Lyon": "(Sokolow-Lyon",
    "Cornell": "(Cornell",
    "irregular rhythm": "The rhythm is irregular",
}


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--data", type=Path, required=True)
    ask.add_argument("--fold", type=int, default=9, choices=range(1, 10))
    ask.add_argument("--limit", type=int)
    asked = ask.parse_args()
    archive, data = demo_archive(), PTBXL(asked.data)
    entries = data.present([asked.fold])[: asked.limit]
    plain = {True: 0, False: 0}
    hit = {rule: {True: 0, False: 0} for rule in (*RULES, "any of these")}
    for entry in entries:
        row = data.row(entry)
        normal = any(statement.code == "NORM" for statement in row.statements)
        draft = report(row.ecg(), archive)
        by_rule = [[rule for rule, words in RULES.items() if words in reason] for reason in draft.reasons]
        stated = {statement.code for statement in draft.statements}
        if draft.outcome == "none" or not all(by_rule) or not (by_rule or "NORM" in stated):
            continue
        plain[normal] += not by_rule
        for rule in {rule for rules in by_rule for rule in rules} | ({"any of these"} if by_rule else set()):
            hit[rule][normal] += 1
    print(
        f"fold {asked.fold}, {len(entries)} ECGs; "
        f"plain drafts that say NORM: {plain[True]} coded so, {plain[False]} not"
    )
    print("\n| caution for nothing but | coded NORM | not coded NORM |\n|---|---|---|")
    for rule, count in hit.items():
        print(f"| {rule} | {count[True]} | {count[False]} |")


if __name__ == "__main__":
    main()
