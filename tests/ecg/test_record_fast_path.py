"""The constructor's short cuts never change what it says."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import ECG, einthoven_residual
from einthoven.ecg.record import RESIDUAL_NOTICE


@settings(max_examples=300, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    samples=st.integers(1, 200),
    misfit=st.sampled_from([0, 0.05, 0.1, 0.15, 0.2, 0.25, 0.5]),
    offset=st.sampled_from([0, 1, 20]),
    scale=st.sampled_from([1e-6, 1, 1e6, 1e19]),
    gap=st.booleans(),
)
def test_the_residual_notice_is_there_exactly_when_the_residual_is_high(
    seed: int, samples: int, misfit: float, offset: float, scale: float, gap: bool
) -> None:
    noise = np.random.default_rng(seed)
    one, two = noise.normal(size=(2, samples))
    rows = np.stack(
        [
            one,
            two,
            two - one,
            -(one + two) / 2,
            one - two / 2,
            two - one / 2,
            *noise.normal(size=(6, samples)),
        ]
    )
    rows[:6] += misfit * noise.normal(size=(6, samples)) + offset * misfit * noise.normal(size=(6, 1))
    rows *= scale
    if gap:
        rows[noise.integers(12), noise.integers(samples)] = noise.choice([np.nan, np.inf])
    ecg = ECG(rows, 500)
    residual = einthoven_residual(ecg.signal)
    high = not ecg.derived and residual is not None and residual > RESIDUAL_NOTICE
    assert ("einthoven-residual" in {notice.kind for notice in ecg.notices}) == high


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("lead", range(12))
def test_one_bad_sample_anywhere_is_seen(value: float, lead: int) -> None:
    rows = np.ones((12, 500))
    rows[lead, 123] = value
    ecg = ECG(rows, 500)
    assert np.isnan(ecg.signal[lead, 123]) and "invalid-samples" in {notice.kind for notice in ecg.notices}
