"""What `classify` holds for likely in PTB-XL's fold 9: by text side, by statement head, and "none of these".

    python benchmarks/labels.py PTB-XL-FOLDER [--model CHECKPOINT]

Labels are the 71 codes in their English report wordings. Fold 9 trained neither side, but chose the steps of both and
taught the curve that makes probabilities of similarities: what is printed is optimistic.
"""

from __future__ import annotations

import argparse
from itertools import pairwise
from pathlib import Path

import numpy as np

from einthoven.datasets import open_ptbxl
from einthoven.ecg import chunks
from einthoven.evaluation.labels import label_set
from einthoven.metrics import macro_auc
from einthoven.models import load_model
from einthoven.reporting.report import PRESENT
from einthoven.retrieval import POSSIBLE
from einthoven.statements import VOCABULARY

ASKED = 5
COMMON = 0.02
FEWEST = 10
BINS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0)


def main() -> None:
    options = argparse.ArgumentParser()
    options.add_argument("data", type=Path)
    options.add_argument("--model")
    given = options.parse_args()
    model, source = load_model(given.model), open_ptbxl("ptb-xl", given.data)
    rows = source.present((9,))
    parts = [model.run([source.row(one).ecg() for one in batch]) for batch in chunks(rows, 64)]
    embedding, head = (np.concatenate(part) for part in zip(*parts, strict=True))
    codes = list(model.codes)
    stated = np.array([[code in {s.code for s in one.statements} for code in codes] for one in rows])
    near = embedding @ model.embed_text([VOCABULARY[code].english for code in codes]).T
    curve = model.text.config.likelihood
    words = np.vectorize(curve.probability)(near)
    print(f"{len(rows)} ECGs of {len({one.patient for one in rows})} patients; {model.name} {model.sha256[:12]}")
    for name in ("all", "form", "rhythm"):
        some = [codes.index(code) for code in label_set(name) if code in codes]
        some = [one for one in some if stated[:, one].sum() >= FEWEST]
        values = [macro_auc(stated[:, some], scores[:, some]).value for scores in (near, head)]
        print(f"{name} ({len(some)}), all ECGs: macro-AUC by text side {values[0]:.3f}, by head {values[1]:.3f}")
    least = np.array([POSSIBLE if VOCABULARY[code].critical else PRESENT for code in codes])
    by_words, by_head = words >= least, head >= least
    for name, found in (("text side", by_words), ("head", by_head), ("either", by_words | by_head)):
        print(f"{name}: convincing {found[stated].mean():.3f} of what is stated, right {stated[found].mean():.3f}")
    for low, high in pairwise(BINS):
        here = (words >= low) & (words < high)
        print(f"said {words[here].mean():.2f}, stated {stated[here].mean():.2f}, {here.sum()} labels of ECGs")
    none_of_these(stated, by_words | by_head)


def none_of_these(stated: np.ndarray, convincing: np.ndarray) -> None:
    """How often five labels are all unconvincing: none of them is stated, or one is."""
    draw = np.random.default_rng(0)
    for name, some in (("all codes", np.arange(stated.shape[1])), ("common", np.flatnonzero(stated.mean(0) >= COMMON))):
        said: dict[bool, list[bool]] = {False: [], True: []}
        for row in range(len(stated)):
            there, absent = some[stated[row, some]], some[~stated[row, some]]
            said[False].append(not convincing[row, draw.choice(absent, ASKED, replace=False)].any())
            if len(there):
                asked = [draw.choice(there), *draw.choice(absent, ASKED - 1, replace=False)]
                said[True].append(not convincing[row, asked].any())
        right, wrong = (np.mean(said[one]) for one in (False, True))
        print(
            f"none of these, {name} ({len(some)}): none stated {right:.3f}, one stated {wrong:.3f} of {len(said[True])}"
        )


if __name__ == "__main__":
    main()
