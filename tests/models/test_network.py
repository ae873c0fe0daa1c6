from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from einthoven.models.config import Pool
from einthoven.models.network import Network


def test_embeddings_have_length_one(small_network, small_config):
    x = torch.randn(3, 12, 320)
    embedding, logits = small_network(x)
    assert embedding.shape == (3, 8) and logits.shape == (3, 3)
    assert torch.allclose(embedding.norm(dim=1), torch.ones(3), atol=1e-5)


def test_names_of_the_weights_are_part_of_the_checkpoint_format(small_network):
    names = set(small_network.state_dict())
    assert {
        "statements.weight",
        "statements.bias",
        "embedding.weight",
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
    assert len(names) == 4 * 10 + 4 * 4 + 2 + 2 + 1  # blocks, reductions, norm, head, embedding


def test_without_codes_there_is_no_head_and_no_logit(small_config):
    network = Network(replace(small_config, codes=()))
    embedding, logits = network(torch.randn(2, 12, 320))
    assert embedding.shape == (2, 8) and logits.shape == (2, 0)
    assert not [name for name in network.state_dict() if name.startswith("statements")]


@pytest.mark.parametrize("kind", ["query", "vector"])
def test_a_pool_stands_between_encoder_and_embedding(small_config, kind):
    """Taken apart by hand; padding is not looked at."""
    network = Network(replace(small_config, pool=Pool(kind, 24, 4))).eval()
    signal, valid = torch.randn(2, 12, 320), torch.ones(2, 320)
    valid[1, 160:] = 0
    signal[1, :, 160:] = 0
    features, pooled = network.encoder(signal, valid)
    if kind == "query":
        there = valid[:, torch.arange(features.shape[1]) * network.encoder.stride + network.encoder.stride // 2]
        assert there.min() == 0
        pairs = zip(features, there, strict=True)
        found = torch.stack([network.pool(one[keep > 0][None])[0, 0] for one, keep in pairs])
    else:
        found = network.pool(pooled)
    expected = torch.nn.functional.normalize(network.embedding(found), dim=-1)
    torch.testing.assert_close(network(signal, valid)[0], expected, atol=1e-5, rtol=1e-4)
