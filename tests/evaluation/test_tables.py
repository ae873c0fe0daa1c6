from __future__ import annotations

import json

import pytest

from einthoven.evaluation.table import Cell, Table
from einthoven.evaluation.tables import Share, Tables
from einthoven.metrics import clopper_pearson


def test_a_share_tells_its_counts():
    pytest.importorskip("scipy")
    share = Share.of_count(3, 8)
    assert (share.low, share.high) == clopper_pearson(3, 8)
    assert str(share) == f"3 of 8 [{share.low:.2f}, {share.high:.2f}]"
    assert share.to_list() == [0.375, round(share.low, 4), round(share.high, 4), 3, 8]


def test_tables_together(tmp_path):
    shown = Table("One", {"row": {"column": Cell(0.5, 0.4, 0.6)}}, {})
    further = Table("Two", {"other": {"count": Share(0.5, 0.1, 0.9, 1, 2)}}, {})
    tables = Tables(
        "All", (shown,), (further,), ("A note.",), {"ecgs": 5, "refused": {}, "none": None}, "2024-05-06", "a1"
    )
    assert tables.markdown().splitlines() == [
        "**All**",
        "",
        "**One**",
        "",
        "| | column |",
        "|---|---|",
        "| row | 0.500 [0.400, 0.600] |",
        "",
        "A note.",
        "",
        "ecgs 5",
        "2024-05-06, commit a1",
    ]
    tables.save(tmp_path / "t.json")
    assert json.loads((tmp_path / "t.json").read_text()) == {
        "title": "All",
        "tables": {"One": {"row": {"column": [0.5, 0.4, 0.6]}}, "Two": {"other": {"count": [0.5, 0.1, 0.9, 1, 2]}}},
        "notes": ["A note."],
        "facts": {"ecgs": 5, "refused": {}, "none": None},
        "date": "2024-05-06",
        "commit": "a1",
    }


def test_columns_stand_as_in_the_fullest_row():
    few, many = {"a": Cell(1, 1, 1)}, {"a": Cell(1, 1, 1), "a: change": Cell(0, 0, 0), "b": Cell(1, 1, 1)}
    assert Table("t", {"before": few | {"b": Cell(1, 1, 1)}, "after": many}, {}).grid()[2] == "| | a | a: change | b |"
