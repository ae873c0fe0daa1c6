from __future__ import annotations

import numpy as np
import pytest
import torch

from einthoven.models.encoders.drop_path import DropPath


@pytest.mark.parametrize("rate", [0.1, 0.3, 0.8])
def test_it_keeps_the_mean_and_drops_whole_records(rate):
    torch.manual_seed(0)
    out = DropPath(rate).train()(torch.ones(20_000, 2, 3))
    assert out.mean().item() == pytest.approx(1, abs=0.05)
    per_record = out.reshape(len(out), -1)
    assert (per_record == per_record[:, :1]).all()
    np.testing.assert_allclose(np.unique(out.numpy()), [0, 1 / (1 - rate)], rtol=1e-6)


def test_it_is_the_identity_in_use():
    x = torch.randn(4, 2, 3)
    assert DropPath(0.9).eval()(x) is x
    assert DropPath(0.0).train()(x) is x


def test_a_dropped_branch_has_no_slope():
    torch.manual_seed(0)
    x = torch.ones(50, 2, 3, requires_grad=True)
    out = DropPath(0.5).train()(x)
    out.sum().backward()
    torch.testing.assert_close(x.grad, out.detach())
    assert 0 < (x.grad == 0).all((1, 2)).sum() < 50
