"""How much is lost on ECGs from elsewhere, and whether the abstention notices."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from einthoven.collection import Row
from einthoven.datasets import Dataset, open_elsewhere
from einthoven.datasets.overlaps import refuse_shared
from einthoven.ecg import DataError, UsageError
from einthoven.evaluation import shift_tables
from einthoven.evaluation.adapter import Similarity, similarity_of
from einthoven.evaluation.asked import Answers, ask, targets
from einthoven.evaluation.fingerprint import Fingerprint
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Table
from einthoven.retrieval import NEIGHBOURS, Archive
from einthoven.statements.elsewhere import meaning

REFERENCE_FOLD = 9
TRAINING = "ptb-xl"  # its records in the Challenge are those that the archive and its model come from
NOTES = (
    "A statement with '+' counts a code that implies it too; 'or' joins codes any of which is meant.",
    "An ECG says nothing about a statement that its source never makes, that a broader statement of its own may "
    "mean, or, of a rhythm, without any rhythm stated; it is left out there.",
    f"An AUC needs {shift_tables.FEWEST} ECGs with the statement and {shift_tables.FEWEST} without; below that there "
    "are counts with Clopper-Pearson intervals, and no verdict.",
    "Data sets state only some of what an ECG shows, so precision is a lower bound.",
)
TWICE = "The ECGs of chapman are among those of chapman-ningbo: one that is asked in both counts twice."
OPTIMISTIC = (
    "Fold 9 chose the epoch of the model that ships and calibrated its archive, which makes what is lost look larger."
)
WORDS = (
    "'words' is the cosine of the ECG and the report wording of the code, the best where a statement joins codes. "
    "The statements are those that the model's texts tell of: the ECGs are unseen, the words are not."
)

Progress = Callable[[str], None]


def evaluate_shift(
    archive: Archive,
    data: Sequence[Path],
    reference: Path | None = None,
    progress: Progress = lambda line: None,
    limit: int | None = None,
    by_words: bool = False,
) -> Table:
    """Head, vote and drafts on ECGs of the Challenge 2021, LUDB and Chapman-Shaoxing, beside PTB-XL's fold 9.

    Statements are compared in SCP codes, as `einthoven.statements.elsewhere` maps them. Records of PTB-XL within
    the Challenge are left out. Fold 10 is not touched.

    Args:
        data: folders of these data sets, or folders that hold theirs.
        reference: PTB-XL, for its fold 9; None leaves the comparison out.
        limit: at most so many ECGs of each source and of fold 9, for a quick look; said in the facts.
        by_words: also how well a code's report wording fits, by a model with a text side. ECGs from elsewhere are
            then the unseen data set of a model that learned from texts (ESI, section 4.2.1).

    Returns:
        Outcomes by source; AUCs with 95% patient bootstraps and what falls against fold 9; counts of what is rare;
        precision and recall of drafted statements by outcome.

    Raises:
        UsageError: an ECG that is in the archive, or none that can be asked.
        DataError: a data set is not there.
        MissingPackageError: one needs a package that is not installed.
        ModelError: `by_words` of a model without a text side.
    """
    similarity = similarity_of(archive.model) if by_words else None
    known = archive.collection.columns(["record", "sha256"])
    hashes = set(known["sha256"])
    taught = set(known["record"])
    within = _reference(archive, reference, taught, progress, limit, similarity) if reference else None
    sets = [each for folder in data for each in open_elsewhere(folder)]
    records = (one.record for each in sets for one in each.recordings if one.source != TRAINING)
    refuse_shared(known["record"], records)
    reading = Reading(sets, hashes, limit)
    fingerprint = Fingerprint()
    elsewhere = ask(archive, fingerprint.of(reading), lambda n: progress(f"elsewhere: {n} ECGs drafted"), similarity)
    if not len(elsewhere):
        raise UsageError("No ECG from elsewhere could be read.", "Name other folders with --data.")
    progress("intervals")
    found = targets(elsewhere)
    asked: dict[shift_tables.Way, bool] = {"head": bool(archive.model.codes), "vote": True, "words": by_words}
    ways = [way for way, wanted in asked.items() if wanted]
    sources = {ecg.source for ecg in elsewhere.ecgs}
    first = shift_tables.outcomes(elsewhere, within)
    return Table(
        f"ECGs from elsewhere: {first.title}",
        first.cells,
        parts=(
            shift_tables.aucs(elsewhere, within, found, ways),
            shift_tables.counts(elsewhere, found),
            shift_tables.drafted(elsewhere, within, found),
            shift_tables.counts_by_source(elsewhere, found),
        ),
        notes=(
            *NOTES,
            *((TWICE,) if {"chapman", "chapman-ningbo"} <= sources else ()),
            *((OPTIMISTIC,) if within else ()),
            *((WORDS,) if by_words else ()),
        ),
        facts={
            "task": "shift",
            "ecgs": len(elsewhere),
            "reference": f"fold {REFERENCE_FOLD}, {len(within)} ECGs" if within else None,
            "archive": archive.name,
            "model": archive.model.name,
            "model_sha256": archive.model.sha256,
            "neighbours": NEIGHBOURS,
            "data_sha256": fingerprint.hexdigest(),
            "shared_records": 0,
            "left_out_of_ptb-xl": reading.left_out,
            "unreadable": len(reading.refused),
            "limited_to": limit,
            "refused": reading.refused,
            "without_code": {name: dict(said) for name, said in reading.without_code.items()},
        },
    )


@dataclass
class Reading:
    """Rows of data sets, and what became of the others.

    Args:
        known: hashes of the recordings that the archive holds.
    """

    sets: Sequence[Dataset[Any]]
    known: set[str]
    limit: int | None
    left_out: int = 0
    refused: dict[str, str] = field(default_factory=dict)
    without_code: dict[str, Counter[str]] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Row]:
        taken: Counter[str] = Counter()
        for dataset in self.sets:
            for recording in dataset.recordings:
                if recording.source == TRAINING:
                    self.left_out += 1
                    continue
                if self.limit is not None and taken[recording.source] >= self.limit:
                    continue
                try:
                    row = dataset.row(recording)
                except DataError as fault:
                    self.refused[recording.record] = fault.message
                    continue
                if row.sha256 in self.known:
                    raise UsageError(f"{recording.record} is in the archive.", "Use an archive without these ECGs.")
                taken[recording.source] += 1
                self._note(row)
                yield row

    def _note(self, row: Row) -> None:
        said = self.without_code.setdefault(row.source, Counter())
        said.update(s.code or s.text for s in row.statements if meaning(row.source, s) is None)


def _reference(
    archive: Archive,
    folder: Path,
    known: set[str],
    progress: Progress,
    limit: int | None,
    similarity: Similarity | None = None,
) -> Answers:
    question = Question(folder, REFERENCE_FOLD, limit=limit)
    question.note("evaluate shift", archive.model)
    source, entries = question.entries(known)
    rows = map(source.row, entries)
    return ask(archive, rows, lambda n: progress(f"fold {REFERENCE_FOLD}: {n} ECGs drafted"), similarity)
