"""What a classification is judged on: a data set's labels, and its ECGs in three parts that share no patient."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

from einthoven.collection import Row
from einthoven.datasets import Dataset, Recording, open_dataset
from einthoven.datasets.cpsc2018 import label_names, nine_labels
from einthoven.datasets.folds import fold_by_patient
from einthoven.datasets.overlaps import refuse_shared
from einthoven.datasets.own import NAME as OWN
from einthoven.datasets.splits import read_lists
from einthoven.ecg import ECG, DataError, Statement, UsageError
from einthoven.evaluation.embedded import Embedded, Run, embed_all
from einthoven.evaluation.fold10 import ASKED_FOLDS
from einthoven.evaluation.question import MET, Question
from einthoven.statements import LABEL_SETS, label_set, labels_of

PARTS = ("train", "val", "test")
NINE = "cpsc"
LISTED = "listed"

LabelsOf = Callable[[Row], Sequence[str]]


@dataclass(frozen=True)
class Read:
    """ECGs of a part: what they are and what is made of them."""

    ecgs: Embedded

    @property
    def records(self) -> tuple[str, ...]:
        """Their ids."""
        return tuple(self.ecgs.records.tolist())

    @property
    def sha256(self) -> str:
        """Of records, signals and labels."""
        return self.ecgs.sha256

    def counts(self) -> str:
        """How many ECGs and patients, in words."""
        return f"{len(self.ecgs)} ECGs of {len(set(self.ecgs.patients))} patients"


@dataclass(frozen=True)
class Benchmark:
    """ECGs of one data set to train on, to choose on, and to be judged by.

    Args:
        name: of the data set, with its release where it has one.
        label_set: a set of `LABEL_SETS`, "cpsc" for the nine of CPSC2018, or "listed" for those of published lists.
        labels: their names, in the order of all columns.
        folds: of train, val and test, in words.
        parts: the recordings whose files are there.
        labels_of: the labels of one recording.
        limit: at most so many recordings a part.
    """

    name: str
    source: Dataset[Any]
    label_set: str
    labels: tuple[str, ...]
    folds: Mapping[str, str]
    parts: Mapping[str, Sequence[Recording]]
    labels_of: LabelsOf
    limit: int | None = None

    def rows(self, recordings: Iterable[Recording]) -> Iterator[Row]:
        """Their rows, whose statements are their labels; those without a label are left out.

        The benchmark of PTB-XL leaves them out too (Strodthoff et al. 2021).
        """
        for recording in recordings:
            row = self.source.row(recording)
            found = [label for label in self.labels_of(row) if label in self.labels]
            if found:
                yield replace(row, statements=tuple(Statement(code=label) for label in found))

    def met(self) -> list[ECG]:
        """The ECGs of the training part that encoders with random weights take their normalisation from."""
        return [self.source.row(recording).ecg() for recording in self.parts["train"][:MET]]

    def embed(
        self,
        part: str,
        runs: Mapping[str, Run],
        progress: Callable[[str], None],
        some: Sequence[Recording] | None = None,
    ) -> Read:
        """The ECGs of a part, or some of them, as `embed_all` makes them; `carried` is (n, labels).

        Raises:
            UsageError: none of them has a label.
        """
        rows = self.rows(self.parts[part] if some is None else some)
        first = next(rows, None)
        if first is None:
            raise UsageError(
                f"No ECG of the {part} part has a label of the set '{self.label_set}'.", "Choose another set of labels."
            )
        return Read(embed_all(chain([first], rows), self.labels, runs, lambda n: progress(f"{part}: {n} ECGs")))

    def facts(self, read: Mapping[str, Read]) -> dict[str, object]:
        """What a table says of it, and of the parts that were read."""
        return {
            "dataset": self.name,
            "labels": f"{self.label_set} ({len(self.labels)})",
            **{part: f"{self.folds[part]}, {one.counts()}" for part, one in read.items()},
            "limited_to": self.limit,
            "data_sha256": {part: one.sha256 for part, one in read.items()},
        }


def open_benchmark(question: Question, labels: str = "", lists: Path | None = None) -> Benchmark:
    """A data set as a benchmark, with one fold as its test.

    Fold 10 is tested with folds 1-8 to train on and 9 to choose on; fold 9 with 1-7 and 8, for whoever chooses a
    model. The folds are PTB-XL's, those of `icbeb_database.csv` beside CPSC2018, or those of published lists: there
    "test" is fold 10, "val" fold 9, and the train list is parted into folds 1-8 by a hash of the record.

    Args:
        question: the data set by name, its folder, the fold, and a limit. Its log is not written here.
        labels: one of PTB-XL's label sets ("super" unless told); of other data sets what they have.
        lists: a folder of published lists, as `einthoven.datasets.splits` reads them.

    Raises:
        UsageError: another fold than 9 and 10, labels that the data set does not have, no folds, or too few ECGs.
        DataError: the data set is not there.
    """
    if question.fold not in ASKED_FOLDS:
        raise UsageError(f"Fold {question.fold} is not for evaluation: folds 1-8 train.", "Evaluate on fold 9 or 10.")
    source = open_dataset(question.dataset, question.data)
    name, release = question.dataset, getattr(source, "release", None)
    title = f"{name} {release}" if release else name
    if lists is not None:
        which, names, labels_by_record = _listed(labels, lists)
        fold_of = {record: fold for record, (fold, _) in labels_by_record.items()}
        labels_of_row: LabelsOf = lambda row: labels_by_record[row.record][1]  # noqa: E731
        recordings = [replace(one, fold=fold_of[one.record]) for one in source.recordings if one.record in fold_of]
    else:
        which, names, labels_of_row = _own(name, labels)
        if all(one.fold is None for one in source.recordings):
            how = "or put icbeb_database.csv beside it" if name == "cpsc2018" else "or patients or folds in its table"
            raise UsageError(f"{name} has no folds here.", f"Give published lists (--split), {how}.")
        recordings = list(source.recordings)
    numbers = {"train": range(1, question.fold - 1), "val": (question.fold - 1,), "test": (question.fold,)}
    parts = {part: [one for one in recordings if one.fold in numbers[part]][: question.limit] for part in PARTS}
    _check_parts(parts, name)
    folds = {"train": f"folds 1-{question.fold - 2}", "val": f"fold {question.fold - 1}"}
    return Benchmark(
        title, source, which, names, {**folds, "test": f"fold {question.fold}"}, parts, labels_of_row, question.limit
    )


def _own(name: str, labels: str) -> tuple[str, tuple[str, ...], LabelsOf]:
    """Set, names and rule of a data set's own labels."""
    if name == "cpsc2018":
        if labels not in ("", NINE):
            raise UsageError(f"CPSC2018 has no labels '{labels}'.", f"Leave out --labels, or say {NINE}.")
        return NINE, label_names(), lambda row: nine_labels(row.statements)
    if name not in ("ptb-xl", OWN):
        raise UsageError(f"'{name}' has no benchmark of its own.", "Give published lists of it (--split).")
    which = labels or "super"
    if which not in LABEL_SETS:
        raise UsageError(f"There are no labels '{which}'.", f"Choose one of {', '.join(LABEL_SETS)}.")
    return which, label_set(which), lambda row: labels_of([s.code for s in row.statements if s.code], which)


def _listed(labels: str, folder: Path) -> tuple[str, tuple[str, ...], dict[str, tuple[int, tuple[str, ...]]]]:
    """Set and names of the labels of published lists, and each record's fold and labels."""
    if labels not in ("", LISTED):
        raise UsageError("Published lists bring their own labels.", "Leave out --labels.")
    lists = read_lists(folder)
    found = {record: (10, carried) for record, carried in lists.test.items()}
    found |= {record: (9, carried) for record, carried in lists.val.items()}
    found |= {record: ((fold_by_patient(record) - 1) % 8 + 1, carried) for record, carried in lists.train.items()}
    return LISTED, lists.labels, found


def _check_parts(parts: Mapping[str, Sequence[Recording]], name: str) -> None:
    for part, recordings in parts.items():
        if not recordings:
            raise DataError(f"No ECG of the {part} part of {name} is there.", "Fetch more of the data set.")
    for one, other in (("train", "test"), ("val", "test"), ("train", "val")):
        refuse_shared(
            (each.record for each in parts[one]),
            (each.record for each in parts[other]),
            (each.patient for each in parts[one]),
            (each.patient for each in parts[other]),
        )
