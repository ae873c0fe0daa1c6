from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from einthoven.ecg import ECG
from einthoven.evaluation.baselines import plain_signal, random_weights
from einthoven.models import Preparation, prepare
from einthoven.models.encoders.settings import ConvNeXt

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


def test_the_plain_signal_is_the_prepared_one_whatever_the_window(make_ecg):
    ecgs = [make_ecg(1), make_ecg(2)]
    embedding, head = plain_signal(Preparation())(ecgs)
    assert embedding.shape == (2, 12_000) and head.shape == (2, 0)
    expected = prepare(ecgs, Preparation()).signal[1].ravel()
    assert embedding[1] == pytest.approx(expected / np.linalg.norm(expected), abs=1e-4)
    assert (plain_signal(SHORT)(ecgs)[0] == embedding).all()
