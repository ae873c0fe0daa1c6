"""The three losses against plain loops."""

from __future__ import annotations

import math

import numpy as np
import torch

from einthoven.training.masked_objectives import hidden_signal_loss, hidden_word_loss, match_loss


def test_signal_token_by_token():
    rng = np.random.default_rng(0)
    rebuilt, signal = rng.standard_normal((2, 3, 5, 8))
    hidden = rng.random((3, 5)) < 0.5
    errors = [
        sum((rebuilt[record, token, entry] - signal[record, token, entry]) ** 2 for entry in range(8)) / 8
        for record in range(3)
        for token in range(5)
        if hidden[record, token]
    ]
    found = hidden_signal_loss(torch.tensor(rebuilt), torch.tensor(signal), torch.tensor(hidden))
    assert abs(found.item() - sum(errors) / len(errors)) < 1e-12
    rebuilt[~hidden] += 100  # what is visible counts nothing
    assert hidden_signal_loss(torch.tensor(rebuilt), torch.tensor(signal), torch.tensor(hidden)) == found
    assert hidden_signal_loss(torch.tensor(rebuilt), torch.tensor(signal), torch.zeros(3, 5, dtype=torch.bool)) == 0


def test_words_token_by_token():
    rng = np.random.default_rng(1)
    logits, ids = rng.standard_normal((6, 9)), rng.integers(0, 9, 6)
    cost = [math.log(sum(math.exp(x) for x in row)) - row[own] for row, own in zip(logits, ids, strict=True)]
    found = hidden_word_loss(torch.tensor(logits), torch.tensor(ids))
    assert abs(found.item() - sum(cost) / 6) < 1e-12
    assert hidden_word_loss(torch.zeros(0, 9), torch.zeros(0, dtype=torch.int64)) == 0


def test_match_pair_by_pair():
    logits = np.array([[0.3, -0.2], [1.5, 2.0], [-1.0, 0.0]])
    belongs = [True, False, True]
    cost = [
        -math.log(math.exp(row[int(own)]) / (math.exp(row[0]) + math.exp(row[1])))
        for row, own in zip(logits, belongs, strict=True)
    ]
    assert abs(match_loss(torch.tensor(logits), torch.tensor(belongs)).item() - sum(cost) / 3) < 1e-12
