"""What an archive and a test set share: patients, records, samples, tracings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from einthoven.collection import Collection, Row
from einthoven.datasets.between import tracings_between
from einthoven.datasets.duplicates import THRESHOLD, Duplicate
from einthoven.datasets.overlaps import identity, overlaps
from einthoven.datasets.registry import open_dataset
from einthoven.ecg import UsageError
from einthoven.evaluation.cells import Value
from einthoven.evaluation.fingerprint import hash_of
from einthoven.evaluation.table import Part, Table
from einthoven.retrieval.settings import SETTINGS, patient_key, read_settings

SHARED, ECGS, SUCH, LACKS = "shared", "ECGs of the test set", "such as", "not compared"
PATIENTS, NAMES, SAMPLES, TRACINGS = "patients", "records of one name", "the same samples", "the same tracing"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Side:
    """One of the two that are compared.

    Args:
        rows: makes an iterator over its ECGs, with patients and signals.
        hashed: whether its patients' names are hashes under the key of the archive in `folder`.
    """

    folder: Path
    rows: Callable[[], Iterable[Row]]
    hashed: bool = False

    def name_of(self, patient: str) -> str | None:
        """A patient's name as this side would keep it; None where its key is not there."""
        return patient_key(self.folder, patient) if self.hashed else patient

    def has_key_of(self, other: Side) -> bool:
        """Whether both hash names under one key."""
        mine = self.name_of("anybody")
        return mine is not None and mine == other.name_of("anybody")


def side_of(folder: Path, dataset: str | None = None, folds: Sequence[int] | None = None) -> Side:
    """An archive, a prepared collection, or a public data set (or some of its folds) in a folder.

    Raises:
        CollectionError, DataError: the folder holds none. UsageError: no such data set, or folds of a collection.
    """
    if dataset is not None:
        source = open_dataset(dataset, folder)
        return Side(folder, lambda: source.rows(folds))
    if folds is not None:
        raise UsageError("Folds are those of a data set.", "Name it with --dataset, or leave out --folds.")
    collection = Collection.open(folder)
    hashed = (folder / SETTINGS).is_file() and not read_settings(folder)["keep_ids"]
    return Side(folder, lambda: collection.rows(["patient", "signal", "scale"]), hashed)


def evaluate_audit(
    archive: Path,
    test: Side,
    threshold: float = THRESHOLD,
    progress: Progress = lambda line: None,
) -> Table:
    """Shared patients, records of one name, the same samples, and the same tracing after other processing.

    Patients of an archive that hashes their names are compared under its key. What cannot be told says so in its
    row, and stands in the fact `not_compared`; `shared_ecgs` counts the ECGs of the test set that are affected.

    Args:
        archive: the folder of an archive or of a prepared collection.
        test: what is to be tested on, by `side_of`.
        threshold: the cosine of two fingerprints from which they are one tracing.

    Raises:
        CollectionError: there is no archive. UsageError: a threshold that is none, or an empty test set.
    """
    own, collection = side_of(archive), Collection.open(archive)
    stored = collection.columns(["record", "sha256", "patient", "scale"])
    named, unknown = _naming(own, test)
    kept = {
        PATIENTS: {patient: record for patient, record in _both(stored, "patient") if patient is not None},
        NAMES: {identity(name): record for name, record in _both(stored, "record")},
        SAMPLES: dict(_both(stored, "sha256")),
    }
    pairs: dict[str, list[Duplicate]] = {PATIENTS: [], NAMES: [], SAMPLES: []}
    people, sources, lines = set(), set(), list[str]()
    seen = nameless = bare = 0
    for row in test.rows():
        person = named(row.patient) if row.patient is not None else None
        for kind, key in ((PATIENTS, person), (NAMES, identity(row.record)), (SAMPLES, row.sha256)):
            if key is not None and key in kept[kind]:
                pairs[kind].append(Duplicate(kept[kind][key], row.record, 1.0, kind == SAMPLES))
        people |= {person} & kept[PATIENTS].keys()
        sources.add(row.record.partition("/")[0])
        lines.append(f"{row.record}|{row.sha256}")
        seen, nameless, bare = seen + 1, nameless + (row.patient is None), bare + (row.signal is None)
        progress(f"test set: {seen} ECGs compared")
    if not seen:
        raise UsageError("The test set holds no ECG.", "Check the path and --folds.")
    pairs[TRACINGS] = tracings_between(collection, test.rows, frozenset(kept[SAMPLES]), threshold, progress)
    without = sum(patient is None for patient in stored["patient"])
    unkept = sum(not scale > 0 for scale in stored["scale"])  # NaN where no signal is kept
    lacks = {
        PATIENTS: unknown or _lacking("without a patient", without, len(collection), nameless, seen),
        TRACINGS: _lacking("without a waveform", unkept, len(collection), bare, seen),
    }
    cells: dict[str, dict[str, Value]] = {}
    for name, some in pairs.items():
        whole = {one.other for one in some}
        cells[name] = {SHARED: len(people) if name == PATIENTS else len(whole), ECGS: len(whole)}
        if some:
            cells[name][SUCH] = f"{some[0].other} = {some[0].one}" if name != PATIENTS else f"that of {some[0].other}"
        if why := lacks.get(name):
            cells[name][LACKS] = why
    nobody = unknown or without == len(collection) or nameless == seen
    for name, blind in ((PATIENTS, nobody), (TRACINGS, unkept == len(collection) or bare == seen)):
        if blind and not pairs[name]:  # 0 would say that all is well
            cells[name] = {SHARED: "not known", LACKS: lacks[name]}
    own_sources = {record.partition("/")[0] for record in stored["record"]}
    return Table(
        title="What the archive and the test set share",
        cells=cells,
        parts=[
            Part(f"Pairs: {name}", {f"{at}": _pair(one) for at, one in enumerate(some, 1)}, shown=False)
            for name, some in pairs.items()
            if some
        ],
        notes=tuple(_known_overlaps(own_sources, sources)),
        facts={
            "task": "audit",
            "data_sha256": {
                "archive": hash_of(f"{name}|{sha}" for sha, name in _both(stored, "sha256")),
                "test": hash_of(lines),
            },
            "archive_ecgs": len(collection),
            "test_ecgs": seen,
            "shared_ecgs": len({one.other for some in pairs.values() for one in some}),
            "not_compared": ", ".join(name for name, why in lacks.items() if why) or None,
            "threshold": threshold,
        },
    )


def _both(stored: Mapping[str, Any], column: str) -> Iterator[tuple[Any, str]]:
    return zip(stored[column], stored["record"], strict=True)


def _naming(own: Side, test: Side) -> tuple[Callable[[str], str | None], str]:
    """How a patient of the test set is called in the archive, and why nobody can be told, if so."""
    if own.hashed and test.hashed:
        if own.has_key_of(test):
            return (lambda patient: patient), ""
        return (lambda patient: None), "both sides hash their patients' names, under keys that are not known to be one"
    if test.hashed:
        return (lambda patient: None), "the test set hashes its patients' names; compare it with its source"
    if own.name_of("anybody") is None:
        return (lambda patient: None), "the archive was handed out without the key of its patients' names"
    return own.name_of, ""


def _lacking(what: str, own: int, of_own: int, test: int, of_test: int) -> str:
    """How many ECGs of each side cannot be compared, in words; empty if all can."""
    sides = (("the archive", own, of_own), ("the test set", test, of_test))
    return "; ".join(f"{some:,} of {every:,} ECGs of {side} are {what}" for side, some, every in sides if some)


def _pair(one: Duplicate) -> dict[str, Value]:
    return {"test set": one.other, "archive": one.one, "similarity": one.similarity}


def _known_overlaps(own: set[str], test: set[str]) -> Iterator[str]:
    """What is published of data sets on the two sides that share records under other names."""
    for one in overlaps():
        if one.identity == "unknown" and any(
            one.one in first and one.other in second for first, second in ((own, test), (test, own))
        ):
            yield f"{one.one} and {one.other} are known to share records: {one.why} ({one.source})."
