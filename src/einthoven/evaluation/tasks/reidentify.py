"""`einthoven evaluate reidentify`: does an archive's embedding give away who was recorded?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.ecg import Bools, Floats, UsageError
from einthoven.evaluation.benchmark import open_benchmark
from einthoven.evaluation.cells import Cell, Rows, Share, Value
from einthoven.evaluation.contenders import SEEDS, contenders
from einthoven.evaluation.embedded import embed_all
from einthoven.evaluation.question import Question
from einthoven.evaluation.store import Store
from einthoven.evaluation.table import Part, Table
from einthoven.metrics import first_ranks, interval_of, mean_statistic, patient_draws, rank_by_chance, wilson
from einthoven.retrieval import EmbeddingModel

Progress = Callable[[str], None]

DRAWS = 1000
RANKS = (1, 5)
DAY, YEAR = 1.0, 365.25
APART = {
    "within a day": (0.0, DAY),
    "a day to a year": (DAY, YEAR),
    "1 to 5 years": (YEAR, 5 * YEAR),
    "5 to 10 years": (5 * YEAR, 10 * YEAR),
    "10 years and more": (10 * YEAR, np.inf),
}
CHANCE = "baseline: chance"
NOTES = (
    "Each recording of a person who has several is a query, and all other recordings of the fold are the archive. In "
    "the table by time each person gives one pair at most: the later recording asks for the earlier one, and further "
    "recordings of that person are taken out of the archive. The larger an archive, the harder a person is to find.",
)


@dataclass(frozen=True)
class _Pair:
    """A later recording that asks for an earlier one of the same person, by their places, and the days between."""

    later: int
    earlier: int
    days: float


def evaluate_reidentify(
    model: EmbeddingModel,
    question: Question,
    lists: Path | None = None,
    against: Sequence[EmbeddingModel] = (),
    seeds: int = SEEDS,
    progress: Progress = lambda line: None,
    store: Store | None = None,
) -> Table:
    """How often a recording's nearest, or one of its five nearest, is of the same person, by the time between them.

    Args:
        lists: published lists in place of folds.
        store: keeps what models and baselines make of ECGs.

    Raises:
        UsageError: another fold, a model that is there twice, no two people with several recordings. FileError: no log.
        DataError: the data set is not there.
        MissingPackageError: torch or scipy is not installed.
    """
    bench = open_benchmark(question, "", lists)
    who = contenders(model, against, bench.met(), seeds, projected=False, store=store)
    question.note(f"evaluate reidentify on {bench.name}, {model.name} {model.sha256[:12]}", model, *against)
    recordings = bench.parts["test"]
    patients = np.array([one.patient or one.record for one in recordings])
    same = patients[:, None] == patients
    several = same.sum(1) > 1
    if len(set(patients[several])) < 2:
        raise UsageError(
            f"{len(set(patients[several]))} people of the test fold have several recordings.",
            "Evaluate on more of the data set, and on one that names its patients.",
        )
    times: list[datetime | None] = []

    def rows() -> Iterator[Row]:
        for recording in recordings:
            row = bench.source.row(recording)
            times.append(row.time)
            yield row

    ecgs = embed_all(rows(), (), who.runs, lambda n: progress(f"{bench.folds['test']}: {n} ECGs"))
    pairs = _pairs(patients, times)
    found: dict[str, dict[str, Value]] = {}
    later: dict[str, Mapping[str, Sequence[float]]] = {}
    for name, runs in who.rows.items():
        close = [_similarity(ecgs.seen[run].embedding) for run in runs]
        found[name] = _found([first_ranks(each[several], same[several]) for each in close], patients[several])
        later[name] = {span: [_rank(close[0], same, pair) for pair in some] for span, some in pairs.items()}
    mates = same[several].sum(1) - 1
    others = len(recordings) - 1 - mates
    found[CHANCE] = {_named(k): float(rank_by_chance(mates, others, k).mean()) for k in RANKS}
    return Table(
        title="Reidentification: a recording of the same person among the nearest [95% patient bootstrap]",
        cells=found,
        parts=[Part("By time between two recordings, one pair a person [95% Wilson]", _by_time(pairs, later, same))],
        notes=NOTES,
        facts={
            "task": "reidentify",
            "dataset": bench.name,
            "test": f"{bench.folds['test']}, {len(recordings)} ECGs of {len(set(patients))} people",
            "queries": int(several.sum()),
            "people_with_several_recordings": len(set(patients[several])),
            "pairs_without_a_time": sum(
                times[one] is None or times[other] is None for one, other in np.argwhere(np.triu(same, 1)).tolist()
            ),
            "limited_to": bench.limit,
            "data_sha256": ecgs.sha256,
            **who.facts,
            "seed": 0,
        },
    )


def _named(k: int) -> str:
    return f"rank {k}" if k == 1 else f"rank 1 to {k}"


def _similarity(embedding: NDArray[np.floating]) -> Floats:
    z = embedding.astype(np.float32)
    close = (z @ z.T).astype(np.float64)
    np.fill_diagonal(close, np.nan)
    return close


def _found(ranks: Sequence[Floats], patients: NDArray[np.str_]) -> dict[str, Value]:
    """Shares of queries with a rank of at most k, of each seed, as the mean over seeds."""
    row: dict[str, Value] = {}
    for k in RANKS:
        drawn = [patient_draws(mean_statistic(each <= k), patients, DRAWS) for each in ranks]
        row[_named(k)] = Cell.of(interval_of(np.mean(drawn, axis=0)))
    return row


def _pairs(patients: NDArray[np.str_], times: Sequence[datetime | None]) -> dict[str, list[_Pair]]:
    """The pairs of each span of time, of each person the first."""
    found: dict[str, list[_Pair]] = {}
    places: dict[str, list[int]] = {}
    for place, patient in enumerate(patients.tolist()):
        places.setdefault(patient, []).append(place)
    for own in places.values():
        taken = set()
        for one, other in combinations(own, 2):
            start, end = times[one], times[other]
            if start is None or end is None:
                continue
            days = abs((end - start).total_seconds()) / 86400
            later, earlier = (other, one) if start <= end else (one, other)
            span = next(name for name, (low, high) in APART.items() if low <= days < high)
            if span not in taken:
                taken.add(span)
                found.setdefault(span, []).append(_Pair(later, earlier, days))
    return {span: found[span] for span in APART if span in found}


def _rank(close: Floats, same: Bools, pair: _Pair) -> int:
    """The rank of the earlier recording among it and those of other people; ties count as worse."""
    others = close[pair.later, ~same[pair.later]]
    return int((others >= close[pair.later, pair.earlier]).sum()) + 1


def _by_time(
    pairs: Mapping[str, Sequence[_Pair]], later: Mapping[str, Mapping[str, Sequence[float]]], same: Bools
) -> Rows:
    rows: dict[str, dict[str, Value]] = {}
    for span, some in pairs.items():
        held: dict[str, Value] = {"people": len(some), "median days": float(np.median([pair.days for pair in some]))}
        for name, by_span in later.items():
            rows[f"{span}: {name}"] = held | {_named(k): _share(by_span[span], k) for k in RANKS}
        others = np.array([(~same[pair.later]).sum() for pair in some])
        chance = {_named(k): float(rank_by_chance(np.ones(len(some)), others, k).mean()) for k in RANKS}
        rows[f"{span}: {CHANCE}"] = {**held, **chance}
    return rows


def _share(ranks: Sequence[float], k: int) -> Share:
    hits = sum(rank <= k for rank in ranks)
    return Share(hits / len(ranks), *wilson(hits, len(ranks)), hits, len(ranks))
