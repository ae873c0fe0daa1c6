"""Less memory and less time change nothing else; what they do to gradients is in `test_captioning`."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from einthoven.ecg import UsageError
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.config import TextTower
from einthoven.models.encoders.settings import ConvNeXt, ResNet
from einthoven.training.lighter import compile_parts, recompute

TOWER = TextTower(width=16, layers=2, heads=2, tokens=12, vocabulary=60)
HOW = Captioning(queries=2, pool_heads=2, layers=3, heads=2)


@pytest.fixture
def network(small_size):
    return Captioner(ConvNeXt(size=small_size), TOWER, 8, HOW).train()


def kept(network):
    """Bytes that a pass keeps for its gradient, and what it computes."""
    torch.manual_seed(0)
    own, found = {p.untyped_storage().data_ptr() for p in network.parameters()}, {}

    def keep(value):
        place = value.untyped_storage()
        if place.data_ptr() not in own:
            found[place.data_ptr()] = place.nbytes()
        return value

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda value: value):
        out = network(torch.ones(4, 12, 640).cumsum(2) / 640, torch.full((4, 12), 5))
    return sum(found.values()), out.logits.detach()


def test_recomputation_keeps_less_and_gives_the_same(network):
    names = list(network.state_dict())
    much, expected = kept(network)
    recompute(network)
    little, found = kept(network)
    assert little < 0.7 * much
    torch.testing.assert_close(found, expected)
    assert list(network.state_dict()) == names


def test_recomputation_does_not_go_with_batch_normalisation(small_resnet):
    with pytest.raises(UsageError, match="batch normalisation") as refusal:
        recompute(Captioner(ResNet(size=small_resnet), TOWER, 8, HOW))
    assert "plan.recompute" in refusal.value.mend


def test_every_layer_is_compiled_once(network, monkeypatch):
    seen = []
    monkeypatch.setattr(nn.Module, "compile", lambda self: seen.append(self))
    compile_parts(network)
    wanted = [*network.text.layers.layers, *network.decoder.layers, network.encoder.norm]
    assert all(layer in seen for layer in wanted) and len(set(map(id, seen))) == len(seen)
    assert len(seen) > len(wanted)
