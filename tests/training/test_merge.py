from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models.config import ModelConfig
from einthoven.models.encoders.settings import ResNet, Several
from einthoven.training.merge import merged


@pytest.fixture
def members(task, small_resnet):
    """Two networks of one configuration but for the seed, one of which makes far longer embeddings."""
    made = [task.alone(seed, encoder=ResNet(size=small_resnet)).eval() for seed in (0, 1)]
    with torch.no_grad():
        made[1].embedding.weight.mul_(50)
    return made


def outputs(network, signal):
    with torch.no_grad():
        z, logits = network(torch.from_numpy(signal.astype(np.float32)))
    return z.numpy(), logits.numpy()


def test_logits_are_the_mean_and_cosines_about_the_mean(members, task):
    signal = task.examples.signal
    whole = outputs(merged("both", members, signal), signal)
    each = [outputs(member, signal) for member in members]
    np.testing.assert_allclose(whole[1], (each[0][1] + each[1][1]) / 2, atol=1e-5)
    assert whole[0].shape == (11, 16)
    parts = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in np.split(whole[0], 2, 1)]
    for part, (z, _) in zip(parts, each, strict=True):
        np.testing.assert_allclose(part, z, atol=1e-5)
    lengths = [np.linalg.norm(part, axis=1).mean() for part in np.split(whole[0], 2, 1)]
    assert lengths[0] == pytest.approx(lengths[1], rel=0.1)
    np.testing.assert_allclose(whole[0] @ whole[0].T, sum(z @ z.T for z, _ in each) / 2, atol=0.1)


def test_the_whole_is_a_network_of_its_own(members, task, tmp_path):
    signal = task.examples.signal
    together = merged("both", members, signal)
    before = outputs(together, signal)[0]
    with torch.no_grad():
        members[0].statements.weight.zero_()
        members[0].encoder.stem[0].weight.zero_()
    np.testing.assert_array_equal(outputs(together, signal)[0], before)
    assert together.config.name == "both" and together.config.embedding == 16
    assert together.config.encoder == Several((members[0].config.encoder,) * 2)
    together.config.save(tmp_path / "config.json")
    assert ModelConfig.load(tmp_path / "config.json") == together.config


def test_members_that_do_not_fit_are_refused(members, task, small_resnet):
    signal, config = task.examples.signal, members[0].config
    encoder = config.encoder
    with_text = task.network(encoder=encoder)
    others = [
        replace(config, codes=("NORM", "SR", "IMI")),
        replace(config, preparation=replace(config.preparation, unit_mv=0.3)),
        replace(config, projection="none", embedding=32),
        replace(config, encoder=Several((encoder, encoder))),
    ]
    for other in others:
        members[1].config = other
        with pytest.raises(UsageError) as refusal:
            merged("both", members, signal)
        assert refusal.value.mend
    with pytest.raises(UsageError):
        merged("both", [with_text, with_text], signal)
