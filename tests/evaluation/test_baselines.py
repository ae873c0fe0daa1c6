from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.ecg import ECG
from einthoven.evaluation.baselines import plain_signal, random_weights
from einthoven.models import Preparation, prepare
from einthoven.models.encoders.settings import ConvNeXt, ResNet

torch = pytest.importorskip("torch")

SHORT = Preparation(seconds=2.5)


def test_the_random_encoder_is_the_same_each_time_and_leaves_the_generator_alone(make_ecg, one_thread):
    ecgs = [make_ecg(1), make_ecg(2)]
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, other = (random_weights(ConvNeXt(), Preparation())(ecgs) for _ in range(2))
    assert (torch.rand(3) == expected).all()
    assert (one[0] == other[0]).all() and one[1].shape == (2, 0)
    assert np.linalg.norm(one[0], axis=1) == pytest.approx(np.ones(2), abs=1e-5)
    assert abs(one[0][0] - one[0][1]).max() > 1e-4


def test_the_random_encoder_averages_windows_as_models_do(make_ecg, one_thread):
    ecg = make_ecg(3)
    how = replace(SHORT, highpass=None, lowpass=None, unit_mv=1)
    windows = [ECG(cut, 100) for cut in prepare([ecg], how).signal]
    assert len(windows) == 4
    run = random_weights(ConvNeXt(), how)
    mean = run(windows)[0].mean(0)
    assert run([ecg])[0][0] == pytest.approx(mean / np.linalg.norm(mean), abs=1e-5)


def test_batch_normalisation_has_met_the_ecgs(make_ecg, one_thread, small_resnet):
    """Against a network that normalises each batch by itself, which is the same for the batch that was met."""
    from einthoven.models.encoders.build import build_encoder

    met = [make_ecg(number) for number in range(1, 13)]
    encoder = ResNet(size=small_resnet, dropout=0.3, drop_path=0.3)
    torch.manual_seed(0)
    network = build_encoder(encoder).eval()
    for norm in network.modules():
        if isinstance(norm, torch.nn.BatchNorm1d):
            norm.track_running_stats, norm.running_mean, norm.running_var = False, None, None
    with torch.no_grad():
        pooled = network(torch.from_numpy(prepare(met, Preparation()).signal))[1].numpy()
    expected = pooled / np.linalg.norm(pooled, axis=1, keepdims=True)
    found = random_weights(encoder, Preparation(), met)(met)[0]
    np.testing.assert_allclose(found, expected, atol=5e-3)
    alone = random_weights(encoder, Preparation(), met)(met[3:4])[0]
    np.testing.assert_allclose(alone, found[3:4], atol=1e-5)
    assert np.abs(random_weights(encoder, Preparation())(met)[0] - expected).max() > 0.01


def test_the_plain_signal_is_the_prepared_one_whatever_the_window(make_ecg):
    ecgs = [make_ecg(1), make_ecg(2)]
    embedding, head = plain_signal(Preparation())(ecgs)
    assert embedding.shape == (2, 12_000) and head.shape == (2, 0)
    expected = prepare(ecgs, Preparation()).signal[1].ravel()
    assert embedding[1] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)
    assert (plain_signal(SHORT)(ecgs)[0] == embedding).all()
