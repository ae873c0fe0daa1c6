from __future__ import annotations

import math

import pytest
import torch

from einthoven.models.scale import Scale


def test_it_starts_where_it_is_told_and_learns_its_logarithm():
    scale = Scale(1 / 0.07, 100.0)
    assert scale().item() == pytest.approx(14.2857, abs=1e-3)
    scale().backward()
    assert scale.log.grad.item() == pytest.approx(14.2857, abs=1e-3)


def test_beyond_the_limit_it_stays_at_it_and_can_come_back():
    scale = Scale(14.3, 100.0)
    with torch.no_grad():
        scale.log.fill_(math.log(250))
    assert scale().item() == pytest.approx(100)
    (-scale()).backward()  # this loss would raise it
    assert scale.log.grad.item() == 0
    scale().backward()
    assert scale.log.grad.item() == pytest.approx(100)


def test_at_the_limit_exactly_it_learns():
    scale = Scale(100.0, 100.0)
    scale().backward()
    assert scale.log.grad.item() == pytest.approx(100, rel=1e-5)


def test_without_a_limit_it_has_none():
    scale = Scale(math.e, None)
    assert scale().item() == pytest.approx(math.e)
    with torch.no_grad():
        scale.log.fill_(math.log(250))
    assert scale().item() == pytest.approx(250, rel=1e-5)


def test_it_has_no_slope_to_lose_without_gradients():
    with torch.inference_mode():
        assert Scale(14.3, 100.0)().item() == pytest.approx(14.3)
