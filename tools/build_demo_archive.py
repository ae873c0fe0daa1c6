"""Builds the archive that ships, from PTB-XL's folds 1-8, calibrated with fold 9.

    python tools/build_demo_archive.py PTB-XL-FOLDER [--model CHECKPOINT] [--out DIR]

It holds embeddings, statement codes, age and sex; no waveform, no report text, no date, and no key, so that nobody
can look a patient id up in it. Fold 9 calibrates because the model was trained on the archive's own ECGs: asked among
themselves they would look more certain than new ones.
"""

from __future__ import annotations

import argparse
import dataclasses
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from einthoven.collection import Row
from einthoven.collection.lock import LOCK
from einthoven.datasets import PTBXL
from einthoven.evaluation.seen import refuse_split
from einthoven.models import load_model
from einthoven.quality import assess
from einthoven.retrieval import Archive
from einthoven.retrieval.bundled import BUNDLED
from einthoven.retrieval.settings import KEY
from einthoven.retrieval.sums import seal

NAME = "PTB-XL folds 1-8"
LARGEST = 8_000_000


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--model")
    ask.add_argument("--out", type=Path, default=BUNDLED)
    asked = ask.parse_args()
    source = PTBXL(asked.data)
    asked.out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=asked.out.parent) as scratch:
        model = load_model(asked.model)
        refuse_split(model)  # one that has seen fold 9 is neither calibrated with it nor shipped
        archive = Archive.create(Path(scratch) / "new", model, NAME, precision="int8")
        count = archive.add(bare(source.rows(range(1, 9))), keep_signal=False, progress=said)
        archive.collection.purge()
        calibration = archive.calibrate(list(source.rows([9])), "PTB-XL fold 9")
        patients = archive.patients
        (archive.path / KEY).unlink()
        for leftover in (*archive.path.rglob(".lock"), *archive.path.rglob("_transactions")):
            shutil.rmtree(leftover) if leftover.is_dir() else leftover.unlink()
        seal(archive.path, anew=True)
        (archive.path / LOCK).unlink(missing_ok=True)
        if asked.out.exists():
            shutil.rmtree(asked.out)
        shutil.move(archive.path, asked.out)
    size = sum(file.stat().st_size for file in asked.out.rglob("*") if file.is_file())
    print(f"{count} ECGs of {patients} patients, {size / 1e6:.2f} MB in {asked.out}")
    print(f"calibrated with {calibration.queries} ECGs: far {calibration.far:.3f}, distant {calibration.distant:.3f}")
    if size > LARGEST:
        raise SystemExit(f"larger than {LARGEST / 1e6:g} MB")


def bare(rows: Iterator[Row]) -> Iterator[Row]:
    """The rows without what the archive must not hold; unfit recordings are left out, as `archive build` does."""
    for row in rows:
        if assess(row.ecg()).usable:
            yield dataclasses.replace(row, text=None, time=None, notices=(), source="ptb-xl")


def said(done: int) -> None:
    if sys.stderr.isatty():
        print(f"\r{done} ECGs", end="", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
