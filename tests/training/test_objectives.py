"""Objectives against loops in double precision."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.training.objectives import caption_loss, contrast_loss, group_loss, statement_loss, vote_loss

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


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 6), st.floats(0.1, 100))
def test_the_contrast_is_the_papers_equation(seed, count, scale):
    """L_Con of section 3.2.1, written down as it stands there."""
    rng = np.random.default_rng(seed)
    S, T = unit(rng, count, 5), unit(rng, count, 5)
    S64, T64, total = S.astype(float), T.astype(float), 0.0
    for i in range(count):
        total += math.log(
            math.exp(S64[i] @ T64[i] * scale) / sum(math.exp(S64[i] @ T64[j] * scale) for j in range(count))
        )
        total += math.log(
            math.exp(T64[i] @ S64[i] * scale) / sum(math.exp(T64[i] @ S64[j] * scale) for j in range(count))
        )
    given = (torch.from_numpy(S), torch.from_numpy(T), torch.tensor(scale))
    assert contrast_loss(*given).item() == pytest.approx(-total / count, rel=1e-3, abs=1e-3)
    assert contrast_loss(*given, reduction="sum").item() == pytest.approx(-total, rel=1e-3, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 4), st.integers(1, 6))
def test_caption_loss(seed, batch, length):
    rng = np.random.default_rng(seed)
    logits = rng.normal(scale=3, size=(batch, length - 1, 7)).astype(np.float32)
    ids = rng.integers(1, 7, (batch, length))
    for row, there in enumerate(rng.integers(1, length + 1, batch)):
        ids[row, there:] = 0
    total, tokens = 0.0, 0
    for row in range(batch):
        for place in range(length - 1):
            wanted = ids[row, place + 1]
            if wanted != 0:
                scores = logits[row, place].astype(float).tolist()
                total -= math.log(math.exp(scores[wanted]) / sum(map(math.exp, scores)))
                tokens += 1
    given = (torch.from_numpy(logits), torch.from_numpy(ids))
    assert caption_loss(*given).item() == pytest.approx(total / max(tokens, 1), rel=1e-4, abs=1e-5)
    assert caption_loss(*given, "sum").item() == pytest.approx(total, rel=1e-4, abs=1e-5)


def test_padding_costs_nothing_and_gets_no_slope():
    logits = torch.randn(2, 4, 7, requires_grad=True)
    ids = torch.tensor([[2, 4, 3, 0, 0], [2, 3, 0, 0, 0]])
    loss = caption_loss(logits, ids)
    other = logits.detach().clone()
    other[0, 2:], other[1, 1:] = 50, -50
    assert torch.equal(caption_loss(other, ids), loss)
    loss.backward()
    assert (logits.grad[0, 2:] == 0).all() and (logits.grad[1, 1:] == 0).all()
    assert (logits.grad[0, :2] != 0).all() and (logits.grad[1, 0] != 0).all()


def test_texts_without_a_token_to_predict_cost_nothing_and_are_finite():
    logits = torch.randn(2, 3, 7, requires_grad=True)
    loss = caption_loss(logits, torch.tensor([[2, 0, 0, 0], [2, 0, 0, 0]]))
    loss.backward()
    assert loss.item() == 0 and (logits.grad == 0).all()


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


@settings(max_examples=50, deadline=None)
@given(
    arrays(np.float32, (3, 4), elements=LOGITS),
    arrays(np.float32, (3, 4), elements=SHARES),
    st.sampled_from([0.5, 1.0, 2.0, 4.0]),
)
def test_asymmetric_statement_loss(logits, target, gamma):
    total = 0.0
    for row, wanted in zip(logits.tolist(), target.tolist(), strict=True):
        for x, y in zip(row, wanted, strict=True):
            shifted = max(math.exp(-log_one_plus_exp(-x)) - 0.05, 0.0)
            total += y * log_one_plus_exp(-x) - (1 - y) * shifted**gamma * math.log(1 - shifted)
    found = statement_loss(torch.from_numpy(logits), torch.from_numpy(target), gamma)
    assert found.item() == pytest.approx(total / 12, rel=1e-4, abs=1e-6)


@pytest.mark.parametrize("gamma", [1.0, 2.0])
def test_the_slope_of_the_asymmetric_loss_takes_the_weight_as_given(gamma):
    logits = torch.tensor([[-4.0, -2.0, 0.0, 1.0, 3.0]], requires_grad=True)
    statement_loss(logits, torch.zeros(1, 5), gamma).backward()
    for x, slope in zip(logits.tolist()[0], logits.grad.tolist()[0], strict=True):
        p = 1 / (1 + math.exp(-x))
        shifted = max(p - 0.05, 0)
        assert slope == pytest.approx(shifted**gamma * p * (1 - p) / (1 - shifted) / 5, rel=1e-4)


@pytest.mark.parametrize("size", [-1e4, -100.0, 100.0, 1e4])
@pytest.mark.parametrize("present", [0.0, 0.3, 1.0])
def test_the_asymmetric_loss_is_finite_at_the_extremes(size, present):
    logits = torch.full((1, 4), size, requires_grad=True)
    loss = statement_loss(logits, torch.full((1, 4), present), 2.0)
    loss.backward()
    assert torch.isfinite(loss) and torch.isfinite(logits.grad).all()
    if present == 1 and size < 0:  # a code that is missed surely still pulls
        assert logits.grad.sum().item() == pytest.approx(-1)


def slow_vote(embedding, target, known, carried, scale):
    everybody, carry = [*embedding, *known], [*target, *carried]
    total = 0.0
    for own, (one, wanted) in enumerate(zip(embedding, target, strict=True)):
        others = [j for j in range(len(everybody)) if j != own]
        weights = [math.exp(scale * sum(a * b for a, b in zip(one, everybody[j], strict=True))) for j in others]
        for code, y in enumerate(wanted):
            voted = sum(w * carry[j][code] for w, j in zip(weights, others, strict=True)) / sum(weights)
            voted = min(max(voted, 1e-4), 1 - 1e-4)
            total -= y * math.log(voted) + (1 - y) * math.log(1 - voted)
    return total / len(embedding) / len(target[0])


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 5), st.integers(0, 4), st.floats(0, 30), st.booleans())
def test_vote_loss(seed, batch, further, scale, whole):
    further = max(further, 2 - batch)
    rng = np.random.default_rng(seed)
    given = [unit(rng, batch, 4), rng.random((batch, 3)), unit(rng, further, 4), rng.random((further, 3))]
    if whole:
        given[1], given[3] = given[1].round(), given[3].round()
    given = [part.astype(np.float32) for part in given]
    expected = slow_vote(*(part.tolist() for part in given), scale)
    assert vote_loss(*map(torch.from_numpy, given), scale).item() == pytest.approx(expected, rel=1e-3, abs=1e-5)


def test_the_order_of_neighbours_does_not_matter_to_a_vote():
    rng = np.random.default_rng(0)
    embedding, known = (torch.from_numpy(unit(rng, rows, 4)) for rows in (3, 6))
    target, carried = torch.from_numpy(rng.random((3, 2))).float(), torch.from_numpy(rng.random((6, 2))).float()
    order = torch.from_numpy(rng.permutation(6))
    one = vote_loss(embedding, target, known, carried)
    assert torch.allclose(one, vote_loss(embedding, target, known[order], carried[order]))


def test_a_vote_is_cheap_where_the_alike_are_near_and_dear_where_they_are_far():
    kinds = torch.tensor([0, 0, 1, 1])
    target = torch.eye(2)[kinds]
    none = torch.zeros(0, 2)
    near, far = torch.eye(2)[kinds], torch.eye(2)[torch.tensor([0, 1, 0, 1])]
    assert vote_loss(near, target, none, none).item() == pytest.approx(-math.log(1 - 1e-4), rel=1e-3)
    assert vote_loss(far, target, none, none).item() == pytest.approx(-math.log(1e-4), rel=1e-3)


@pytest.mark.parametrize("further", [0, 3])
def test_a_vote_pulls_at_the_batch_and_its_slope_is_that_of_small_steps(further):
    rng = np.random.default_rng(1)
    embedding = torch.from_numpy(unit(rng, 4, 3)).double().requires_grad_()
    target, known = torch.from_numpy(rng.random((4, 2))), torch.from_numpy(unit(rng, further, 3)).double()
    carried = torch.from_numpy(rng.random((further, 2)))
    vote_loss(embedding, target, known, carried, 3.0).backward()
    for row, column in np.ndindex(4, 3):
        step = torch.zeros(4, 3, dtype=torch.float64)
        step[row, column] = 1e-5
        more, less = (vote_loss(embedding.detach() + sign * step, target, known, carried, 3.0) for sign in (1, -1))
        assert embedding.grad[row, column].item() == pytest.approx((more - less).item() / 2e-5, rel=1e-4, abs=1e-9)
