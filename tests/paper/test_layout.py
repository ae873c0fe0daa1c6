"""Layouts: the order a cardiologist expects, and no impossible ones."""

import pytest

from einthoven.ecg import LEADS, UsageError
from einthoven.paper import LAYOUTS, Layout
from einthoven.paper.layout import find


def test_standard_order_down_the_columns():
    cells = list(LAYOUTS["3x4+1"].cells())
    assert [cell.lead for cell in cells] == [*LEADS, "II"]
    assert [cell.row for cell in cells] == [0, 1, 2] * 4 + [3]
    assert [(cell.start, cell.stop) for cell in cells[::3]] == [
        (0, 2.5),
        (2.5, 5),
        (5, 7.5),
        (7.5, 10),
        (0, 10),
    ]


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_shows_all_leads_in_ten_seconds(layout):
    assert {cell.lead for cell in layout.cells()} == set(LEADS)
    assert layout.seconds == 10 and layout.height == 175
    assert max(cell.row for cell in layout.cells()) == layout.rows - 1


def test_only_cabrera_inverts():
    inverted = {(name, cell.lead) for name, lay in LAYOUTS.items() for cell in lay.cells() if cell.sign < 0}
    assert inverted == {("cabrera", "aVR")}


@pytest.mark.parametrize(
    "wrong",
    [
        {"columns": ()},
        {"columns": (("I", "V9"),)},
        {"columns": (("--I",),)},
        {"columns": (("I",),), "column_seconds": 0},
        {"columns": (("I",),), "column_seconds": float("inf")},
        {"columns": (("I",),), "pitch": -1},
        {"columns": (("I",),), "above": float("nan")},
    ],
)
def test_impossible_layouts_are_refused(wrong):
    with pytest.raises(UsageError) as caught:
        Layout(**{"column_seconds": 2.5, **wrong})
    assert caught.value.mend


def test_find_takes_names_and_layouts():
    own = Layout((("I",),), 3)
    assert find(own) is own and find("12x1") is LAYOUTS["12x1"]
    with pytest.raises(UsageError, match="4x4"):
        find("4x4")
