from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as some

from einthoven.models.encoders.masking import heard


@given(some.integers(1, 3), some.integers(1, 9), some.integers(0, 10_000), some.booleans(), some.booleans())
def test_against_a_loop(batch, samples, seed, padded, missing):
    rng = np.random.default_rng(seed)
    x = torch.from_numpy(rng.normal(size=(batch, 12, samples)))
    valid = torch.from_numpy(rng.random((batch, samples)) < 0.6) if padded else None
    leads = torch.from_numpy((rng.random((batch, 12)) < 0.6).astype(np.float32)) if missing else None
    found = heard(x, valid, leads)
    for record, lead, time in np.ndindex(x.shape):
        there = (valid is None or valid[record, time]) and (leads is None or leads[record, lead] > 0)
        assert found[record, lead, time] == (x[record, lead, time] if there else 0)


def test_without_masks_it_is_the_signal_itself():
    x = torch.randn(2, 12, 5)
    assert heard(x, None, None) is x
