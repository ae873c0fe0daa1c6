"""ECGs as a text side sees them: embeddings that do not change any more, with codes and reports from the table."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets import PTBXL
from einthoven.ecg import DataError, chunks
from einthoven.ecg.moving import move
from einthoven.models import Model

Progress = Callable[[str], None]
BATCH = 64


@dataclass(frozen=True)
class EmbeddedECGs:
    """ECGs (n) of some folds: embeddings (n, d) of length 1, and of each its patient, codes and report."""

    embedding: NDArray[np.float32]
    patients: tuple[str, ...]
    codes: tuple[tuple[str, ...], ...]
    texts: tuple[str, ...]

    def carried(self, names: Sequence[str]) -> NDArray[np.bool_]:
        """(n, names), which ECG carries which code."""
        place = {code: column for column, code in enumerate(names)}
        found = np.zeros((len(self.codes), len(names)), np.bool_)
        for row, codes in enumerate(self.codes):
            found[row, [place[code] for code in codes if code in place]] = True
        return found


def embedded(
    model: Model, source: PTBXL, folds: Sequence[int], kept: Path | None = None, progress: Progress = lambda line: None
) -> EmbeddedECGs:
    """The ECGs of some folds, computed once.

    Args:
        kept: a file that embeddings are taken from where it has them, and added to where not.

    Raises:
        DataError: the data set, or the file of embeddings, cannot be read.
    """
    entries = source.present(folds)
    known = _read(kept, model.sha256) if kept else {}
    lacking = [entry for entry in entries if entry.record not in known]
    for done, batch in enumerate(chunks(lacking, BATCH)):
        found = model.embed([source.row(entry).ecg() for entry in batch])
        known |= {entry.record: row for entry, row in zip(batch, found, strict=True)}
        progress(f"embedded {done * BATCH + len(batch)} of {len(lacking)} ECGs")
    if kept and lacking:
        _write(kept, model.sha256, known)
    return EmbeddedECGs(
        np.stack([known[entry.record] for entry in entries]),
        tuple(entry.patient or entry.record for entry in entries),
        tuple(tuple(s.code for s in entry.statements if s.code) for entry in entries),
        tuple(source.text(entry) for entry in entries),
    )


def _read(path: Path, sha256: str) -> dict[str, NDArray[np.float32]]:
    if not path.exists():
        return {}
    try:
        with np.load(path) as file:
            if str(file["model"]) != sha256:
                raise DataError(f"{path} holds embeddings by another model.", "Name another file in embeddings.")
            return dict(zip(file["records"].tolist(), file["embedding"], strict=True))
    except (OSError, KeyError, ValueError, zipfile.BadZipFile) as fault:
        raise DataError(f"{path} cannot be read ({fault}).", "Delete it: it is made anew.") from None


def _write(path: Path, sha256: str, known: dict[str, NDArray[np.float32]]) -> None:
    new = path.with_name(path.name + ".part")
    path.parent.mkdir(parents=True, exist_ok=True)
    with new.open("wb") as file:
        np.savez(file, model=sha256, records=list(known), embedding=np.stack(list(known.values())))
    move(new, path)
