"""A pause is told wherever it lies, and no ECG with one is called normal."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import ECG
from einthoven.measurement import Measurements, measure
from einthoven.reporting import report
from einthoven.reporting.checks import contradiction, passing_doubts
from einthoven.reporting.classify import classify
from einthoven.reporting.compare import compare
from einthoven.signal import find_beats
from einthoven.testing import simulate

NORMAL = {"NORM": 0.9, "SR": 0.95}
ECG_70 = simulate(70, noise=0.01)


def silent(first_s: float, last_s: float, held: bool = False) -> ECG:
    """The simulated ECG with noise alone between two times; `held`: one value, as where nothing is recorded."""
    signal = ECG_70.signal.copy()
    first, last = round(first_s * 500), round(last_s * 500)
    noise = 0 if held else np.random.default_rng(0).normal(0, 0.01, (12, last - first))
    signal[:, first:last] = signal[:, first - 1 : first] + noise if first else noise
    return ECG(signal, 500)


@pytest.mark.parametrize("where", [(0.0, 4.0), (3.1, 7.0), (4.8, 10.0)])
def test_a_pause_is_told_and_rules_out_a_normal_ecg(answering, where: tuple[float, float]) -> None:
    draft = report(silent(*where), answering(NORMAL))
    assert draft.outcome == "caution" and {one.code for one in draft.statements} == {"SR"}
    assert draft.reasons[0].startswith("No QRS complex was found for ")
    assert draft.measurements.longest >= 1000 * (where[1] - where[0])


def test_labels_and_comparisons_tell_it_too(answering) -> None:
    ecg = silent(4.8, 10.0)
    assert classify(ecg, ["normal ECG"]).reasons[0].startswith("No QRS complex was found for ")
    reasons = compare(ecg, ECG_70, answering(NORMAL)).reasons
    assert any("No QRS complex was found for" in one for one in reasons)


def test_a_normal_rhythm_has_none(answering) -> None:
    found = measure(ECG_70)
    assert found.rr_median <= found.longest < 1.1 * found.rr_median and passing_doubts(found) == []
    assert report(ECG_70, answering(NORMAL)).outcome == "draft"


@pytest.mark.parametrize("where", [(3.1, 7.0), (4.8, 10.0)])
def test_where_nothing_was_recorded_is_no_pause(where: tuple[float, float]) -> None:
    found = measure(silent(*where, held=True))
    assert found.longest < 1500 and passing_doubts(found) == []


def test_the_longest_stretch_is_that_of_a_slow_count() -> None:
    ecg = silent(3.1, 7.0)
    beats = find_beats(ecg.signal, ecg.rate).indices.tolist()
    slow = max(after - before for before, after in zip([0, *beats], [*beats, ecg.samples], strict=True))
    assert measure(ecg).longest == pytest.approx(slow * 2)


@pytest.mark.parametrize(
    ("longest", "median", "told"), [(1900, 800, False), (2100, 800, True), (2100, 1900, False), (None, None, False)]
)
def test_slow_is_not_a_pause(longest: float | None, median: float | None, told: bool) -> None:
    found = Measurements(None if median is None else 60_000 / median, median, 10, np.zeros(0, np.intp), longest=longest)
    assert bool(passing_doubts(found)) == told
    assert bool(contradiction("NORM", found)) == (told or bool(median and median > 2000))
