import pytest
from scipy.stats import binomtest

from einthoven.ecg import UsageError
from einthoven.metrics import clopper_pearson, wilson


@pytest.mark.parametrize("successes, trials", [(0, 5), (5, 5), (1, 3), (40, 117), (997, 1000)])
@pytest.mark.parametrize("level", [0.8, 0.95])
@pytest.mark.parametrize("method, ours", [("exact", clopper_pearson), ("wilson", wilson)])
def test_like_scipy(successes, trials, level, method, ours):
    theirs = binomtest(successes, trials).proportion_ci(level, method)
    assert ours(successes, trials, level) == pytest.approx((theirs.low, theirs.high), abs=1e-9)


@pytest.mark.parametrize("successes, trials, level", [(1, 0, 0.95), (3, 2, 0.95), (-1, 2, 0.95), (1, 2, 95)])
def test_refuses_what_is_no_share(successes, trials, level):
    for interval in (clopper_pearson, wilson):
        with pytest.raises(UsageError):
            interval(successes, trials, level)
