"""A drawing on a larger page: the same millimetres, and room for more."""

import pytest

from einthoven.ecg import UsageError
from einthoven.paper import draw, enlarge
from einthoven.testing import simulate


def test_the_drawing_stays_as_it_is(measured) -> None:
    small = draw(simulate())
    large = enlarge(small, '<text x="310" y="20" font-size="3" fill="#000000">beside</text>', 400, 250.5)
    found, before = measured(large), measured(small)
    assert (found.width, found.height) == (400, 250.5)
    for lead in ("I", "V6"):
        assert (found.trace(lead) == before.trace(lead)).all()
    assert found.words[-1][-1] == "beside" and large.partly == small.partly
    assert large.count("<svg") == large.count("</svg>") == 1


def test_a_page_that_is_too_small_is_refused() -> None:
    with pytest.raises(UsageError, match="smaller than the drawing"):
        enlarge(draw(simulate()), "", 290, 210)
