"""What a collection holds of each data set, in the columns of ESI's Table 1 (Yu 2024), counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from einthoven.collection import Collection, quoted
from einthoven.datasets.published import published

TRAINING_FOLDS = range(1, 9)


@dataclass(frozen=True)
class Summary:
    """One source of a collection.

    Args:
        training: ECGs of folds 1-8, or all where there are no folds.
        systems: the vocabularies of its statements; "text" for free text.
        seconds, rates: the shortest and the longest.
    """

    source: str
    records: int
    patients: int
    without_patient: int
    training: int
    seconds: tuple[float, float]
    rates: tuple[float, float]
    with_age: int
    with_sex: int
    with_text: int
    with_statements: int
    folds: dict[int, int]
    systems: tuple[str, ...]

    @property
    def title(self) -> str:
        """The data set's own name."""
        return published()[self.source].title if self.source in published() else self.source


def summaries(collection: Collection) -> list[Summary]:
    """One for each source, by the number of records."""
    found = [_summary(collection, source) for source in sorted(set(collection.columns(["source"])["source"]))]
    return sorted(found, key=lambda one: -one.records)


def table1(found: list[Summary]) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    """Header and rows of the table."""
    header = ("Dataset", "Duration", "Sampling Rate", "# of Training Samples", "Associated Information")
    lines: list[tuple[str, ...]] = []
    for one in found:
        duration = _span(one.seconds, "seconds")
        lines.append((one.title, duration, _span(one.rates, "Hz"), f"{one.training:,}", _information(one)))
    return header, lines


def _information(one: Summary) -> str:
    parts = ["demographics"] if one.with_age or one.with_sex else []
    parts += [f"{system} statements" for system in one.systems] + (["reports"] if one.with_text else [])
    return ", ".join(parts) or "none"


def _span(of: tuple[float, float], unit: str) -> str:
    low, high = (f"{value:.4g}" for value in of)
    return f"{low} {unit}" if low == high else f"{low}-{high} {unit}"


def summary_of(collection: Collection, name: str, sources: Sequence[str]) -> Summary | None:
    """One data set's, whose rows are of several sources, as the Challenge's are; None where there is none of them."""
    if not set(sources) & set(collection.columns(["source"])["source"]):
        return None
    return _summary(collection, name, f"source IN ({', '.join(map(quoted, sources))})")


def _summary(collection: Collection, source: str, where: str = "") -> Summary:
    where = where or f"source = {quoted(source)}"
    column = collection.columns(["patient", "rate", "samples", "age", "sex", "fold"], where)
    seconds = column["samples"] / column["rate"]
    known = [patient for patient in column["patient"] if patient is not None]
    folds = column["fold"]
    training = np.isin(folds, TRAINING_FOLDS) if (folds >= 0).any() else np.ones(len(folds), bool)
    statements = collection.columns(["statements"], where)["statements"]
    return Summary(
        source,
        records=len(folds),
        patients=len(set(known)),
        without_patient=len(folds) - len(known),
        training=int(training.sum()),
        seconds=(float(seconds.min()), float(seconds.max())),
        rates=(float(column["rate"].min()), float(column["rate"].max())),
        with_age=int(np.isfinite(column["age"]).sum()),
        with_sex=sum(sex is not None for sex in column["sex"]),
        with_text=len(collection.columns(["record"], f"{where} AND text IS NOT NULL AND text != ''")["record"]),
        with_statements=sum(bool(several) for several in statements),
        folds={int(fold): int((folds == fold).sum()) for fold in np.unique(folds[folds >= 0])},
        systems=tuple(sorted({one.system or "text" for several in statements for one in several})),
    )
