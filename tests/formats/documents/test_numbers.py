"""Lists of numbers in text: each word is one number, or the list is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from einthoven.ecg import FormatError
from einthoven.formats.documents.numbers import number, series

WORDS = st.one_of(
    st.integers(-(10**25), 10**25).map(str),
    st.integers(-3000, 3000).map("{:+d}".format),
    st.floats(-1e9, 1e9).map(repr),
    st.sampled_from(
        ["-", "1-2", "--5", "1e400", "nan", "", "0x10", "1_0", "9223372036854775808", "-9223372036854775808"]
    ),
)


@given(st.lists(WORDS, min_size=1, max_size=8), st.sampled_from([",", " , ", ",\n\t"]))
@example(["-9223372036854775808", "1"], ",")
@example(["12", "-7"], ",")
def test_as_read_word_by_word(words: list[str], separator: str) -> None:
    text = separator.join(words)
    found = [
        number(word) for word in (words[:-1] if len(words) > 1 and not words[-1] else words)
    ]  # one comma may end it
    if any(value is None or not np.isfinite(value) for value in found):
        # Longer numbers than a recording has are no number of `number`, and may be one here.
        if all(len(word) < 19 and len(word.partition("e")[2]) < 4 for word in words):
            with pytest.raises(FormatError, match="no number"):
                series(text, ",")
        return
    np.testing.assert_array_equal(series(text, ","), found)


@pytest.mark.parametrize("text", ["", ",", ",1", "1,,2", "1, ,2", "1,2,,"])
def test_gaps_are_refused(text: str) -> None:
    with pytest.raises(FormatError, match="no number"):
        series(text, ",")


def test_one_comma_may_end_it() -> None:
    assert series("1,2,\n3,", ",").tolist() == [1, 2, 3]


@pytest.mark.parametrize("large", ["9007199254740993", "-9223372036854775808", "99999999999999999999"])
def test_large_whole_numbers_are_as_floats(large: str) -> None:
    assert series(f"1 {large}").tolist() == [1, float(large)]
