"""How often a fast run is told (`measurement/runs.py`): in PTB-XL, and where a premature beat is repeated.

    python benchmarks/runs.py --data PTB-XL-FOLDER [--folds 1 2 3 4 5 6 7 8]

The second part takes, of the first 40 ECGs with PVC in folds 7 and 8, the first beat of another shape and puts it 3, 4,
5 and 8 times after a beat of the usual one, at 130 to 220 bpm. Such runs are made of real beats, and are no real runs.
"""

from __future__ import annotations

import argparse
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np

from einthoven.datasets import PTBXL
from einthoven.ecg import ECG
from einthoven.measurement import measure
from einthoven.measurement.runs import FAST_RR, LIKE, likeness
from einthoven.signal import find_beats

BEATS, SPEEDS, SOURCES = (3, 4, 5, 8), (130, 150, 180, 220), 40


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--data", type=Path, required=True)
    ask.add_argument("--folds", type=int, nargs="+", default=[*range(1, 9)], choices=range(1, 10))
    asked = ask.parse_args()
    data = PTBXL(asked.data)
    told, ecgs = 0, 0
    for entry in data.present(asked.folds):
        row = data.row(entry)
        ecgs += 1
        if run := measure(row.ecg()).run:
            told += 1
            codes = " ".join(statement.code for statement in row.statements)
            print(f"{entry.name}: {run.beats} beats at {run.rate:.0f} bpm; coded {codes}")
    print(f"told of {told} of {ecgs} ECGs of the folds {asked.folds}\n")
    found, sources = repeated(data)
    print(f"a premature beat of {sources} ECGs repeated, told (of {sources} each):")
    print(f"| beats |{'|'.join(f' {speed} bpm ' for speed in SPEEDS)}|\n|---|{'---|' * len(SPEEDS)}")
    for beats in BEATS:
        print(f"| {beats} |{'|'.join(f' {found[beats, speed]} ' for speed in SPEEDS)}|")


def repeated(data: PTBXL) -> tuple[Counter[tuple[int, int]], int]:
    """How many runs are told by beats and speed; of how many ECGs."""
    told: Counter[tuple[int, int]] = Counter()
    sources = 0
    for entry in data.present([7, 8]):
        row = data.row(entry)
        if sources == SOURCES or not any(statement.code == "PVC" for statement in row.statements):
            continue
        ecg = row.ecg()
        if (places := places_of(ecg)) is None:
            continue
        sources += 1
        for beats in BEATS:
            for speed in SPEEDS:
                told[beats, speed] += measure(with_run(ecg, *places, beats, speed)).run is not None
    return told, sources


def places_of(ecg: ECG) -> tuple[int, int] | None:
    """The sample of the first premature beat's R peak, and that of a usual beat in the middle; None without both."""
    peaks = find_beats(ecg.signal, ecg.rate).indices
    own = np.flatnonzero(np.diff(peaks) * 1000 / ecg.rate > FAST_RR) + 1
    if own.size < 3:
        return None
    alike = likeness(ecg.signal, ecg.rate, peaks, own)
    samples = ecg.signal.shape[1]
    other = [peak for peak, like in zip(peaks, alike, strict=True) if like < LIKE and 60 < peak < samples - 120]
    usual = [peak for peak, like in zip(peaks, alike, strict=True) if like > 0.9 and 250 < peak < 450]
    return (int(other[0]), int(usual[0])) if other and usual else None


def with_run(ecg: ECG, premature: int, usual: int, beats: int, speed: int) -> ECG:
    """The ECG with a row of copies of one beat, each levelled so that they join, 0.3 s after another beat."""
    apart, before = round(60 / speed * ecg.rate), round(0.12 * ecg.rate)
    beat = ecg.signal[:, premature - before : premature - before + apart]
    beat = beat - (beat[:, -1:] - beat[:, :1]) * np.linspace(0, 1, apart)
    at = usual + round(0.3 * ecg.rate)
    row = np.tile(beat, (1, beats))[:, : ecg.signal.shape[1] - at]
    signal = ecg.signal.copy()
    signal[:, at : at + row.shape[1]] = row + (signal[:, at : at + 1] - row[:, :1])
    return replace(ecg, signal=signal)


if __name__ == "__main__":
    main()
