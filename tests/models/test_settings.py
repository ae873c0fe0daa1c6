from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import pytest

from einthoven.ecg import UsageError
from einthoven.models.settings import check_choices, from_dict


@dataclass(frozen=True)
class Inner:
    number: float = 1.0
    kind: Literal["a", "b"] = "a"


@dataclass(frozen=True)
class Outer:
    name: str
    count: int = 3
    folds: tuple[int, ...] = (1,)
    edge: float | None = None
    inner: Inner = field(default_factory=Inner)
    perhaps: Inner | None = None


def test_nested_tables_lists_and_none():
    found = from_dict(
        Outer, {"name": "x", "folds": [2, 3], "edge": None, "inner": {"kind": "b"}, "perhaps": {"number": 2}}
    )
    assert found == Outer("x", folds=(2, 3), inner=Inner(kind="b"), perhaps=Inner(2))
    assert from_dict(Outer, {"name": "x", "perhaps": None}).perhaps is None


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({}, "name"),
        ({"name": 3}, "name"),
        ({"name": "x", "count": 3.0}, "count"),
        ({"name": "x", "count": True}, "count"),
        ({"name": "x", "count": "3"}, "count"),
        ({"name": "x", "count": None}, "count"),
        ({"name": "x", "folds": 3}, "folds"),
        ({"name": "x", "folds": ["3"]}, "folds"),
        ({"name": "x", "edge": "low"}, "edge"),
        ({"name": "x", "edge": float("nan")}, "edge"),
        ({"name": "x", "edge": float("inf")}, "edge"),
        ({"name": "x", "inner": None}, "inner"),
        ({"name": "x", "inner": 3}, "inner"),
        ({"name": "x", "inner": {"kind": "c"}}, r"inner\.kind"),
        ({"name": "x", "inner": {"numbr": 1}}, r"inner\.numbr"),
        ({"name": "x", "perhaps": {"number": []}}, r"perhaps\.number"),
        ({"name": "x", "nmae": 1}, "nmae"),
        ({"name": "x", 7: 1, "b": 2}, "7"),
        ([1], "Outer"),
        (None, "Outer"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(values, named):
    with pytest.raises(UsageError, match=named) as refusal:
        from_dict(Outer, values)
    assert refusal.value.mend


def test_an_unknown_setting_is_answered_with_those_there_are():
    with pytest.raises(UsageError) as refusal:
        from_dict(Inner, {"nmber": 1})
    assert "kind, number" in refusal.value.mend


@pytest.mark.parametrize("kind", ["c", None, 1])
def test_a_choice_that_is_none_is_refused_by_name(kind):
    check_choices(Inner(kind="b"))
    with pytest.raises(UsageError, match="kind cannot be") as refusal:
        check_choices(Inner(kind=kind))
    assert "'a', 'b'" in refusal.value.mend
