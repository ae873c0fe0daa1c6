from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from einthoven.evaluation.by_group import by_group
from einthoven.evaluation.cells import Cell
from einthoven.evaluation.embedded import Embedded

COLUMN = "superclasses (5), head"


@pytest.fixture
def asked() -> Embedded:
    """240 ECGs of 120 patients; every 8th age is unknown, every 10th sex."""
    n = np.arange(240)
    ages = np.where(n % 8 == 0, np.nan, np.array([39.9, 40, 59.9, 60, 79.9, 80, 90])[n % 7])
    sexes = np.where(n % 10 == 0, "unknown", np.where(n % 3 == 0, "female", "male"))
    return Embedded(n.astype(str), np.array([f"p{i // 2}" for i in n]), ages, sexes, np.zeros((240, 1), bool), {})


@pytest.fixture
def scored():
    rng = np.random.default_rng(0)
    truth = rng.random((240, 5)) < 0.4
    return truth, np.clip(truth * 0.3 + rng.random((240, 5)) * 0.7, 0, 1)


def test_each_group_has_its_ecgs_patients_and_macro_auc(asked, scored):
    truth, score = scored
    rows = by_group(asked, truth, {"head": score, "vote": -score}, draws=20)
    expected = {
        "all": np.ones(240, bool),
        "female": asked.sexes == "female",
        "male": asked.sexes == "male",
        "sex unknown": asked.sexes == "unknown",
        "age below 40": np.isin(asked.ages, [39.9]),
        "age 40-59": np.isin(asked.ages, [40, 59.9]),
        "age 60-79": np.isin(asked.ages, [60, 79.9]),
        "age 80 and more": np.isin(asked.ages, [80, 90]),
        "age unknown": ~np.isfinite(asked.ages),
    }
    assert list(rows) == list(expected)
    for name, kept in expected.items():
        assert rows[name]["ECGs"] == kept.sum()
        assert rows[name]["patients"] == len({asked.patients[i] for i in np.flatnonzero(kept)})
        cell = rows[name][COLUMN]
        if min(truth[kept].sum(0)) < 10:
            assert str(cell).startswith("too few: ")
            continue
        each = [roc_auc_score(truth[kept, label], score[kept, label]) for label in range(5)]
        assert isinstance(cell, Cell)
        assert cell.value == pytest.approx(np.mean(each)) and cell.low < cell.value < cell.high
        assert rows[name]["superclasses (5), vote"].value == pytest.approx(1 - np.mean(each))
    assert sum(isinstance(row[COLUMN], Cell) for row in rows.values()) > 4


def test_too_few_names_the_superclass_and_how_many(asked, scored):
    truth, score = scored
    truth[:, 2] = False
    truth[:9, 2] = True  # MI: labels are CD, HYP, MI, NORM, STTC
    truth[:, 3] = True
    truth[:3, 3] = False
    rows = by_group(asked, truth, {"head": score}, draws=20)
    assert rows["all"][COLUMN] == "too few: MI 9, NORM lacking in 3"


def test_a_group_without_an_ecg_has_no_row(asked, scored):
    known = Embedded(asked.records, asked.patients, np.full(240, 50.0), np.full(240, "male"), asked.carried, {})
    assert list(by_group(known, scored[0], {"head": scored[1]}, draws=20)) == ["all", "male", "age 40-59"]
