from __future__ import annotations

import numpy as np
import pytest
import torch

from einthoven.ecg import ModelError
from einthoven.models import load_model
from einthoven.models.checkpoint import check_against_torch, load_network, save_checkpoint
from einthoven.models.config import ModelConfig
from einthoven.models.encoders.settings import ResNet
from einthoven.models.network import Network
from einthoven.models.stored import as_computed, as_stored
from einthoven.testing import simulate


def weights():
    torch.manual_seed(0)
    convolution = torch.randn(6, 4, 3) * torch.tensor([1e-3, 1, 50, 0.1, 0, 1e-9]).reshape(-1, 1, 1)
    return {"conv.weight": convolution, "bias": torch.randn(6), "steps": torch.tensor(7), "head": torch.randn(3, 5)}


def test_in_8_bits_each_row_has_its_own_unit_and_is_right_to_half_of_it():
    before = weights()
    stored = as_stored(before, 8)
    assert stored["conv.weight"].dtype == stored["head"].dtype == torch.int8
    assert stored["bias"].dtype == torch.float16 and stored["steps"] == 7
    after = as_computed(stored)
    assert set(after) == set(before) and after["steps"].dtype == torch.int64
    for name in ("conv.weight", "head"):
        for row, (old, new) in enumerate(zip(before[name].flatten(1), after[name].flatten(1), strict=True)):
            unit = max(float(np.float16(old.abs().max() / 127)), 2.0**-14)
            assert float(stored[name + ".scale"][row]) == unit
            assert (old - new).abs().max() <= unit * (0.5 + 127 * 2.0**-11)  # the unit itself is rounded to 16 bits
    assert (after["conv.weight"][4:] == 0).all()  # nothing, and nearly nothing


def test_what_is_stored_is_stored_the_same_again():
    for bits in (8, 16):
        once = as_computed(as_stored(weights(), bits))
        twice = as_computed(as_stored(once, bits))
        assert all(torch.equal(once[name], twice[name]) for name in once)


@pytest.mark.parametrize("bits", [8, 16])
@pytest.mark.parametrize("value", [float("nan"), float("inf"), 7e4])
def test_a_weight_that_16_bits_cannot_hold_is_refused(bits, value):
    with pytest.raises(ModelError, match=r"head"):
        as_stored({"head": torch.full((2, 2), value)}, bits)


def test_a_checkpoint_in_8_bits_is_half_as_large_and_computes_what_torch_does(small_resnet, tmp_path):
    torch.manual_seed(0)
    encoder = ResNet(size=small_resnet)
    network = Network(ModelConfig("x", ("A", "B", "C"), 3, encoder=encoder, projection="logits")).eval()
    save_checkpoint(network, tmp_path / "full", "card")
    save_checkpoint(network, tmp_path / "half", "card", bits=8)
    sizes = [(tmp_path / name / "model.safetensors").stat().st_size for name in ("full", "half")]
    matrices = sum(w.numel() for w in network.state_dict().values() if w.ndim > 1)
    assert sizes[0] - sizes[1] == pytest.approx(matrices, rel=0.25)
    again = load_network(tmp_path / "half")
    assert check_against_torch(again, tmp_path / "half") <= 1e-4
    assert (tmp_path / "half" / "model.onnx").stat().st_size < 1.3 * (tmp_path / "full" / "model.onnx").stat().st_size
    near, far = (load_model(tmp_path / name, threads=1).run([simulate()]) for name in ("half", "full"))
    assert np.abs(near[1] - far[1]).max() < 0.02  # 8 bits move a probability a little, and no more
    assert (near[0] @ far[0].T).item() > 0.98
