from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.statements import Finding


def test_refuses_what_is_unknown() -> None:
    with pytest.raises(UsageError, match="AFIBB"):
        Finding("AFIBB")
    with pytest.raises(UsageError) as caught:
        Finding("AFIB", "posible")  # type: ignore[arg-type]
    assert "possible" in caught.value.mend
