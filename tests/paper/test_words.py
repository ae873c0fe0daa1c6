"""Header and footer: what is said, and that it stays inside its width."""

from html import escape, unescape

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.ecg import ECG, Patient
from einthoven.paper.traces import Subject
from einthoven.paper.words import GAP, LETTER, Item, heading, identity, lines, particulars


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
    assert [item.text for item in particulars(ecg_of(age=age), 200, 3)] == words


def test_a_long_id_is_cut_to_its_room():
    assert len(heading(ecg_of(id="9" * 500), "what", True, room=100, size=4)) * 4 * LETTER <= 100
    assert heading(ecg_of(id="abc"), "what", True, 100, 4) == "ID abc"
    assert heading(ecg_of(id="abc"), "what", False, 100, 4) == "what"
    assert heading(ecg_of(), "what", True, 100, 4) == "what"


@given(st.lists(st.text("ab& <>", min_size=1, max_size=40), max_size=20), st.floats(20, 300))
def test_lines_keep_their_words_in_order_and_their_width(texts, width):
    items = [Item(escape(text)) for text in texts if text.strip()]
    found = lines(items, width, 3)
    said = "".join(unescape(item.text) for line in found for item in line)
    assert said.replace(" ", "") == "".join(texts).replace(" ", "")
    for line in found:
        used = sum(len(unescape(item.text)) for item in line) * LETTER * 3 + (len(line) - 1) * GAP * 3
        assert used <= max(width, 8 * LETTER * 3) + 1e-9


def test_items_that_fit_are_not_broken():
    items = [Item("a b c d e f"), Item("x" * 40, alert=True)]
    assert lines(items, 300, 3) == [items]
    assert lines([Item("aaaa bbbb cccc", alert=True)], 10 * LETTER * 3, 3) == [
        [Item("aaaa bbbb", True)],
        [Item("cccc", True)],
    ]


def test_the_name_of_an_ecg_is_cut_to_its_room():
    subject = Subject(ecg_of(id="9" * 500, age=63, sex="female"), "n" * 500)
    items = identity(subject, True, room=170, size=3)
    assert sum(len(item.text) * LETTER + GAP for item in items) * 3 <= 170 + GAP * 3
    assert items[0].text.startswith("nnn") and items[1].text.startswith("ID 999")
    assert [item.text for item in identity(Subject(ecg_of(id="abc"), "<b>"), False, 170, 3)] == ["&lt;b&gt;"]
