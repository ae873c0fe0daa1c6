from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest
from sklearn.metrics import roc_auc_score

from einthoven.evaluation.cells import Cell
from einthoven.evaluation.rare import AREA, FOLD, FOUND, INDEX, in_top, rare_and_critical
from einthoven.statements import VOCABULARY

CODES = ("AFIB", "3AVB", "WPW", "LVH", "TAB_", "HVOLT", "EL", "STE_")


@pytest.fixture
def seen():
    """400 ECGs of 200 patients: 40 with AFIB, 5 with 3AVB, none with WPW, 100 with LVH, 20 with TAB_ of 2 patients,
    19 with HVOLT, 20 with EL and with STE_."""
    rng = np.random.default_rng(0)
    patients = np.array([f"p{i // 2}" for i in range(400)])
    truth = np.zeros((400, len(CODES)), bool)
    for column, count in enumerate((40, 5, 0, 100, 0, 19, 20, 20)):
        truth[rng.permutation(400)[:count], column] = True
    truth[:20, 4] = True
    patients[:20] = np.where(np.arange(20) < 10, "a", "b")
    score = rng.random(truth.shape) + truth * 0.5
    base = np.array([1000, 99, 50, 2000, 30, 99, 100, 40])
    known = tuple(code for code in CODES if code != "STE_")
    return rare_and_critical(CODES, known, base, truth, score, patients, 30), truth, score


def by_code(rows):
    return {name.split()[0]: row for name, row in rows.items()}


def test_critical_and_rare_codes_alone_are_there(seen):
    rows, truth, _ = seen
    assert [name.split()[0] for name in rows] == ["AFIB", "3AVB", "WPW", "TAB_", "HVOLT", "EL", "STE_"]
    assert "AFIB atrial fibrillation" in rows
    kinds = {code: row["kind"] for code, row in by_code(rows).items()}
    assert kinds["AFIB"] == kinds["EL"] == "critical"
    assert kinds["3AVB"] == kinds["WPW"] == "critical, rare" and kinds["TAB_"] == "rare"
    assert by_code(rows)["3AVB"][INDEX] == 99
    for code, row in by_code(rows).items():
        assert row[FOLD] == truth[:, CODES.index(code)].sum()


def test_twenty_positives_of_several_patients_give_an_auc(seen):
    rows, truth, score = seen
    for code in ("AFIB", "EL"):
        cell = by_code(rows)[code][AREA]
        column = CODES.index(code)
        assert isinstance(cell, Cell) and FOUND not in by_code(rows)[code]
        assert cell.value == pytest.approx(roc_auc_score(truth[:, column], score[:, column]))
        assert cell.low < cell.value < cell.high
    assert by_code(rows)["TAB_"][AREA] == "too few to judge"  # 20 of 2 patients


def test_fewer_give_counts_with_a_bound_and_no_verdict(seen):
    rows, truth, score = seen
    for code in ("3AVB", "HVOLT", "TAB_"):
        column = CODES.index(code)
        top = set(np.argsort(-score[:, column])[:8])  # 2% of 400; no ties
        k, n = len(top & set(np.flatnonzero(truth[:, column]))), int(truth[:, column].sum())
        interval = binomtest(k, n).proportion_ci(0.95, method="exact")
        assert by_code(rows)[code] == {
            "kind": "critical, rare" if code == "3AVB" else "rare",
            INDEX: {"3AVB": 99, "HVOLT": 99, "TAB_": 30}[code],
            FOLD: n,
            AREA: "too few to judge",
            FOUND: f"{k} of {n} [{interval.low:.2f}, {interval.high:.2f}]",
        }
    assert any(not row[FOUND].startswith("0 ") for row in rows.values() if FOUND in row)


def test_what_cannot_be_looked_at_is_said(seen):
    rows = by_code(seen[0])
    assert rows["WPW"][AREA] == "none in the fold" and FOUND not in rows["WPW"]
    assert rows["STE_"][AREA] == "not in the head" and FOUND not in rows["STE_"]


def test_a_code_counts_as_rare_by_the_index_alone():
    truth = np.zeros((60, 1), bool)
    assert rare_and_critical(["LVH"], ["LVH"], np.array([100]), truth, truth * 1.0, np.arange(60).astype(str), 9) == {}
    rows = rare_and_critical(["LVH"], ["LVH"], np.array([99]), truth, truth * 1.0, np.arange(60).astype(str), 9)
    assert [row["kind"] for row in rows.values()] == ["rare"]
    assert not any(VOCABULARY.term(name.split()[0]).critical for name in rows)


def test_the_top_is_what_surely_is_in_it():
    score = np.arange(100.0)
    assert np.flatnonzero(in_top(score)).tolist() == [98, 99]
    assert in_top(np.arange(101.0)).sum() == 3  # rounded up
    score[90:] = 99
    assert not in_top(score).any()  # ten share two places
    score[95] = 100
    assert np.flatnonzero(in_top(score)).tolist() == [95]
    assert not in_top(np.ones(100)).any()
