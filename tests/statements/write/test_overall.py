from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.statements import VOCABULARY, overall, overall_of


@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (["NORM", "SR"], "normal"),
        (["NORM"], "normal"),
        (["NORM", "STACH", "PAC"], "otherwise-normal"),
        (["NORM", "1AVB"], "otherwise-normal"),
        (["NORM", "AFIB"], "abnormal"),  # evidence of abnormality is never outvoted
        (["IMI"], "abnormal"),
        (["SR"], "undetermined"),
        (["SBRAD"], "undetermined"),
        ([], "undetermined"),
    ],
)
def test_overall_class(codes: list[str], expected: str) -> None:
    assert overall_of(codes) == expected


def test_no_critical_code_is_ever_called_normal() -> None:
    for code in VOCABULARY.critical_codes():
        assert overall_of(["NORM", "SR", code]) == "abnormal"


def test_texts() -> None:
    assert overall(["NORM", "SR"]) == "Normal ECG"
    assert overall(["NORM", "SBRAD"], "de") == "Sonst normales EKG"
    assert overall([], "de") == "Gesamtbeurteilung offen"
    with pytest.raises(UsageError):
        overall(["NORM"], "fr")  # type: ignore[arg-type]
    with pytest.raises(UsageError):
        overall(["NORMAL"])
