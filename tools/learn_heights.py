"""Learns how high QRS complexes are, and how high one lead's is beside the others', on PTB-XL's folds 1-8.

    python tools/learn_heights.py PTB-XL-FOLDER [--out FILE]

`quality/gain.py` tells a wrong gain by it; `benchmarks/misplaced.py` reports on fold 9. Few minutes on one core.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np

from einthoven.datasets import PTBXL
from einthoven.ecg import Floats
from einthoven.quality import gain
from einthoven.quality.beat import OWN_ROWS
from einthoven.quality.noise import levels
from einthoven.signal import find_beats

TAIL = 0.0005
"""Share of ECGs beyond each limit."""
ORDINARY = 0.8
"""Distance from the median in log10 beyond which an ECG teaches nothing of covariance: an electrode was off."""


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--out", type=Path, default=Path(gain.__file__).with_name("heights.json"))
    asked = ask.parse_args()
    asked.out.write_text(json.dumps(learned(heights(asked.data)), indent=1) + "\n", encoding="utf-8")
    print(asked.out.read_text(encoding="utf-8"))


def heights(folder: Path) -> Floats:
    """(ECGs, 12) in mV."""
    found = []
    for row in PTBXL(folder).rows(range(1, 9)):
        ecg = row.ecg()
        beats = find_beats(ecg.signal, ecg.rate)
        if beats.credible and not ecg.missing:
            found.append(levels(ecg.signal, beats.indices).height)
    return np.array(found)


def learned(height: Floats) -> dict[str, object]:
    """What `heights.json` holds."""
    value = np.log10(np.maximum(height[:, OWN_ROWS], 1e-3))
    apart = np.abs(value - np.median(value, axis=0)).max(axis=1)
    ordinary = value[apart < ORDINARY]
    mean, covariance = ordinary.mean(axis=0), np.cov(ordinary.T)
    precision = np.linalg.inv(covariance)
    z = (value - mean) @ precision / np.sqrt(np.diag(precision))
    low, high = np.quantile(z, [TAIL, 1 - TAIL], axis=0)
    middle = np.quantile(np.median(height, axis=1), [TAIL, 1 - TAIL])
    return {
        "ecgs": len(height),
        "mean": np.round(mean, 4).tolist(),
        "covariance": np.round(covariance, 5).tolist(),
        "low": np.round(low, 2).tolist(),
        "high": np.round(high, 2).tolist(),
        "middle": np.round(middle, 3).tolist(),
    }


if __name__ == "__main__":
    main()
