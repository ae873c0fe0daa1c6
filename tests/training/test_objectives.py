"""Objectives against loops in double precision."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.training.objectives import contrast_loss, group_loss, statement_loss

LOGITS = st.floats(-40, 40, width=32)
SHARES = st.floats(0, 1, width=32)
BITS = st.sampled_from([0.0, 1.0])


def log_one_plus_exp(x):
    return max(x, 0.0) + math.log1p(math.exp(-abs(x)))


@settings(max_examples=50, deadline=None)
@given(arrays(np.float32, (3, 4), elements=LOGITS), arrays(np.float32, (3, 4), elements=SHARES))
def test_statement_loss(logits, target):
    total = 0.0
    for row, wanted in zip(logits, target, strict=True):
        for x, y in zip(row.tolist(), wanted.tolist(), strict=True):
            total += y * log_one_plus_exp(-x) + (1 - y) * log_one_plus_exp(x)
    found = statement_loss(torch.from_numpy(logits), torch.from_numpy(target))
    assert found.item() == pytest.approx(total / 12, rel=1e-5, abs=1e-6)


@settings(max_examples=100, deadline=None)
@given(
    arrays(np.float32, (3, 4), elements=LOGITS),
    arrays(np.float32, (2, 4), elements=BITS),
    arrays(np.float32, (3, 2), elements=SHARES),
)
def test_group_loss(logits, groups, target):
    groups[:, 0] = 1  # a group without a code cannot be present
    total = 0.0
    for row, wanted in zip(logits.tolist(), target.tolist(), strict=True):
        for members, y in zip(groups, wanted, strict=True):
            log_none = -sum(log_one_plus_exp(x) for x, member in zip(row, members, strict=True) if member)
            total -= y * math.log(-math.expm1(log_none)) + (1 - y) * log_none
    found = group_loss(torch.from_numpy(logits), torch.from_numpy(groups), torch.from_numpy(target))
    assert found.item() == pytest.approx(total / 6, rel=1e-4, abs=1e-5)


def test_group_loss_is_cross_entropy_where_a_group_is_one_code():
    logits, target = torch.randn(5, 3), torch.rand(5, 3)
    assert torch.allclose(group_loss(logits, torch.eye(3), target), statement_loss(logits, target), atol=1e-6)


@pytest.mark.parametrize("size", [-1e4, -100.0, -60.0, -20.0, 20.0, 100.0, 1e4])
@pytest.mark.parametrize("present", [0.0, 1.0])
def test_group_loss_and_its_gradient_are_finite_at_the_extremes(size, present):
    logits = torch.full((1, 4), size, requires_grad=True)
    loss = group_loss(logits, torch.ones(1, 4), torch.tensor([[present]]))
    loss.backward()
    assert torch.isfinite(loss) and loss >= 0
    assert torch.isfinite(logits.grad).all()
    if present == 0 and size > 0:
        assert loss.item() == pytest.approx(4 * size)


@pytest.mark.parametrize("size", [-15.0, -30.0, -60.0])
def test_a_group_that_is_missed_surely_still_pulls(size):
    logits = torch.full((1, 2), size, requires_grad=True)
    group_loss(logits, torch.ones(1, 2), torch.ones(1, 1)).backward()
    assert logits.grad.sum().item() == pytest.approx(-1, abs=1e-3)


def unit(rng, rows, width):
    x = rng.standard_normal((rows, width)).astype(np.float32)
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def slow_contrast(ecg, text, scale, same):
    count, total = len(ecg), 0.0
    for one in range(count):
        others = [j for j in range(count) if j == one or not same[one][j]]
        as_text = [scale * float(ecg[one] @ text[j]) for j in others]
        total -= scale * float(ecg[one] @ text[one]) - math.log(sum(map(math.exp, as_text)))
        others = [j for j in range(count) if j == one or not same[j][one]]
        as_ecg = [scale * float(text[one] @ ecg[j]) for j in others]
        total -= scale * float(text[one] @ ecg[one]) - math.log(sum(map(math.exp, as_ecg)))
    return total / count


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 6), st.floats(0.1, 30), st.integers(1, 4))
def test_contrast_loss(seed, count, scale, kinds):
    rng = np.random.default_rng(seed)
    ecg, text = unit(rng, count, 5), unit(rng, count, 5)
    kind = rng.integers(0, kinds, count)
    same = kind[:, None] == kind
    expected = slow_contrast(ecg.astype(float), text.astype(float), scale, same)
    found = contrast_loss(torch.from_numpy(ecg), torch.from_numpy(text), torch.tensor(scale), torch.from_numpy(same))
    assert found.item() == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_without_a_mask_it_is_twice_clips():
    rng = np.random.default_rng(0)
    ecg, text = unit(rng, 7, 5), unit(rng, 7, 5)
    logits = 14.3 * ecg.astype(float) @ text.astype(float).T
    rows = -np.log(np.exp(np.diag(logits)) / np.exp(logits).sum(1)).mean()
    columns = -np.log(np.exp(np.diag(logits)) / np.exp(logits).sum(0)).mean()
    found = contrast_loss(torch.from_numpy(ecg), torch.from_numpy(text), torch.tensor(14.3))
    assert found.item() == pytest.approx(2 * (rows + columns) / 2, rel=1e-5)


def test_texts_that_say_the_same_are_no_negatives_and_the_gradient_is_finite():
    ecg = torch.nn.functional.normalize(torch.randn(4, 5), dim=1).requires_grad_()
    text = torch.nn.functional.normalize(torch.randn(4, 5), dim=1)
    loss = contrast_loss(ecg, text, torch.tensor(100.0), torch.ones(4, 4, dtype=torch.bool))
    assert loss.item() == 0
    loss.backward()
    assert torch.isfinite(ecg.grad).all()
