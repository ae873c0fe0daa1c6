"""The recurrent encoder against numpy, one sample and one cell after the other."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from einthoven.models.encoders import settings
from einthoven.models.encoders.lstm import Recurrent, samples_to_the_last, turned
from einthoven.models.encoders.sizes import LSTMS, Cells

TINY = {"one": Cells(3, 1), "two": Cells(3, 2), "both": Cells(3, 2, True)}


@pytest.fixture(autouse=True)
def tiny(monkeypatch):
    for name, shape in TINY.items():
        monkeypatch.setitem(LSTMS, name, shape)


def read(slow, x, cells):
    """(time, before) to what the cells give after each sample, (time, cells): one step after the other."""
    own, back = slow.values(cells.weight_ih_l0), slow.values(cells.weight_hh_l0)
    bias = slow.values(cells.bias_ih_l0) + slow.values(cells.bias_hh_l0)
    width = cells.hidden_size
    hidden, state, out = np.zeros(width), np.zeros(width), []
    for sample in x:
        into, forget, new, given = np.split(own @ sample + back @ hidden + bias, 4)
        state = slow.sigmoid(forget) * state + slow.sigmoid(into) * np.tanh(new)
        hidden = slow.sigmoid(given) * np.tanh(state)
        out.append(hidden)
    return np.array(out)


def through_encoder(slow, x, encoder):
    """(12, time) to tokens and the pooled vector, of a record without padding."""
    x = x.T
    for layer in encoder.layers:
        ways = [read(slow, x, layer.forwards)]
        if layer.backwards is not None:
            ways.append(read(slow, x[::-1], layer.backwards)[::-1])
        x = np.concatenate(ways, 1)
    width = encoder.cells
    at_the_end = [x[-1, :width], *([x[0, width:]] if encoder.both_ways else [])]
    return x, np.concatenate([x.mean(0), x.max(0), *at_the_end])


@pytest.mark.parametrize("size", TINY)
def test_encoder(slow, stirred, size):
    encoder = stirred(Recurrent(settings.Recurrent(size=size)), size=0.8)
    x = torch.randn(2, 12, 23)
    tokens, pooled = encoder(x)
    for record, one in enumerate(slow.values(x)):
        expected, vector = through_encoder(slow, one, encoder)
        assert expected.std(0).max() > 0.05
        np.testing.assert_allclose(slow.values(tokens)[record], expected, atol=1e-5)
        np.testing.assert_allclose(slow.values(pooled)[record], vector, atol=1e-5)


@pytest.mark.parametrize("size", TINY)
def test_records_of_several_lengths(slow, stirred, size):
    encoder = stirred(Recurrent(settings.Recurrent(size=size)), size=0.8)
    x, lengths = torch.randn(4, 12, 23), (23, 1, 9, 22)
    valid = torch.arange(23) < torch.tensor(lengths)[:, None]
    for mask in (valid, valid.float()):
        tokens, pooled = encoder(x, mask)
        for record, length in enumerate(lengths):
            expected, vector = through_encoder(slow, slow.values(x)[record, :, :length], encoder)
            np.testing.assert_allclose(slow.values(tokens)[record, :length], expected, atol=1e-5)
            np.testing.assert_allclose(slow.values(pooled)[record], vector, atol=1e-5)


def test_a_gap_is_read_as_silence_and_not_pooled(slow, stirred):
    encoder = stirred(Recurrent(settings.Recurrent(size="both")), size=0.8)
    x = torch.randn(1, 12, 15)
    valid = torch.ones(1, 15)
    valid[:, 4:8] = valid[:, 12:] = 0
    silent = slow.values(x)[0, :, :12].copy()
    silent[:, 4:8] = 0
    expected, _ = through_encoder(slow, silent, encoder)
    tokens, pooled = encoder(x, valid)
    np.testing.assert_allclose(slow.values(tokens)[0, :12], expected, atol=1e-5)
    inside = expected[[0, 1, 2, 3, 8, 9, 10, 11]]
    vector = np.concatenate([inside.mean(0), inside.max(0), expected[-1, :3], expected[0, 3:]])
    np.testing.assert_allclose(slow.values(pooled)[0], vector, atol=1e-5)


def test_turned_and_ends():
    valid = torch.tensor([[1, 1, 1, 1], [1, 0, 1, 0], [0, 0, 0, 0]])
    assert samples_to_the_last(valid).tolist() == samples_to_the_last(valid > 0).tolist() == [4, 3, 0]
    x = torch.arange(4.0).expand(3, 4)[..., None]
    found = turned(x, samples_to_the_last(valid))
    assert found[..., 0].tolist() == [[3, 2, 1, 0], [2, 1, 0, 3], [0, 1, 2, 3]]
    assert torch.equal(turned(found, samples_to_the_last(valid)), x)
    assert turned(x, None)[0, :, 0].tolist() == [3, 2, 1, 0]


def test_cells_and_weights_are_those_of_the_benchmark():
    for size, ways in (("lstm1d", 1), ("lstm1d_bidirectional", 2)):
        theirs = torch.nn.LSTM(12, 256, num_layers=2, bidirectional=ways == 2, device="meta")
        with torch.device("meta"):
            ours = Recurrent(settings.Recurrent(size=size))
        assert sum(p.numel() for p in ours.parameters()) == sum(p.numel() for p in theirs.parameters())
        assert ours.width == 3 * 256 * ways and ours.stride == 1


def test_dropout_is_of_the_pooled_vector_alone():
    encoder = Recurrent(settings.Recurrent(size="two", dropout=0.5)).train()
    tokens, pooled = encoder(torch.randn(64, 12, 20))
    assert 0.3 < (pooled == 0).float().mean() < 0.7 and (tokens != 0).all()
