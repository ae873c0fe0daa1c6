from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as some

from einthoven.models.encoders.pooling import max_over_time, mean_over_time, token_mask


@some.composite
def features(draw):
    """Tokens (batch, tokens, width) and which of them are there."""
    shape = draw(some.tuples(some.integers(1, 4), some.integers(1, 9), some.integers(1, 5)))
    rng = np.random.default_rng(draw(some.integers(0, 10_000)))
    tokens = torch.from_numpy(rng.normal(scale=10, size=shape).astype(np.float32))
    there = torch.from_numpy(rng.random(shape[:2]) < draw(some.sampled_from([0.0, 0.5, 1.0])))
    return tokens, there


def slowly(tokens, there, reduce):
    """Of every record and channel, `reduce` over a list of the values that are there; 0 of none."""
    out = torch.zeros(tokens.shape[0], tokens.shape[2])
    for record in range(tokens.shape[0]):
        for channel in range(tokens.shape[2]):
            seen = [tokens[record, at, channel].item() for at in range(tokens.shape[1]) if there[record, at]]
            out[record, channel] = reduce(seen) if seen else 0.0
    return out


@given(features())
def test_mean_and_maximum_against_loops(given_features):
    tokens, there = given_features
    for mask in (there, there.float()):
        torch.testing.assert_close(mean_over_time(tokens, mask), slowly(tokens, there, lambda v: sum(v) / len(v)))
        torch.testing.assert_close(max_over_time(tokens, mask), slowly(tokens, there, max))


@given(features())
def test_what_is_not_there_does_not_matter(given_features):
    tokens, there = given_features
    other = torch.where(there.unsqueeze(-1), tokens, 1e6)
    for pool in (mean_over_time, max_over_time):
        torch.testing.assert_close(pool(other, there), pool(tokens, there))


@given(features())
def test_no_mask_is_a_mask_of_ones(given_features):
    tokens, there = given_features
    for pool in (mean_over_time, max_over_time):
        torch.testing.assert_close(pool(tokens, None), pool(tokens, torch.ones_like(there)))


def test_the_maximum_of_negative_values_is_negative_also_in_16_bits():
    tokens = -torch.ones(1, 3, 2, dtype=torch.bfloat16)
    found = max_over_time(tokens, torch.tensor([[True, True, False]]))
    assert found.dtype == torch.bfloat16 and (found == -1).all()


@given(some.integers(1, 60), some.integers(1, 9), some.integers(0, 2), some.integers(0, 10_000))
def test_a_token_counts_where_its_middle_does(samples, stride, beyond, seed):
    valid = torch.from_numpy(np.random.default_rng(seed).random((2, samples)) < 0.5)
    tokens = samples // stride + beyond
    found = token_mask(valid, stride, tokens)
    assert found.shape == (2, tokens)
    for record in range(2):
        for token in range(tokens):
            middle = min(token * stride + stride // 2, samples - 1)
            assert found[record, token] == valid[record, middle]
