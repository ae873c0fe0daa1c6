"""Numbers and words of the SVG, over everything that can be typed."""

import unicodedata
from html import unescape
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.paper.svg import clean, hundredths, mm


@given(st.integers(-(10**7), 10**7))
def test_hundredths_read_back(value):
    text = hundredths(value)
    assert round(float(text) * 100) == value
    assert len(text) <= len(f"{value / 100:.2f}")


def test_mm_rounds_to_a_hundredth():
    assert [mm(v) for v in (0, 0.004, 0.006, -0.006, 12.3456, 300)] == [
        "0",
        "0",
        ".01",
        "-.01",
        "12.35",
        "300",
    ]


@given(st.text(st.characters(exclude_categories=()), max_size=200))
def test_any_text_is_well_formed_printable_and_short(text):
    shown = clean(text, 40)
    element = ElementTree.fromstring(f'<t a="{shown}">{shown}</t>')
    assert (element.text or "") == element.get("a") == unescape(shown)
    assert len(element.text or "") <= 40
    assert not any(unicodedata.category(letter)[0] == "C" for letter in element.text or "")


@given(st.text("abcÄß é<>&\"'Ω-", max_size=40))
def test_ordinary_words_survive(text):
    assert unescape(clean(text)) == " ".join(text.split())


@pytest.mark.parametrize("length", [59, 60, 61, 500])
def test_long_words_end_with_an_ellipsis(length):
    shown = clean("x" * length, 60)
    assert len(shown) == min(length, 60)
    assert shown.endswith("…") == (length > 60)
