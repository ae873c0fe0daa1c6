"""Layers of encoders: every parameter in one of them, from the input on."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from einthoven.models.encoders import settings  # noqa: E402
from einthoven.models.encoders.build import build_encoder  # noqa: E402
from einthoven.models.encoders.depth import layers_of  # noqa: E402


@pytest.fixture(params=["convnext", "resnet", "transformer", "conv transformer", "state space", "lstm", "several"])
def encoder(request, small_size, small_resnet):
    small = settings.ResNet(size=small_resnet, stem_kernel=5)
    config = {
        "convnext": settings.ConvNeXt(size=small_size),
        "resnet": small,
        "transformer": settings.Transformer(),
        "conv transformer": settings.ConvTransformer(),
        "state space": settings.StateSpace(),
        "lstm": settings.Recurrent(size="lstm1d_bidirectional"),
        "several": settings.Several((small, small)),
    }[request.param]
    return build_encoder(config)


def test_every_parameter_is_in_one_layer(encoder) -> None:
    networks = layers_of(encoder)
    found = [id(p) for layers in networks for layer in layers for p in layer.parameters()]
    assert len(found) == len(set(found)) and set(found) == {id(p) for p in encoder.parameters()}
    assert len(networks) == (2 if hasattr(encoder, "members") else 1)


def test_layers_are_in_the_order_of_the_signal(encoder) -> None:
    """A hook on each says when it was reached."""
    for layers in layers_of(encoder):
        reached: list[torch.nn.Module] = []
        hooks = [
            layer.register_forward_hook(lambda layer, *_, reached=reached: reached.append(layer)) for layer in layers
        ]
        encoder.eval()(torch.zeros(1, 12, 256))
        for hook in hooks:
            hook.remove()
        assert reached == layers


def test_an_unknown_encoder_has_none() -> None:
    with pytest.raises(TypeError):
        layers_of(torch.nn.Linear(1, 1))
