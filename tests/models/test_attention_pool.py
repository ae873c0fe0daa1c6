"""Attention pooling against loops in double precision."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from einthoven.ecg import UsageError
from einthoven.models.attention_pool import AttentionPool, CrossAttention


def numbers(tensor):
    return tensor.detach().double().numpy()


def normal(row, layer):
    spread = math.sqrt(((row - row.mean()) ** 2).mean() + layer.eps)
    return (row - row.mean()) / spread * numbers(layer.weight) + numbers(layer.bias)


def linear(row, layer):
    return numbers(layer.weight) @ row + numbers(layer.bias)


def slowly(pool, features, there):
    """One record, one query, one head, one feature at a time; features are lists of float64 rows."""
    attention, width = pool.attention, pool.queries.shape[1]
    size = width // attention.heads
    found = np.zeros((len(features), len(pool.queries), width))
    for record, rows in enumerate(features):
        seen = [i for i in range(len(rows)) if there[record][i]] or range(len(rows))
        answers = [linear(normal(rows[i], pool.before), attention.answer) for i in seen]
        for at, query in enumerate(numbers(pool.queries)):
            asked, heads = linear(query, attention.ask), []
            for head in range(attention.heads):
                part = slice(head * size, (head + 1) * size)
                scores = [float(asked[part] @ a[:width][part]) / math.sqrt(size) for a in answers]
                weights = [math.exp(s - max(scores)) for s in scores]
                values = [w / sum(weights) * a[width:][part] for w, a in zip(weights, answers, strict=True)]
                heads.extend(sum(values))
            found[record, at] = normal(linear(np.array(heads), attention.join), pool.after)
    return found


@settings(max_examples=30, deadline=None)
@given(
    some.integers(1, 3), some.integers(1, 5), some.integers(1, 3), some.sampled_from([1, 2, 4]), some.integers(0, 9999)
)
def test_pool_against_loops(batch, features, queries, heads, seed):
    torch.manual_seed(seed)
    pool = AttentionPool(6, 8, queries, heads)
    with torch.no_grad():
        for value in pool.parameters():
            value.copy_(0.5 * torch.randn(value.shape))
    x, there = 3 * torch.randn(batch, features, 6), torch.rand(batch, features) < 0.6
    expected = slowly(pool, numbers(x), there.tolist())
    for mask in (there, there.float()):
        np.testing.assert_allclose(numbers(pool(x, mask)), expected, rtol=1e-3, atol=1e-4)
    whole = slowly(pool, numbers(x), torch.ones_like(there).tolist())
    np.testing.assert_allclose(numbers(pool(x)), whole, rtol=1e-3, atol=1e-4)


@pytest.fixture
def pool(stirred):
    torch.manual_seed(0)
    return stirred(AttentionPool(6, 8, 3, 2), size=1.0)


def test_what_is_not_there_does_not_matter_and_gets_no_slope(pool):
    x, there = torch.randn(2, 5, 6), torch.tensor([[1, 1, 1, 0, 0], [1, 0, 1, 1, 0]])
    other = torch.where(there[..., None] > 0, x, 1e3).requires_grad_()
    found = pool(other, there)
    assert torch.allclose(found, pool(x, there), atol=1e-6)
    assert torch.allclose(found[0], pool(x[:1, :3])[0], atol=1e-5)
    found.square().sum().backward()
    assert (other.grad[there == 0] == 0).all() and (other.grad[there == 1] != 0).any()


def test_a_record_of_padding_alone_is_finite(pool):
    assert torch.isfinite(pool(torch.zeros(1, 4, 6), torch.zeros(1, 4))).all()


def test_queries_find_different_things_and_one_row_is_as_good_as_many(pool):
    found = pool(torch.randn(1, 5, 6))[0]
    assert not torch.allclose(found[0], found[1], atol=1e-2)
    row, x = torch.randn(2, 1, 8), torch.randn(2, 4, 8)
    attention = CrossAttention(8, 8, 2)
    assert torch.allclose(attention(x, row), attention(x, row.expand(-1, 7, -1)), atol=1e-6)


def test_heads_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="3 heads"):
        AttentionPool(6, 8, 1, 3)


def test_parameters():
    pool = AttentionPool(source=6, width=8, queries=3, heads=2)
    norms, ask, answer, join = 2 * 6 + 2 * 8, 8 * 9, 16 * 7, 8 * 9
    assert sum(p.numel() for p in pool.parameters()) == 3 * 8 + norms + ask + answer + join
