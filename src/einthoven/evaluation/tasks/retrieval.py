"""How well embeddings find ECGs with the same statements: vote, probe and head, beside baselines and other models."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Floats
from einthoven.evaluation.adapter import check_different
from einthoven.evaluation.cells import Cell, Rows
from einthoven.evaluation.contenders import PLAIN as PLAIN_ROW
from einthoven.evaluation.contenders import RANDOM as RANDOM_ROW
from einthoven.evaluation.contenders import contenders
from einthoven.evaluation.embedded import Embedded, embed_split
from einthoven.evaluation.labels import FEWEST_POSITIVES, Labels, Scores, counted_labels
from einthoven.evaluation.neighbours import neighbour_rows, neighbours_of, own_hits
from einthoven.evaluation.probe import FEATURES, PENALTY, linear_probe
from einthoven.evaluation.question import Question
from einthoven.evaluation.scores import HEAD, PROBE, VOTE, head_by_code
from einthoven.evaluation.store import Store
from einthoven.evaluation.table import Part, Table
from einthoven.metrics import interval_of, label_auc_statistic, mean_auc, patient_draws
from einthoven.retrieval import EmbeddingModel
from einthoven.statements import VOCABULARY

DRAWS = 1000
OURS, PLAIN, RANDOM = "model", "plain signal", "random weights"
RANDOM_VOTE, RANDOM_PROBE = "vote, random weights", "probe, random weights"
NOTES = (
    "P@k: the share of the k nearest with a diagnostic subclass in common, over the ECGs that have one. nDCG: the gain "
    "is the Jaccard index of the codes, beside the best k that the index has.",
)

Progress = Callable[[str], None]


def evaluate_retrieval(
    model: EmbeddingModel,
    question: Question,
    progress: Progress = lambda line: None,
    against: Sequence[EmbeddingModel] = (),
    store: Store | None = None,
) -> Table:
    """Macro-AUC on one fold, with the folds 1-8 as index: the table by which a model is judged.

    Columns: superclasses, subclasses, all statements, form and rhythm, of each the labels with at least 10
    positives in the fold. Rows: the model's vote (25 nearest), linear probe and, where it has one, statement head;
    the same of each model of `against`; and as baselines the most common statements, the nearest by plain signal, and
    a random-weight encoder of the model's shape (vote and probe). Intervals are 95% patient bootstraps. A second
    table has the model's differences to the random weights and to the other models, paired on the same draws; a third
    has how far the neighbours' labels are those of the ECG: precision at k and nDCG. No neighbour is of the ECG's own
    patient, which is checked hit by hit.

    Args:
        question: the fold that is asked, and its data.
        against: other models, which prepare their own ECGs.
        store: keeps what models and baselines make of ECGs.

    Raises:
        UsageError: another fold, patients that are in index and fold, too few ECGs or positives, a model that is
            there twice. FileError: no log.
        DataError: the data set is not there.
        MissingPackageError: torch or scipy is not installed.
    """
    others = {f"{other.name} {other.sha256[:8]}": other for other in against}
    check_different([model, *against])
    split = question.split()
    names = [f"{one.name} {one.sha256[:12]}" for one in (model, *against)]
    question.note(f"evaluate retrieval, {' against '.join(names)}", model, *against)
    codes = VOCABULARY.codes()
    models: dict[str, EmbeddingModel] = {OURS: model, **others}
    met = [split.source.row(entry).ecg() for entry in split.met]
    who = contenders(model, against, met, seeds=1, projected=False, store=store)
    rows = {**{name: name for name in models}, PLAIN: PLAIN_ROW, RANDOM: RANDOM_ROW}
    runs = {name: who.runs[who.rows[row][0]] for name, row in rows.items()}
    index, asked = embed_split(split, codes, runs, progress)
    labels = counted_labels(asked.carried, codes)
    progress("votes and probes")
    near = {name: neighbours_of(index, asked, name) for name in runs}
    scores = dict(_scores(models, index, asked, codes, labels, near))
    progress("intervals")
    truth = labels.truth(asked.carried)
    drawn = {
        name: patient_draws(label_auc_statistic(truth, score), asked.patients, DRAWS) for name, score in scores.items()
    }
    named = {_neighbours_row(name): each for name, each in near.items()}
    shared_labels = neighbour_rows(index, asked, named, codes, DRAWS)
    needed = labels.membership.any(axis=0) & asked.carried.any(axis=0)
    return Table(
        title="Retrieval: macro-AUC [95% patient bootstrap]",
        cells={name: _cells(each, labels) for name, each in drawn.items()},
        parts=[
            Part("Paired differences of macro-AUC [95% patient bootstrap]", _differences(drawn, others, labels)),
            Part("Labels of the nearest ECGs [95% patient bootstrap]", shared_labels),
        ],
        notes=NOTES,
        facts={
            "task": "retrieval",
            **split.facts(),
            "data_sha256": {"index": index.sha256, "test": asked.sha256},
            "model": model.name,
            "model_sha256": model.sha256,
            "against": ", ".join(f"{one.name} {one.sha256}" for one in against) or None,
            "same_patient_hits": sum(own_hits(index, asked, each)[0] for each in near.values()),
            "same_record_hits": sum(own_hits(index, asked, each)[1] for each in near.values()),
            "head_lacks": _lacking(models.values(), [codes[place] for place in np.flatnonzero(needed)]),
            "probe": f"logistic regression, C = {PENALTY:g}, features {FEATURES}",
            "fewest_positives": FEWEST_POSITIVES,
            "seed": 0,
            "left_out": dict(labels.left_out),
            "positives": {code: int(n) for code, n in zip(codes, asked.carried.sum(0), strict=True)},
        },
    )


def _scores(
    models: Mapping[str, EmbeddingModel],
    index: Embedded,
    asked: Embedded,
    codes: Sequence[str],
    labels: Labels,
    near: Mapping[str, NDArray[np.intp]],
) -> Iterator[tuple[str, Scores]]:
    """Each row's name with its scores (asked, labels)."""
    known = labels.truth(index.carried)
    base_rate = index.carried.mean(0)
    for name, model in models.items():
        base, here = index.seen[name], asked.seen[name]
        yield _row(name, VOTE), known[near[name]].mean(1)
        yield _row(name, PROBE), linear_probe(base.embedding, known, here.embedding)
        if model.codes:
            yield _row(name, HEAD), labels.chance(head_by_code(here.head, model.codes, codes, base_rate))
    yield "baseline: most common", np.tile(labels.chance(base_rate[None]), (len(asked), 1))
    random = index.seen[RANDOM].embedding, asked.seen[RANDOM].embedding
    yield "baseline: vote by plain signal", known[near[PLAIN]].mean(1)
    yield f"baseline: {RANDOM_VOTE}", known[near[RANDOM]].mean(1)
    yield f"baseline: {RANDOM_PROBE}", linear_probe(random[0], known, random[1])


def _neighbours_row(name: str) -> str:
    return f"baseline: {name}" if name in (PLAIN, RANDOM) else name


def _row(model: str, way: str) -> str:
    return way if model == OURS else f"{model}: {way}"


def _cells(drawn: Floats, labels: Labels) -> dict[str, Cell]:
    """A row of macro-AUCs from the AUCs (1 + draws, labels)."""
    return {column: Cell.of(interval_of(mean_auc(drawn[:, place]))) for column, place in labels.columns.items()}


def _differences(drawn: Mapping[str, Floats], others: Iterable[str], labels: Labels) -> Rows:
    """The model's ways minus the random weights' and the other models' same ways."""
    compared = [(VOTE, f"baseline: {RANDOM_VOTE}", RANDOM_VOTE), (PROBE, f"baseline: {RANDOM_PROBE}", RANDOM_PROBE)]
    compared += [(way, _row(other, way), other) for other in others for way in (VOTE, PROBE, HEAD)]
    return {
        f"{way}, minus {said}": {
            column: Cell.of(interval_of(mean_auc(drawn[way][:, place]) - mean_auc(drawn[other][:, place])))
            for column, place in labels.columns.items()
        }
        for way, other, said in compared
        if way in drawn and other in drawn
    }


def _lacking(models: Iterable[EmbeddingModel], needed: Sequence[str]) -> str | None:
    """Which codes the models' heads lack of those needed, in words; None where none lacks any."""
    without = {model.name: [code for code in needed if code not in model.codes] for model in models if model.codes}
    return "; ".join(f"{name}: {', '.join(some)}" for name, some in without.items() if some) or None
