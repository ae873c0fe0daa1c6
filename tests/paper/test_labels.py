"""Labels keep off the traces where they can, and stay near their own."""

from itertools import pairwise

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS
from einthoven.paper import LAYOUTS, draw
from einthoven.testing import simulate

SIZE = 3.6


def crosses(points: np.ndarray, left: float, top: float, right: float, bottom: float) -> bool:
    """Whether a polyline enters a box, found by walking along it in steps of 0.05 mm."""
    for start, stop in pairwise(points):
        steps = max(2, int(np.hypot(*(stop - start)) / 0.05))
        walk = start + (stop - start) * np.linspace(0, 1, steps)[:, None]
        inside = (walk[:, 0] > left) & (walk[:, 0] < right) & (walk[:, 1] > top) & (walk[:, 1] < bottom)
        if inside.any():
            return True
    return False


def crossed(page) -> list[str]:
    """Labels that a trace runs through."""
    lines = [points for _, _, subpaths in (*page.traces, *page.second) for points in subpaths]
    found = []
    for name, x, y, text in page.labels:
        right, top = x + 0.6 * SIZE * len(text), y - 0.72 * SIZE
        near = [points for points in lines if points[0, 0] < right and points[-1, 0] > x]
        if any(crosses(points[points[:, 0] < right + 5], x, top, right, y) for points in near):
            found.append(name)
    return found


def with_peak(at_mm: float, millivolt: float) -> ECG:
    """A triangle 2 mm wide in each column of 62.5 mm, that far from its start."""
    time = np.arange(5000) / 500
    place = (time % 2.5) * 25
    return ECG(np.tile(np.clip(1 - np.abs(place - at_mm), 0, 1) * millivolt, (12, 1)), 500)


@pytest.mark.parametrize("at", [1.5, 2.5, 4.0, 6.0])
@pytest.mark.parametrize("height", [1.2, 2.0])
def test_a_label_steps_aside_for_a_beat_at_the_start_of_its_column(measured, at, height):
    page = measured(draw(with_peak(at, height)))
    assert not crossed(page)
    for (_, x, y, _), (_, _, (points,)) in zip(page.labels, page.traces, strict=True):
        start = points[0]
        assert 0 < x - start[0] <= 8 and abs(start[1] - y) <= 15


@pytest.mark.parametrize("layout", LAYOUTS)
def test_labels_of_an_ordinary_ecg_are_free(measured, layout):
    assert not crossed(measured(draw(simulate(heart_rate=70), layout)))


def test_labels_keep_off_the_second_ecg_too(measured):
    flat = ECG(np.zeros((12, 5000)), 500)
    page = measured(draw(flat, over=with_peak(3, 1.2)))
    assert not crossed(page)
    assert page.label("I")[:2] != measured(draw(flat)).label("I")[:2]


def test_where_no_place_is_free_the_label_is_there_all_the_same(measured):
    noise = np.random.default_rng(0).uniform(-2, 2, (12, 5000))
    page = measured(draw(ECG(noise, 500)))
    assert [name for name, *_ in page.labels] == [*LEADS, "II"]
