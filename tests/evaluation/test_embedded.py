"""The encoder with random weights that a model is compared with."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.datasets import PTBXL
from einthoven.evaluation.embedded import embed_all, random_encoder, untrained
from einthoven.models import ModelConfig, prepare
from einthoven.models.encoders.settings import ConvNeXt, ResNet
from einthoven.statements import VOCABULARY

torch = pytest.importorskip("torch")


@pytest.fixture
def met(one_thread):
    return 3 * np.random.default_rng(0).standard_normal((30, 12, 400)).astype(np.float32) + 1


@pytest.fixture
def residual(small_resnet):
    return ResNet(size=small_resnet, stem_kernel=5, dropout=0.3, drop_path=0.3)


def test_batch_normalisation_has_met_the_signals(residual, met):
    """Against a network that normalises each batch by itself, which is the same for the batch that was met."""
    from einthoven.models.encoders.build import build_encoder

    torch.manual_seed(0)
    network = build_encoder(residual).eval()
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm1d):
            norm.track_running_stats, norm.running_mean, norm.running_var = False, None, None
    with torch.no_grad():
        pooled = network(torch.from_numpy(met))[1].numpy()
    expected = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    np.testing.assert_allclose(random_encoder(residual, met)(met), expected, atol=5e-3)
    assert np.abs(random_encoder(residual)(met) - expected).max() > 0.05


def test_an_ecg_is_embedded_alike_alone_and_among_others(residual, met):
    encode = random_encoder(residual, met)
    whole = encode(met)
    np.testing.assert_allclose(encode(met[3:4]), whole[3:4], atol=1e-5)
    assert np.linalg.norm(whole, axis=1) == pytest.approx(np.ones(30), abs=1e-5)
    np.testing.assert_array_equal(whole, random_encoder(residual, met)(met))


def test_the_generator_is_left_alone(residual, met):
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    random_encoder(residual, met)
    assert (torch.rand(3) == expected).all()


def test_without_batch_normalisation_nothing_is_met(small_size, met):
    encoder = ConvNeXt(size=small_size, drop_path=0.2)
    np.testing.assert_array_equal(random_encoder(encoder, met)(met), random_encoder(encoder)(met))


def test_it_meets_what_the_model_prepares(residual, stand_in, made_up_ptbxl):
    rows = list(PTBXL(made_up_ptbxl).rows([9]))
    model = stand_in()
    model.config = ModelConfig("x", model.codes, 32, encoder=residual, text=None)
    signal = prepare([row.ecg() for row in rows], model.config.preparation).signal
    by_random = untrained(model.config, rows)
    np.testing.assert_array_equal(by_random(signal), random_encoder(residual, signal)(signal))
    found = embed_all(model, rows, VOCABULARY.codes(), lambda n: None, by_random)
    np.testing.assert_allclose(found.random, by_random(signal), atol=1e-6)
