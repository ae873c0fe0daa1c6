"""Whose ECGs are asked about, whose the lines are fitted to, which ones the model has seen: by folds or by lists."""

from __future__ import annotations

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from einthoven.collection import Row, replace_folder
from einthoven.datasets import ECGQA, PTBXL
from einthoven.datasets.ecgqa import Part
from einthoven.datasets.ecgqa_split import entries_of_ecgqa
from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import CollectionError, UsageError
from einthoven.evaluation.qa_fairness import Who, trained_folds
from einthoven.evaluation.seen import refuse_split, split_of
from einthoven.quality import assess
from einthoven.retrieval import Archive, EmbeddingModel
from einthoven.retrieval.guarantee import halves

CHOOSING = 9
INDEX = "ECG-QA's train ECGs of PTB-XL"


@dataclass(frozen=True)
class Sides:
    """Records on the sides of an evaluation.

    Args:
        entries: those whose signals are there, by record. fitted: what lines and scales may be learnt from.
        asked: what may be asked about. seen: what the model was trained on. whose: the fitted, in words.
        own: whether what the shipped archive's scales were learnt from may be among the asked, so that the scales are
            learnt anew.
        facts: what a table says of it.
    """

    entries: Mapping[str, Entry]
    fitted: frozenset[str]
    asked: frozenset[str]
    seen: frozenset[str]
    whose: str
    own: bool
    facts: Mapping[str, object]


def sides_of(
    source: PTBXL,
    who: Who,
    archive: Archive,
    fold: int | None,
    published: Path | None,
    part: Part,
    told: Collection[int] = (),
) -> Sides:
    """By PTB-XL's folds; by ECG-QA's lists where the archive's model was trained on those.

    Args:
        fold: 9 or 10; None is 9, and is all that goes with lists.
        published: ECG-QA's folder. part: whose ECGs are asked about, where lists decide.
        told: folds of the model, where its card has none.

    Raises:
        UsageError: a fold with a model that has seen all folds, or another than 9 and 10; such a model without
            ECG-QA's lists, or asked about its train ECGs; or nobody says what the model was trained on.
        DataError: signals or lists that are not there.
    """
    if split_of(archive.model) is None or published is None:
        refuse_split(archive.model)
        return _by_fold(source, who, archive, CHOOSING if fold is None else fold, told)
    require_lists(archive.model, fold, part)
    return _by_lists(source, ECGQA(published), part)


def require_lists(model: object, fold: int | None, part: Part) -> None:
    """Refuses what a model of a split must not be asked.

    Raises:
        UsageError: ECGs of a fold, or its train ECGs.
    """
    if fold is not None:
        refuse_split(model)
    if part == "train":
        raise UsageError("The model was trained on these ECGs.", "Ask about the others: --part test.")


def _by_fold(source: PTBXL, who: Who, archive: Archive, fold: int, told: Collection[int]) -> Sides:
    if fold not in (CHOOSING, 10):
        raise UsageError(f"Fold {fold} is not for evaluation.", "Evaluate on fold 9 or 10.")
    entries = {entry.record: entry for entry in source.present((CHOOSING, fold))}
    choosing = [entry for entry in entries.values() if entry.fold == CHOOSING]
    fitted = _first(choosing) if fold == CHOOSING else frozenset(entry.record for entry in choosing)
    asked = frozenset(record for record, entry in entries.items() if entry.fold == fold) - fitted
    trained = trained_folds(archive, told)
    return Sides(
        entries,
        fitted,
        asked,
        frozenset(record for record, known in who.fold.items() if known in trained),
        f"fold {CHOOSING}",
        False,
        {"model_trained_on_folds": ", ".join(map(str, sorted(trained))), "fold_asked": fold},
    )


def _by_lists(source: PTBXL, published: ECGQA, part: Part) -> Sides:
    """On test ECGs all validation ECGs fit; on validation ECGs half of their patients do, and the others are asked."""
    parts = entries_of_ecgqa(source, published)
    fitted = _first(parts["valid"]) if part == "valid" else frozenset(entry.record for entry in parts["valid"])
    asked = frozenset(entry.record for entry in parts[part]) - fitted
    seen = frozenset(published.records("train"))
    listed = {name: len(published.records(name)) for name in parts}
    return Sides(
        {entry.record: entry for name in ("valid", part) for entry in parts[name]},
        fitted,
        asked,
        seen if part == "valid" else seen | frozenset(published.records("valid")),
        "ECG-QA's validation ECGs",
        True,
        {
            "model_trained_on": "ECG-QA's train ECGs, chosen on its validation ECGs",
            "part_asked": f"ECG-QA's {part} ECGs, {len(asked)} with signals here",
            "ecg_qa_lists": ", ".join(f"{name} {count}" for name, count in listed.items()),
        },
    )


def _first(entries: Collection[Entry]) -> frozenset[str]:
    """Of the half of the patients to which an archive's confidences are fitted."""
    first = halves([entry.patient for entry in entries])
    return frozenset(entry.record for entry, chosen in zip(entries, first, strict=True) if chosen)


def archive_of_ecgqa(source: PTBXL, published: ECGQA, model: EmbeddingModel, folder: Path) -> Archive:
    """An archive of ECG-QA's train ECGs in a new folder, calibrated with its validation ECGs; it keeps no signal.

    Recordings from which nothing can be concluded are left out, as `archive build` does. The folder appears as a whole,
    or not at all.

    Raises:
        UsageError: a model that was not trained on these lists. DataError: signals or lists that are not there.
        CollectionError: the folder is not empty, or there are too few patients to calibrate with.
    """
    if split_of(model) != "ecg-qa":
        raise UsageError(
            f"{model.name} was not trained on ECG-QA's train ECGs.", "Name an archive for it: --archive DIR."
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CollectionError(f"{folder} holds something else than an archive.", "Choose a new folder.")
    parts = entries_of_ecgqa(source, published)
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as scratch:
        archive = Archive.create(Path(scratch) / "new", model, INDEX, precision="int8")
        archive.add(_fit(map(source.row, parts["train"])), keep_signal=False)
        archive.calibrate([source.row(entry) for entry in parts["valid"]], "ECG-QA's validation ECGs")
        del archive  # Windows moves no folder of which a file is open
        replace_folder(Path(scratch) / "new", folder, Path(scratch) / "old")
    return Archive.open(folder, model)


def _fit(rows: Iterator[Row]) -> Iterator[Row]:
    for row in rows:
        if assess(row.ecg()).usable:
            yield replace(row, text=None, time=None, notices=())
