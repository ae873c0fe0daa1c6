from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.models.caption_settings import Captioning
from einthoven.models.settings import from_dict


def test_defaults_are_the_papers():
    how = Captioning()
    assert (how.layers, how.text_pass, how.pool) == (6, "double", "queries")
    assert how.scale == pytest.approx(14.3, abs=0.02) and how.scale_limit == 100


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"text_pass": "both"}, "text_pass"),
        ({"pool": "mean"}, "pool"),
        ({"output": "shared"}, "output"),
        ({"layers": 0}, "layers"),
        ({"dropout": 1.0}, "dropout"),
        ({"dropout": float("nan")}, "dropout"),
        ({"scale": 0.0}, "scale"),
        ({"scale": 200.0}, "limit"),
        ({"scale_limit": float("nan")}, "limit"),
        ({"views": True, "pool": "vector"}, "pool"),
    ],
)
def test_what_cannot_be_is_refused(changes, word):
    with pytest.raises(UsageError, match=word):
        Captioning(**changes)


def test_it_reads_from_a_table_strictly():
    assert from_dict(Captioning, {"scale_limit": None, "scale": 2.718, "layers": 2}).scale_limit is None
    with pytest.raises(UsageError, match="leak"):
        from_dict(Captioning, {"leak": True})
