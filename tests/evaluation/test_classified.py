"""The table of a classification, beside sklearn and beside sums made by hand."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import numpy as np
import pytest
from sklearn.metrics import f1_score, roc_auc_score

from einthoven.ecg import UsageError
from einthoven.evaluation import classified as module
from einthoven.evaluation.classified import Way, classified
from einthoven.evaluation.diagram import reliability_diagram, save_diagram
from einthoven.evaluation.table import Table

LABELS = ("A", "B", "C", "D")


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch) -> None:
    monkeypatch.setattr(module, "DRAWS", 40)


def drawn(seed: int, n: int = 200):
    """Truth (n, 4), the last label rare, and a score of each that knows a little."""
    rng = np.random.default_rng(seed)
    truth = rng.random((n, 4)) < (0.4, 0.2, 0.5, 0.02)
    chance = 1 / (1 + np.exp(-(1.5 * truth - 1 + rng.standard_normal(truth.shape))))
    return truth, chance


def _best_f1(known: np.ndarray, stated: np.ndarray) -> float:
    return max(2 * (stated & known).sum(1) / (stated.sum(1) + known.sum()))


def table_of(**ways: Way):
    truth, val_truth = drawn(0)[0], drawn(1)[0]
    patients = np.array([f"p{n // 2}" for n in range(200)])
    return classified(ways, LABELS, truth, val_truth, patients, "fold 8")


def test_the_numbers_are_those_of_sklearn() -> None:
    (truth, mine), (val_truth, val) = drawn(0), drawn(1)
    assert 0 < truth[:, 3].sum() < 10
    found = table_of(model=Way([mine], [val]))
    row = found.cells["model"]
    assert row["macro-AUC"].value == pytest.approx(roc_auc_score(truth[:, :3], mine[:, :3], average="macro"))
    assert found.areas[0] == row["macro-AUC"].value and found.counted == 3
    each = []
    for label in range(3):
        cuts = np.unique(val[:, label])
        known, stated = val_truth[:, label], val[:, label] >= cuts[:, None]
        best = max(cuts[2 * (stated & known).sum(1) / (stated.sum(1) + known.sum()) == _best_f1(known, stated)])
        below = cuts[cuts < best].max()
        each.append(f1_score(truth[:, label], mine[:, label] >= (best + below) / 2))
    assert row["macro-F1, thresholds from fold 8 (uses labels)"].value == pytest.approx(np.mean(each))
    order = np.argsort(mine[:, :3].ravel(), kind="stable")
    bins = np.array_split(order, 10)
    gaps = [abs((mine[:, :3].ravel()[one] - truth[:, :3].ravel()[one]).sum()) for one in bins]
    assert row["ECE, 10 bins"].value == pytest.approx(sum(gaps) / 600)
    rare = next(part for part in found.parts if part.title.startswith("Labels with fewer"))
    assert rare.cells["D"]["AUC, no interval"] == pytest.approx(roc_auc_score(truth[:, 3], mine[:, 3]))
    listed = next(part for part in found.parts if part.title.startswith("Each label"))
    assert list(listed.cells) == ["A", "B", "C"] and not listed.shown


def test_several_draws_are_averaged_and_their_spread_stands_beside() -> None:
    truth = drawn(0)[0]
    several = [drawn(seed)[1] + 0.2 * truth for seed in (0, 5, 6)]
    several = [np.clip(one, 0, 1) for one in several]
    found = table_of(model=Way(several, several), other=Way(several[:1], several[:1]))
    areas = [roc_auc_score(truth[:, :3], one[:, :3], average="macro") for one in several]
    row = found.cells["model"]
    assert row["macro-AUC"].value == pytest.approx(np.mean(areas))
    assert row["sd of macro-AUC over draws or seeds"] == pytest.approx(np.std(areas, ddof=1))
    assert "sd of macro-AUC over draws or seeds" not in found.cells["other"]
    difference = found.parts[0].cells["model, minus other"]["macro-AUC"]
    assert difference.value == pytest.approx(np.mean(areas) - areas[0])


def test_descriptions_compete_and_similarities_are_no_probabilities() -> None:
    (truth, mine), (_, val) = drawn(0), drawn(1)
    found = table_of(model=Way([5 * mine], [5 * val], probabilities=False, nearest=True))
    row = found.cells["model"]
    nearest = np.eye(4, dtype=bool)[mine.argmax(1)]
    expected = f1_score(truth[:, :3], nearest[:, :3], average="macro")
    assert row["macro-F1, nearest description only"].value == pytest.approx(expected)
    every = row["baseline: macro-F1, every label stated of every ECG"].value
    assert every == pytest.approx(f1_score(truth[:, :3], np.ones((200, 3)), average="macro"))
    assert not any("ECE" in column for column in row)
    assert not any(part.title.startswith("Reliability") for part in found.parts)
    with pytest.raises(UsageError, match="no probabilities"):
        reliability_diagram(Table("x", found.cells, {}, found.parts))


def test_only_the_labels_asked_for_are_judged() -> None:
    (truth, mine), (val_truth, val) = drawn(0), drawn(1)
    only = np.array([False, True, False, True])
    patients = np.array([f"p{n}" for n in range(200)])
    found = classified({"m": Way([mine], [val])}, LABELS, truth, val_truth, patients, "fold 8", only)
    assert found.cells["m"]["macro-AUC"].value == pytest.approx(roc_auc_score(truth[:, 1], mine[:, 1]))
    with pytest.raises(UsageError, match="10 positives"):
        classified({"m": Way([mine], [val])}, LABELS, truth, val_truth, patients, "fold 8", only & (truth.sum(0) < 10))


def test_the_diagram_has_a_point_for_each_bin(tmp_path) -> None:
    (_, mine), (_, val) = drawn(0), drawn(1)
    found = table_of(model=Way([mine], [val]))
    table = Table("x", found.cells, {"dataset": "<d>", "model": "m"}, found.parts)
    save_diagram(table, tmp_path / "x.svg")
    drawing = ET.parse(tmp_path / "x.svg").getroot()
    points = drawing.findall("{http://www.w3.org/2000/svg}circle")
    part = next(part for part in found.parts if part.title.startswith("Reliability"))
    assert len(points) == len(part.cells) == 10
    heights = [float(point.get("cy")) for point in points]
    observed = [row["observed"].value for row in part.cells.values()]
    assert np.corrcoef(heights, observed)[0, 1] < -0.999
    with pytest.raises(UsageError, match="cannot be written"):
        save_diagram(table, tmp_path / "none" / "x.svg")
