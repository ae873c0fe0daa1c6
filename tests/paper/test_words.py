"""Header and footer: what is said, and that it stays inside its width."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.ecg import ECG, Patient
from einthoven.paper.words import GAP, LETTER, Item, heading, lines, particulars


def ecg_of(**patient):
    return ECG(np.zeros((12, 100)), 100, patient=Patient(**patient))


@pytest.mark.parametrize(
    ("age", "words"),
    [
        (63.9, ["63 years"]),
        (2, ["2 years"]),
        (1.5, ["18 months"]),
        (0, ["0 months"]),
        (None, []),
        (float("nan"), []),
        (float("inf"), []),
    ],
)
def test_ages(age, words):
    assert [item.text for item in particulars(ecg_of(age=age))] == words


def test_a_long_id_is_cut_to_its_room():
    assert len(heading(ecg_of(id="9" * 500), "what", True, room=100, size=4)) * 4 * LETTER <= 100
    assert heading(ecg_of(id="abc"), "what", True, 100, 4) == "ID abc"
    assert heading(ecg_of(id="abc"), "what", False, 100, 4) == "what"
    assert heading(ecg_of(), "what", True, 100, 4) == "what"


@given(st.lists(st.integers(1, 30), max_size=20), st.floats(20, 300))
def test_lines_keep_order_and_width(lengths, width):
    items = [Item("x" * n) for n in lengths]
    found = lines(items, width, 3)
    assert [item for line in found for item in line] == items
    for line in found:
        used = sum(len(item.text) for item in line) * LETTER * 3 + (len(line) - 1) * GAP * 3
        assert len(line) == 1 or used <= width + 1e-9
