from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import brier_score_loss

from einthoven.evaluation.cells import Cell
from einthoven.evaluation.reliability import Forecast, calibration_parts
from einthoven.metrics import expected_calibration_error

DRAWS = 40


@pytest.fixture
def forecasts():
    rng = np.random.default_rng(0)
    patients = np.array([f"p{i // 2}" for i in range(300)])
    wide, narrow = rng.random((300, 5)), rng.random((300, 8)) ** 4
    made = [(rng.random(chance.shape) < chance, chance) for chance in (wide, narrow)]
    return [Forecast.of(truth, chance, truth.mean(0), patients) for truth, chance in made]


def test_scores_are_pooled_over_labels(forecasts):
    scores, _, _ = calibration_parts(*forecasts, DRAWS)
    assert list(scores.cells) == ["superclasses (5)", "codes (8)", "codes, from 0.1 on"]
    raised = forecasts[1].chance >= 0.1
    assert 0.3 < raised.mean() < 0.7
    for (name, row), forecast, kept in zip(
        scores.cells.items(),
        [forecasts[0], forecasts[1], forecasts[1]],
        [slice(None), slice(None), raised],
        strict=True,
    ):
        truth, chance, base = (column[kept] for column in (forecast.truth, forecast.chance, forecast.base))
        assert row["forecasts"] == len(truth), name
        assert row["ECE"].value == pytest.approx(expected_calibration_error(truth, chance))
        assert row["Brier"].value == pytest.approx(brier_score_loss(truth, chance))
        assert row["Brier of the base rates"].value == pytest.approx(brier_score_loss(truth, base))
        assert row["Brier"].low < row["Brier"].value < row["Brier"].high
    assert (
        scores.cells["superclasses (5)"]["Brier"].high < scores.cells["superclasses (5)"]["Brier of the base rates"].low
    )


def test_reliability_is_that_of_a_slow_loop(forecasts):
    _, supers, codes = calibration_parts(*forecasts, DRAWS)
    assert len(supers.cells) == 10
    order = np.argsort(forecasts[0].chance)
    for row, part in zip(supers.cells.values(), np.array_split(order, 10), strict=True):
        assert row["forecasts"] == len(part)
        assert row["mean predicted"] == pytest.approx(forecasts[0].chance[part].mean())
        assert isinstance(row["observed"], Cell)
        assert row["observed"].value == pytest.approx(forecasts[0].truth[part].mean())
    names = list(codes.cells)
    assert names[0] == "below 0.1" and len(names) == 11
    low = forecasts[1].chance < 0.1
    assert codes.cells["below 0.1"]["forecasts"] == low.sum()
    assert codes.cells["below 0.1"]["observed"].value == pytest.approx(forecasts[1].truth[low].mean())
    assert sum(row["forecasts"] for row in codes.cells.values()) == 300 * 8


def test_overconfidence_shows():
    rng = np.random.default_rng(1)
    truth = rng.random((400, 3)) < 0.5
    patients = np.arange(400).astype(str)
    said = Forecast.of(truth, np.where(rng.random((400, 3)) < 0.5, 0.9, 0.05), truth.mean(0), patients)
    scores, supers, _ = calibration_parts(said, said, DRAWS)
    assert scores.cells["superclasses (5)"]["ECE"].low > 0.35
    assert list(supers.cells) == ["1: 0.050 to 0.050", "2: 0.900 to 0.900"]
    assert supers.cells["2: 0.900 to 0.900"]["observed"].high < 0.9


def test_one_patient_gives_a_share_without_interval(forecasts):
    patients = np.array(["one"] * 6)
    truth, chance = np.zeros((6, 2), bool), np.full((6, 2), 0.3)
    truth[:3, 0] = True
    alone = Forecast.of(truth, chance, truth.mean(0), patients)
    scores, _, codes = calibration_parts(forecasts[0], alone, DRAWS)
    assert list(scores.cells) == ["superclasses (5)"]
    assert codes.cells == {
        "1: 0.300 to 0.300": {"forecasts": 12, "mean predicted": pytest.approx(0.3), "observed": 0.25}
    }
