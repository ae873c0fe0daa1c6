from __future__ import annotations

import pytest

from einthoven.evaluation.cells import Share
from einthoven.metrics import clopper_pearson


def test_a_share_tells_its_counts():
    pytest.importorskip("scipy")
    share = Share.of_count(3, 8)
    assert (share.low, share.high) == clopper_pearson(3, 8)
    assert str(share) == f"3 of 8 [{share.low:.2f}, {share.high:.2f}]"
    assert share.to_list() == [0.375, round(share.low, 4), round(share.high, 4), 3, 8]
