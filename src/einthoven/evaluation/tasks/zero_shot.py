"""`einthoven evaluate zero-shot`: descriptions of labels as the only classifier, seen and unseen kept apart."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from einthoven.datasets.overlaps import overlaps_of
from einthoven.ecg import Bools, DataError, UsageError
from einthoven.evaluation.adapter import Similarity, check_different, similarity_of
from einthoven.evaluation.benchmark import LISTED, NINE, Benchmark, Read, open_benchmark
from einthoven.evaluation.cells import Cell, Value
from einthoven.evaluation.classified import AUC, Classified, Way, classified
from einthoven.evaluation.corpus import read_corpus, refuse_told
from einthoven.evaluation.embedded import Run
from einthoven.evaluation.labels import FEWEST_POSITIVES
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Part, Table
from einthoven.metrics import interval_of
from einthoven.retrieval import EmbeddingModel
from einthoven.statements import VOCABULARY, subclass, superclass
from einthoven.statements.withheld import withheld

Progress = Callable[[str], None]

VAL = "the choosing fold"
SIMILARITY = "similarity"
OF_CPSC = {"VPC": "PVC", "STD": "STD_", "STE": "STE_"}
"""Labels of CPSC2018, as its benchmark or published lists name them, that are not called as their SCP code."""
NOTES = (
    "A label is seen if texts that the model was trained on may tell of it: rows of seen labels are not zero-shot. "
    "Unseen labels were withheld with all their wordings, which was checked in the training texts; all descriptions, "
    "also of seen labels, compete for the nearest. Thresholds from unlabelled scores are Otsu's, of the choosing fold.",
)
SUPERVISED = (
    "The model has a statement head: its ECG side was trained on labels, and an unseen label is unseen by the text "
    "side alone."
)


@dataclass(frozen=True)
class Unseen:
    """A model that was trained without a group of codes, and the file of its training texts."""

    model: EmbeddingModel
    corpus: Path


@dataclass(frozen=True)
class Elsewhere:
    """A data set that the model was not trained on: its name, folder, and published lists in place of folds."""

    name: str
    data: Path
    lists: Path | None = None


def evaluate_zero_shot(
    model: EmbeddingModel,
    question: Question,
    labels: str = "",
    unseen: Mapping[str, Unseen] | None = None,
    elsewhere: Sequence[Elsewhere] = (),
    trained_on: Sequence[str] = (),
    texts: Path | None = None,
    progress: Progress = lambda line: None,
    again: Sequence[EmbeddingModel] = (),
) -> Table:
    """How well the similarity of ECG and description tells labels (ESI, section 4.2.1), in three kinds of rows:
    seen labels, which are never called zero-shot; unseen labels, a group at a time; unseen data sets.

    Args:
        model: with `similarity(ecgs, texts)`, of the rows of seen labels and unseen data sets.
        labels: the label set of the row of seen labels.
        unseen: models trained without a group of codes (`einthoven.statements.withheld`), by its name.
        elsewhere: data sets of the third kind. trained_on: by name, what the model was trained on.
        texts: a CSV file with the columns label and text, descriptions in place of the report wordings.
        again: further trainings of the model: rows of seen labels and unseen data sets are the mean of all.

    Raises:
        ModelError: a model without text tower, or similarities of another shape.
        UsageError: training texts that tell of a withheld code, a data set that shares records with what was trained
            on, no such group, a description of what is no label, or too few positives.
        DataError: a file or data set is not there, or the file of descriptions lacks one.
    """
    unseen = unseen or {}
    towers = {name: similarity_of(one.model) for name, one in unseen.items()}
    check_different([model, *again])
    ours = [similarity_of(one) for one in (model, *again)]
    corpora = {}
    for name, one in unseen.items():
        corpora[name] = read_corpus(one.corpus)
        refuse_told(corpora[name], withheld(name), name, progress)
    _refuse_known([one.name for one in elsewhere], trained_on)
    own_texts = _texts(texts)
    bench = open_benchmark(question, labels)
    every = open_benchmark(question, "all") if unseen else None
    others = [open_benchmark(replace(question, dataset=one.name, data=one.data), "", one.lists) for one in elsewhere]
    _refuse_unasked(own_texts, (bench, every, *others))
    question.note(
        f"evaluate zero-shot on {bench.name}, {bench.label_set}, {model.name} {model.sha256[:12]}",
        model,
        *again,
        *(one.model for one in unseen.values()),
    )
    rows: dict[str, Mapping[str, Value]] = {}
    parts: list[Part] = []
    hashes: dict[str, object] = {}

    def judge(kind: str, one: Benchmark, towers: Sequence[Similarity], only: Bools | None = None) -> Classified:
        read = _read(one, towers, own_texts, lambda line: progress(f"{kind}: {line}"))
        found = _judged(one, read, only)
        total = len(one.labels) if only is None else int(only.sum())
        row = f"{kind} ({found.counted} of {total})"
        test = read["test"].ecgs
        rows[row] = {**found.cells[SIMILARITY], "ECGs": len(test), "patients": len(set(test.patients))}
        parts.extend(Part(f"{row}: {part.title}", part.cells, part.shown) for part in found.parts if part.cells)
        hashes[kind] = {part: each.sha256 for part, each in read.items()}
        return found

    judge(f"seen labels, {bench.label_set} of {bench.name}", bench, ours)
    areas = []
    for name, tower in towers.items():
        assert every is not None
        only = np.isin(every.labels, withheld(name))
        areas.append(judge(f"unseen labels, {name}, of {every.name}", every, [tower], only).areas)
    if len(areas) > 1:
        rows[f"unseen labels, mean of {len(areas)} groups"] = {AUC: Cell.of(interval_of(np.mean(areas, axis=0)))}
    for other in others:
        judge(f"unseen data set, {other.label_set} of {other.name}", other, ours)
    return Table(
        title="Labels told from their descriptions [95% patient bootstrap]",
        cells=rows,
        parts=parts,
        notes=(*NOTES, SUPERVISED) if model.codes else NOTES,
        facts={
            "task": "zero-shot",
            "dataset": bench.name,
            "test": bench.folds["test"],
            VAL: bench.folds["val"],
            "model": model.name,
            "model_sha256": model.sha256,
            "trainings_sha256": ", ".join(one.sha256 for one in (model, *again)) if again else None,
            "text_sha256": getattr(getattr(model, "text", None), "sha256", None),
            "trained_on": ", ".join(trained_on) or "not told",
            "descriptions": "report wordings" if texts is None else texts.name,
            "unseen_models": "; ".join(f"{name}: {one.model.name} {one.model.sha256}" for name, one in unseen.items())
            or None,
            "training_texts": "; ".join(f"{name}: {one.lines} texts {one.sha256}" for name, one in corpora.items())
            or None,
            "fewest_positives": FEWEST_POSITIVES,
            "limited_to": question.limit,
            "data_sha256": hashes,
            "seed": 0,
        },
    )


def description(label: str, name: str) -> str:
    """The report wording of a label of a set: a code's, a class's, or one of CPSC2018's nine.

    Raises:
        UsageError: the label has none.

    >>> description("VPC", "cpsc"), description("STTC", "super")
    ('premature ventricular complexes', 'ST segment or T wave changes')
    """
    if name == LISTED:  # acronyms of other data sets mean other things: "AF" is flutter in one
        raise UsageError(f"The label '{label}' of these lists has no description here.", "Give one (--texts).")
    if name == "super":
        return superclass(label).text()
    if name == "sub":
        return subclass(label).text()
    code = OF_CPSC.get(label, label) if name == NINE else label
    if code not in VOCABULARY:
        raise UsageError(f"There is no description of the label '{label}'.", "Give one in a file (--texts).")
    return VOCABULARY[code].text()


def _read(
    bench: Benchmark, towers: Sequence[Similarity], own: Mapping[str, str], progress: Progress
) -> dict[str, Read]:
    kind = NINE if bench.name == "cpsc2018" else bench.label_set
    said = [own[label] if label in own else description(label, kind) for label in bench.labels]

    def run_of(tower: Similarity) -> Run:
        return lambda ecgs: (tower(ecgs, said), np.empty((len(ecgs), 0), np.float32))

    runs = {f"{SIMILARITY} {number}": run_of(tower) for number, tower in enumerate(towers)}
    return {part: bench.embed(part, runs, progress) for part in ("val", "test")}


def _judged(bench: Benchmark, read: Mapping[str, Read], only: Bools | None) -> Classified:
    test, val = read["test"].ecgs, read["val"].ecgs
    here, chosen = ([one.embedding for one in each.seen.values()] for each in (test, val))
    way = Way(here, chosen, probabilities=False, nearest=True)
    return classified({SIMILARITY: way}, bench.labels, test.carried, val.carried, test.patients, VAL, only)


def _refuse_known(names: Sequence[str], trained_on: Sequence[str]) -> None:
    """Refuses data sets as unseen that are known, or share records with known ones."""
    if names and not trained_on:
        raise UsageError(
            "Whether a data set is unseen depends on what the model was trained on.", "Name that (--trained-on)."
        )
    for name in names:
        shared = [one.other_than(name) for one in overlaps_of(name)]
        if known := {name, *shared} & set(trained_on):
            raise UsageError(
                f"{name} is not unseen: it is, or shares records with, {min(known)}, which the model was trained on.",
                "Leave it out.",
            )


def _texts(path: Path | None) -> dict[str, str]:
    """Descriptions by label.

    Raises:
        DataError: the file cannot be read, lacks a column, describes nothing, or a label twice or by no text.
    """
    if path is None:
        return {}
    found: dict[str, str] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            for line in csv.DictReader(file):
                label, text = line["label"] or "", (line["text"] or "").strip()
                if not label or not text or label in found:
                    raise ValueError(f"'{label}' has no text" if label not in found else f"'{label}' is there twice")
                found[label] = text
        if not found:
            raise ValueError("it describes no label")
    except (OSError, KeyError, ValueError, csv.Error) as fault:
        why = f"no column {fault}" if isinstance(fault, KeyError) else str(fault)
        raise DataError(
            f"{path} cannot be read ({why}).",
            "Give a CSV file with the columns label and text, a line with some text for each label.",
        ) from None
    return found


def _refuse_unasked(texts: Mapping[str, str], benches: Iterable[Benchmark | None]) -> None:
    """Refuses descriptions of what is no label of any data set that is evaluated, such as misspelt ones."""
    asked = {label for one in benches if one is not None for label in one.labels}
    if strange := sorted(set(texts) - asked):
        raise UsageError(
            f"'{strange[0]}' is described, but is none of the labels asked for.",
            f"Leave it out, or name it as one of {', '.join(sorted(asked))}.",
        )
