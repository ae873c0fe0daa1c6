"""A network with a small text tower beside it."""

from __future__ import annotations

import math

import pytest
import torch

from einthoven.models.config import TextTower
from einthoven.models.with_text import WithText

TOWER = TextTower(width=16, layers=1, heads=2, tokens=12, vocabulary=300)
IDS = torch.tensor([[4, 5, 0], [6, 7, 8]])


@pytest.fixture
def network(small_config):
    torch.manual_seed(0)
    return WithText(small_config, TOWER).eval()


def test_texts_have_embeddings_of_length_one(network):
    text = network.embed_text(IDS)
    assert text.shape == (2, 8)
    assert torch.allclose(text.norm(dim=1), torch.ones(2), atol=1e-5)
    assert torch.equal(network.text_side()(IDS), text)


def test_the_scale_starts_as_clips_and_stops_at_100(network):
    assert network.scale().item() == pytest.approx(1 / 0.07, rel=1e-5)
    with torch.no_grad():
        network.scale.log.fill_(math.log(500))
    assert network.scale().item() == pytest.approx(100)


def test_the_ecg_side_is_the_same_without_text(network):
    alone, x = network.without_text(), torch.randn(2, 12, 320)
    assert all(torch.equal(one, two) for one, two in zip(alone(x), network(x), strict=True)) and not alone.training
    assert not [name for name in alone.state_dict() if name.startswith(("text", "scale"))]
    assert network.text is not None and alone.encoder is network.encoder
