"""What disturbances cost: superclass AUC of head and vote, drafts that notice, and embeddings that move."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.datasets import PTBXL
from einthoven.ecg import ECG, Bools, DataError, Floats, UsageError, chunks
from einthoven.evaluation.cells import Cell, Share
from einthoven.evaluation.disturbances import KINDS, Kind
from einthoven.evaluation.fingerprint import Fingerprint
from einthoven.evaluation.labels import FEWEST_POSITIVES, any_of, membership_of
from einthoven.evaluation.question import Question
from einthoven.evaluation.table import Table
from einthoven.metrics import Statistic, macro_auc_statistic, mean_statistic, paired_difference, patient_bootstrap
from einthoven.reporting import report
from einthoven.retrieval import NEIGHBOURS, Archive, EmbeddingModel, ExactIndex
from einthoven.statements import label_map, label_set

DRAWS = 1000
OUTCOMES = ("draft", "caution", "none")
DRAFTED = 200
BATCH = 64
COPIES = 500
OWN_COPIES = "500, own copies"
UNDISTURBED = "undisturbed"

Progress = Callable[[str], None]


def evaluate_robustness(
    archive: Archive,
    question: Question,
    progress: Progress = lambda line: None,
    drafted: int = DRAFTED,
    kinds: Sequence[Kind] = KINDS,
) -> Table:
    """One fold of PTB-XL at 100 Hz, undisturbed and under each disturbance of `kinds`.

    Rows: a disturbance and its strength. Columns: macro-AUC over the five superclasses of the statement head and of
    the vote of 25 neighbours, with 95% patient bootstraps, and their paired changes; the cosine similarity to the
    undisturbed embedding; and, of a seeded sample of `drafted` ECGs, the shares of outcomes, and of those with a
    plain draft before the share that no longer has one ("noticed"), with Clopper-Pearson intervals.

    Higher sampling rates are resampled from 100 Hz, so they hold nothing beyond 50 Hz. Where the folder has PTB-XL's
    own 500 Hz copies of records outside fold 10, one more row gives the similarity of their embeddings.

    Raises:
        UsageError: another fold, records that are in the archive too, too few ECGs or positives. FileError: no log.
        DataError: the data set is not there.
        CollectionError: the archive is empty or not fully embedded.
    """
    columns = archive.collection.columns(["record", "codes"])
    source, entries = question.entries(set(columns["record"]))
    truth = _classes([[s.code for s in entry.statements if s.code] for entry in entries])
    if (truth.sum(0) < FEWEST_POSITIVES).any():
        raise UsageError(
            f"Some superclass has fewer than {FEWEST_POSITIVES} of {len(entries)} ECGs.", "Evaluate on more ECGs."
        )
    what = f"evaluate robustness, {archive.name}, {archive.model.name} {archive.model.sha256[:12]}"
    question.note(what, archive.model)
    asking = _Asking(archive, _classes(columns["codes"]))
    fingerprint = Fingerprint()
    ecgs = [row.ecg() for row in fingerprint.of(map(source.row, entries))]
    sample = np.sort(np.random.default_rng(0).permutation(len(ecgs))[:drafted])
    patients = np.array([entry.patient for entry in entries])
    progress(UNDISTURBED)
    before = asking.ask(ecgs, sample)
    cells = {UNDISTURBED: _row(before, before, truth, patients)}
    gone: dict[str, float] = {}
    for kind in kinds:
        for strength in kind.disturbing:
            name = f"{kind.name}: {strength}"
            progress(name)
            changed = [kind.change(ecg, strength, seed) for seed, ecg in enumerate(ecgs)]
            gone[name] = float(np.mean([len(ecg.missing) for ecg in changed]))
            cells[name] = _row(asking.ask(changed, sample), before, truth, patients)
    copies, row = _own_copies(archive.model, source, progress)
    if row:
        cells[f"{KINDS[0].name}: {OWN_COPIES}"] = row
    return Table(
        title="Disturbed ECGs: macro-AUC over 5 superclasses [95% patient bootstrap], shares [95% Clopper-Pearson]",
        cells=cells,
        facts={
            "task": "robustness",
            "dataset": f"{question.dataset} {source.release}",
            "fold": question.fold,
            "ecgs": len(ecgs),
            "patients": len(set(patients)),
            "drafted_of_them": len(sample),
            "own_500_hz_copies": copies,
            "archive": archive.name,
            "model": archive.model.name,
            "model_sha256": archive.model.sha256,
            "data_sha256": fingerprint.hexdigest(),
            "shared_records": 0,
            "seed": 0,
            "limited_to": question.limit,
            "leads_missing_after_deriving": {name: mean for name, mean in gone.items() if mean},
        },
    )


@dataclass(frozen=True, eq=False)
class _Answers:
    """To ECGs (n): superclass scores (n, 5) of head (None without one) and vote, embeddings, outcomes of a sample."""

    head: Floats | None
    vote: Floats
    embedding: NDArray[np.float32]
    outcomes: tuple[str, ...]


class _Asking:
    """An archive, ready to answer many ECGs at once; `carried` (ECGs, 5) are the superclasses of its own."""

    def __init__(self, archive: Archive, carried: Bools) -> None:
        _, embeddings = archive.collection.embeddings(archive.model.sha256)
        if len(embeddings) < max(len(carried), NEIGHBOURS):
            raise UsageError(
                f"The archive holds {len(embeddings)} ECGs with an embedding of {len(carried)}.",
                f"Embed all of them, {NEIGHBOURS} at least: einthoven archive embed {archive.path}.",
            )
        self._archive = archive
        self._carried = carried
        self._index = ExactIndex(embeddings / np.linalg.norm(embeddings, axis=1, keepdims=True))
        self._member = membership_of("super", archive.model.codes)

    def ask(self, ecgs: Sequence[ECG], sample: NDArray[np.intp]) -> _Answers:
        """Scores and embeddings of all, and the outcome of the drafts of those in `sample`."""
        embedding, head = _run(self._archive.model, ecgs)
        near = self._index.search(embedding, NEIGHBOURS)[1]
        some = any_of(head, self._member)
        return _Answers(
            head=some if head.shape[1] else None,
            vote=np.asarray(self._carried[near].mean(axis=1)),
            embedding=embedding,
            outcomes=tuple(report(ecgs[row], self._archive).outcome for row in sample),
        )


def _row(after: _Answers, before: _Answers, truth: Bools, patients: NDArray[np.str_]) -> dict[str, Cell]:
    row: dict[str, Cell] = {}
    for way in ("head", "vote"):
        scores, old = getattr(after, way), getattr(before, way)
        if scores is not None:
            now = macro_auc_statistic(truth, scores, FEWEST_POSITIVES)
            row[way] = Cell.of(patient_bootstrap(now, patients, DRAWS))
            if after is not before:
                then: Statistic = macro_auc_statistic(truth, old, FEWEST_POSITIVES)
                row[f"{way}: change"] = Cell.of(paired_difference(now, then, patients, DRAWS))
    if after is not before:
        cosine = mean_statistic((after.embedding * before.embedding).sum(axis=1))
        row["cosine"] = Cell.of(patient_bootstrap(cosine, patients, DRAWS))
    if after.outcomes:
        row |= {o: Share.of_count(after.outcomes.count(o), len(after.outcomes)) for o in OUTCOMES}
        plain = [now for now, then in zip(after.outcomes, before.outcomes, strict=True) if then == "draft"]
        if after is not before and plain:
            row["noticed"] = Share.of_count(len(plain) - plain.count("draft"), len(plain))
    return row


def _own_copies(model: EmbeddingModel, source: PTBXL, progress: Progress) -> tuple[int, dict[str, Cell]]:
    """How many records outside fold 10 are there at 100 and at 500 Hz, and how similar their embeddings are."""
    fast = PTBXL(source.folder, COPIES)
    try:
        slow = {entry.ecg_id: entry for entry in source.present(range(1, 10))}
        pairs = [(slow[entry.ecg_id], entry) for entry in fast.present(range(1, 10)) if entry.ecg_id in slow]
    except DataError:
        return 0, {}
    patients = np.array([entry.patient for entry, _ in pairs])
    if len(set(patients)) < 2:
        return len(pairs), {}
    progress(f"{len(pairs)} own copies at {COPIES} Hz")
    sides = [_run(model, [each.row(pair[side]).ecg() for pair in pairs])[0] for side, each in enumerate((source, fast))]
    cosine = mean_statistic((sides[0] * sides[1]).sum(axis=1))
    return len(pairs), {"cosine": Cell.of(patient_bootstrap(cosine, patients, DRAWS))}


def _run(model: EmbeddingModel, ecgs: Sequence[ECG]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    parts = [model.run(batch) for batch in chunks(ecgs, BATCH)]
    embedding, head = (np.concatenate(column) for column in zip(*parts, strict=True))
    return embedding, head


def _classes(codes: Sequence[Sequence[str]]) -> Bools:
    """(ECGs, 5) whether each ECG has a code of each superclass."""
    mapped = label_map("super")
    return np.array([[label in {mapped.get(code) for code in each} for label in label_set("super")] for each in codes])
