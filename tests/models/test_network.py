from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch

from einthoven.models.network import Network


def test_embeddings_have_length_one(small_network, small_config):
    x = torch.randn(3, 12, 320)
    embedding, logits = small_network(x)
    assert embedding.shape == (3, 8) and logits.shape == (3, 3)
    assert torch.allclose(embedding.norm(dim=1), torch.ones(3), atol=1e-5)
    text = small_network.embed_text(torch.tensor([[4, 5, 0], [6, 7, 8]]))
    assert text.shape == (2, 8)
    assert torch.allclose(text.norm(dim=1), torch.ones(2), atol=1e-5)


def test_the_scale_starts_as_clips_and_stops_at_100(small_network):
    assert small_network.scale.item() == pytest.approx(1 / 0.07, rel=1e-5)
    with torch.no_grad():
        small_network.log_scale.fill_(math.log(500))
    assert small_network.scale.item() == 100


def test_a_network_without_text_has_no_text_weights(small_config):
    names = Network(replace(small_config, text=None)).state_dict()
    assert not [name for name in names if name.startswith("text")]


def test_names_of_the_weights_are_part_of_the_checkpoint_format(small_network):
    names = set(small_network.state_dict())
    assert {
        "log_scale",
        "statements.weight",
        "statements.bias",
        "embedding.weight",
        "text_embedding.weight",
        "text.embed.weight",
        "text.position",
        "text.norm.bias",
        "text.layers.layers.0.self_attn.in_proj_weight",
        "encoder.reduce.0.0.weight",
        "encoder.reduce.0.1.weight",
        "encoder.reduce.3.1.bias",
        "encoder.stages.0.0.depthwise.weight",
        "encoder.stages.0.0.norm.weight",
        "encoder.stages.0.0.widen.weight",
        "encoder.stages.0.0.response.gain",
        "encoder.stages.0.0.response.bias",
        "encoder.stages.3.0.narrow.bias",
        "encoder.norm.weight",
    } <= names
    assert len(names) == 4 * 10 + 4 * 4 + 2 + 2 + 3 + 2 + 12 + 2  # blocks, reductions, norm, head, spaces, text
