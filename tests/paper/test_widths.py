"""Widths of words: never less than in the fonts themselves, as reportlab has them; and lines that keep every word."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.paper import fonts
from einthoven.paper.widths import UNKNOWN, width, wrap

LETTERS = "".join(map(chr, range(32, 127))) + "ÄÖÜäöüéèñçåæøßµ°±×·–—‘’“”„…½"


@pytest.mark.parametrize(("bold", "names"), [(False, ("Vera", "Helvetica")), (True, ("VeraBd", "Helvetica-Bold"))])
def test_no_letter_is_wider_in_a_font_and_few_are_much_narrower(bold, names) -> None:
    pytest.importorskip("reportlab")
    pytest.importorskip("resvg_py")
    from reportlab.pdfbase.pdfmetrics import stringWidth

    fonts.font_files()
    for letter in LETTERS:
        real = max(stringWidth(letter, name, 10) for name in names)
        assert real - 1e-6 <= width(letter, 10, bold) <= real + 0.11, letter


def test_a_letter_that_no_table_has_is_taken_for_a_wide_one() -> None:
    assert width("心", 1000) == UNKNOWN and width("ő", 7, True) == width("o", 7, True)


@settings(deadline=None)
@given(st.text("abW i.é心-", max_size=120), st.floats(6, 60), st.sampled_from([2.4, 3.0]), st.booleans())
def test_lines_keep_every_letter_and_fit(text, room, size, bold) -> None:
    found = wrap(text, room, size, bold)
    assert "".join(found).replace(" ", "") == text.replace(" ", "")
    assert all(line and line == line.strip(" ") and width(line, size, bold) <= room for line in found)
    if any(width(word, size, bold) > room for word in text.split(" ")):
        return  # broken words may begin anywhere
    # No line could have taken the next word as well.
    for line, following in pairwise(found):
        word = following.split(" ")[0]
        assert width(f"{line} {word}", size, bold) > room


def test_a_no_break_space_holds_words_together() -> None:
    room = width("prolonged interval", 3)
    assert wrap("prolonged interval ...", room, 3)[-1] == "..."
    assert wrap("prolonged interval\u00a0...", room, 3) == ("prolonged", "interval\u00a0...")
