from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation import neighbours
from einthoven.evaluation.embedded import Embedded, Seen
from einthoven.evaluation.neighbours import RANDOM, neighbour_rows, neighbours_of, own_hits
from einthoven.statements import VOCABULARY, labels_of

CODES = VOCABULARY.codes()


def made_up(n: int, first: int, seed: int) -> Embedded:
    """ECGs of two each of a patient, numbered from `first`, with a few codes and an embedding of 8."""
    rng = np.random.default_rng(seed)
    number = np.arange(first, first + n)
    carried = rng.random((n, len(CODES))) < 0.04
    vectors = rng.normal(size=(n, 8))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    patients = np.char.add("p", (number // 2).astype(str))
    head = np.empty((n, 0))
    return Embedded(
        number.astype(str), patients, np.full(n, 50.0), np.full(n, "male"), carried, {"m": Seen(vectors, head)}
    )


@pytest.fixture
def index() -> Embedded:
    return made_up(60, 0, 1)


@pytest.fixture
def asked() -> Embedded:
    return made_up(20, 100, 2)


def test_precision_and_gain_are_those_of_slow_loops(index: Embedded, asked: Embedded) -> None:
    near = neighbours_of(index, asked, "m")
    rows = neighbour_rows(index, asked, {"m": near}, CODES, 20)
    assert list(rows) == ["m", RANDOM]
    shares, gains = [], []
    for q in range(len(asked)):
        order = np.argsort(-(index.seen["m"].embedding @ asked.seen["m"].embedding[q]))
        assert near[q].tolist() == order[:25].tolist()
        own = {code for code, has in zip(CODES, asked.carried[q], strict=True) if has}
        theirs = [{code for code, has in zip(CODES, line, strict=True) if has} for line in index.carried]
        if sub := set(labels_of(sorted(own), "sub")):
            shares.append(np.mean([bool(sub & set(labels_of(sorted(theirs[n]), "sub"))) for n in order[:10]]))
        alike = [len(own & each) / len(own | each) if own | each else 1.0 for each in theirs]
        reached = sum(alike[n] / math.log2(rank + 2) for rank, n in enumerate(order[:10]))
        best = sum(value / math.log2(rank + 2) for rank, value in enumerate(sorted(alike, reverse=True)[:10]))
        gains += [reached / best] if best else []
    assert rows["m"]["P@10, subclasses"].value == pytest.approx(np.mean(shares))
    assert rows["m"]["nDCG@10, all statements"].value == pytest.approx(np.mean(gains))


def test_hits_of_the_own_patient_or_record_are_counted_and_refused(index: Embedded, asked: Embedded) -> None:
    near = neighbours_of(index, asked, "m")
    assert own_hits(index, asked, near) == (0, 0)
    same = replace(asked, patients=np.where(np.arange(20) == 3, index.patients[near[3, 1]], asked.patients))
    brothers = int((index.patients[near[3]] == same.patients[3]).sum())
    assert own_hits(index, same, near) == (brothers, 0) and brothers > 0
    with pytest.raises(UsageError, match="of the patient that is asked"):
        neighbours_of(index, same, "m")
    with pytest.raises(UsageError, match="1 the very record"):
        neighbours_of(index, replace(asked, records=np.append(asked.records[:19], index.records[near[19, 0]])), "m")


def test_random_neighbours_are_the_same_each_time(index: Embedded, asked: Embedded) -> None:
    first, again = (neighbour_rows(index, asked, {}, CODES, 5) for _ in range(2))
    assert first == again and neighbours.SEED == 0
