"""ECGs as evaluations compare them: what each of several models, or baselines, makes of them, in one reading."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.ecg import ECG, chunks
from einthoven.evaluation.fingerprint import Fingerprint
from einthoven.evaluation.question import Split

BATCH = 64
UNKNOWN = "unknown"

Run = Callable[[Sequence[ECG]], tuple[NDArray[Any], NDArray[Any]]]
"""ECGs to embeddings (n, d) of length 1 and probabilities (n, codes), as `EmbeddingModel.run` gives them."""


@dataclass(frozen=True)
class Seen:
    """What one model makes of n ECGs: `embedding` (n, d) of length 1, `head` (n, its codes), maybe none."""

    embedding: NDArray[Any]
    head: NDArray[Any]


@dataclass(frozen=True)
class Embedded:
    """ECGs (n) with what is known of them and what is made of them.

    Args:
        records: (n,) ids.
        patients: (n,) ids; a record without one counts as a patient of its own.
        ages: (n,) years, NaN where unknown.
        sexes: (n,) "female", "male" or "unknown".
        carried: (n, codes), which ECG carries which code.
        seen: by the names of the models and baselines.
        sha256: of records, signals and codes.
    """

    records: NDArray[np.str_]
    patients: NDArray[np.str_]
    ages: NDArray[np.float64]
    sexes: NDArray[np.str_]
    carried: NDArray[np.bool_]
    seen: Mapping[str, Seen]
    sha256: str = ""

    def __len__(self) -> int:
        return len(self.patients)


def embed_all(
    rows: Iterable[Row], codes: Sequence[str], runs: Mapping[str, Run], progress: Callable[[int], None]
) -> Embedded:
    """Reads rows, at least one, and gives them to each of `runs`; `codes` names the columns of `carried`.

    Each model prepares its own ECGs, so that models of other rates or windows stand side by side.
    """
    place = {code: column for column, code in enumerate(codes)}
    who: list[tuple[str, str, float, str]] = []
    carried: list[NDArray[np.bool_]] = []
    made: dict[str, list[tuple[NDArray[Any], NDArray[Any]]]] = {name: [] for name in runs}
    fingerprint = Fingerprint()
    for batch in chunks(fingerprint.of(rows), BATCH):
        ecgs = [row.ecg() for row in batch]
        for name, run in runs.items():
            made[name].append(run(ecgs))
        for row in batch:
            line = np.zeros(len(codes), np.bool_)
            line[[place[s.code] for s in row.statements if s.code in place]] = True
            carried.append(line)
            who.append(
                (row.record, row.patient or row.record, np.nan if row.age is None else row.age, row.sex or UNKNOWN)
            )
        progress(len(who))
    records, patients, ages, sexes = (np.array(column) for column in zip(*who, strict=True))
    seen = {name: Seen(*map(np.concatenate, zip(*each, strict=True))) for name, each in made.items()}
    return Embedded(records, patients, ages, sexes, np.array(carried), seen, fingerprint.hexdigest())


def embed_split(
    split: Split, codes: Sequence[str], runs: Mapping[str, Run], progress: Callable[[str], None]
) -> tuple[Embedded, Embedded]:
    """The index of a split and the ECGs that are asked, each as `embed_all` makes it."""
    index = embed_all(map(split.source.row, split.base), codes, runs, lambda n: progress(f"index: {n} ECGs"))
    name = f"fold {split.fold}"
    return index, embed_all(map(split.source.row, split.asked), codes, runs, lambda n: progress(f"{name}: {n} ECGs"))
