from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.statements import LABEL_SETS, VOCABULARY, label_map, label_set, labels_of


def test_counts_of_the_benchmark() -> None:
    assert {name: len(label_set(name)) for name in LABEL_SETS} == {
        "all": 71,
        "diagnostic": 44,
        "sub": 23,
        "super": 5,
        "form": 19,
        "rhythm": 12,
    }


def test_labels_equal_those_drawn_from_the_published_table(scp_facts: dict[str, dict[str, str]]) -> None:
    columns = {"sub": "diagnostic_subclass", "super": "diagnostic_class"}
    for name, column in columns.items():
        assert dict(label_map(name)) == {code: fact[column] for code, fact in scp_facts.items() if fact[column]}
    for name in ("diagnostic", "form", "rhythm"):
        assert set(label_set(name)) == {code for code, fact in scp_facts.items() if fact[name] == "1.0"}


@pytest.mark.parametrize("name", LABEL_SETS)
def test_sorted_and_each_once(name: str) -> None:
    labels = labels_of(VOCABULARY, name)
    assert labels == label_set(name) == tuple(sorted(set(labels)))


def test_an_ecg() -> None:
    codes = ["NDT", "SR", "ALMI", "INJLA", "1AVB"]
    assert labels_of(codes, "super") == ("CD", "MI", "STTC")
    assert labels_of(codes, "sub") == ("AMI", "STTC", "_AVB")
    assert labels_of(codes, "form") == ("NDT",)
    assert labels_of(codes, "rhythm") == ("SR",)
    assert labels_of(["SR"], "super") == ()


def test_what_is_unknown_is_refused() -> None:
    with pytest.raises(UsageError, match="superclass"):
        label_set("superclass")
    with pytest.raises(UsageError, match="XYZ"):
        labels_of(["XYZ"], "super")
