from __future__ import annotations

import numpy as np
import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models.config import ModelConfig
from einthoven.models.encoders.settings import ResNet
from einthoven.training.loop import batched
from einthoven.training.merge import merged
from einthoven.training.plan import Plan
from einthoven.training.recipe import Member, Recipe
from einthoven.training.whiten import fit_logits_embedding, half_whitening


def test_half_whitening_takes_the_root_of_each_principal_variance():
    rng = np.random.default_rng(0)
    logits = rng.standard_normal((400, 3)) @ np.array([[3, 1, 0], [0, 0.5, 0.2], [0, 0, 20.0]]) + [5, -2, 100]
    matrix, mean = half_whitening(torch.from_numpy(logits))
    np.testing.assert_allclose(mean, logits.mean(0))
    made = (logits - logits.mean(0)) @ matrix.numpy().T
    before = np.linalg.eigvalsh(np.corrcoef(logits.T))
    np.testing.assert_allclose(np.linalg.eigvalsh(np.cov(made.T)), np.sqrt(before), rtol=1e-6)
    scaled = (logits - logits.mean(0)) / logits.std(0, ddof=1)
    # each entry stays nearest to its own logit, and no unit of a logit matters
    assert (np.corrcoef(made.T, scaled.T)[:3, 3:].argmax(1) == np.arange(3)).all()
    other, _ = half_whitening(torch.from_numpy(logits * [1, 7, 0.01]))
    np.testing.assert_allclose((logits - logits.mean(0)) * [1, 7, 0.01] @ other.numpy().T, made, rtol=1e-6, atol=1e-9)


def test_a_logit_that_never_moves_stays_silent():
    logits = torch.randn(50, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    logits[:, 1] = 4.0
    matrix, mean = half_whitening(logits)
    assert torch.isfinite(matrix).all()
    np.testing.assert_allclose(((logits - mean) @ matrix.T)[:, 1], 0, atol=1e-9)


@pytest.fixture
def by_logits(task, small_resnet):
    """Two networks whose embeddings are to be made of their logits."""
    changes = {"encoder": ResNet(size=small_resnet), "embedding": 3, "projection": "logits"}
    return [task.alone(seed, **changes).eval() for seed in (0, 1)]


def expected(probability):
    logits = np.log(probability) - np.log1p(-probability)
    matrix, mean = half_whitening(torch.from_numpy(logits.astype(np.float64)))
    made = (logits - mean.numpy()) @ matrix.numpy().T
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_the_fitted_embedding_is_the_half_whitened_logits(by_logits, task):
    network, signal = by_logits[0], task.examples.signal
    fit_logits_embedding(network, signal)
    z, probability = batched(network, signal)
    np.testing.assert_allclose(z, expected(probability), atol=1e-4)


def test_an_ensemble_is_fitted_to_the_mean_of_its_members_logits(by_logits, task):
    whole = merged("both", by_logits, task.examples.signal, by_logits=True)
    assert whole.config.embedding == 3 and whole.config.projection == "logits"
    z, probability = batched(whole, task.examples.signal)
    np.testing.assert_allclose(z, expected(probability), atol=1e-4)


def test_a_member_may_speak_and_leave_the_embedding_to_the_others(by_logits, task):
    signal = task.examples.signal
    whole = merged("both", by_logits, signal, by_logits=True, embeds=[False, True])
    z, probability = batched(whole, signal)
    np.testing.assert_allclose(z, expected(batched(by_logits[1], signal)[1]), atol=1e-4)
    all_speak = batched(merged("both", by_logits, signal, by_logits=True), signal)[1]
    np.testing.assert_allclose(probability, all_speak, atol=1e-6)


def test_somebody_has_to_make_the_embedding():
    silent, loud = (Member(plan=Plan(contrast=0, vote=0.5), embeds=embeds) for embeds in (False, True))
    for members, projection in (((silent, silent), "logits"), ((silent, loud), "linear")):
        with pytest.raises(UsageError, match="made of all members"):
            Recipe("x", text=None, projection=projection, members=members)


def test_its_length_is_the_number_of_codes_and_nothing_else_trains_it():
    assert Recipe("x", text=None, projection="logits", plan=Plan(contrast=0)).config(("A", "B")).embedding == 2
    with pytest.raises(UsageError, match="not 8 long"):
        ModelConfig("x", ("A", "B"), embedding=8, projection="logits")
    for plan in (Plan(contrast=0, vote=0.5), Plan()):
        with pytest.raises(UsageError, match="fitted after training"):
            Recipe("x", projection="logits", plan=plan)
