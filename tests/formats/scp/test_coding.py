"""Every way of storing a rhythm gives the samples back that went in, to the last bit."""

from __future__ import annotations

import struct

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError
from einthoven.formats import read, scp_huffman
from einthoven.formats.scp_huffman import decode, read_tables, undo_differences

CODINGS = ("none", "default", "own", "switched")
SHORT = st.integers(-(2**15), 2**15 - 1)


def coding(name: str, two_tables, default_codes) -> dict:
    """Arguments of a file: how its samples are stored."""
    return {
        "none": {},
        "default": {"tables": "default"},
        "own": {"tables": [default_codes[::-1]]},
        "switched": {"tables": two_tables, "plan": lambda place: place // 7 % 2},
    }[name]


@pytest.mark.parametrize("order", [0, 1, 2])
@pytest.mark.parametrize("name", CODINGS)
def test_amplitudes_come_back(scp, put, rows, units, two_tables, default_codes, name: str, order: int) -> None:
    data = scp(rows, order=order, **coding(name, two_tables, default_codes)).bytes()
    ecg = read(put(data))
    assert (ecg.format, ecg.rate, ecg.samples, ecg.calibrated) == ("SCP-ECG", 500, 300, True)
    assert [notice.kind for notice in ecg.notices] == ["derived-leads"]
    for lead, row in rows.items():
        np.testing.assert_allclose(units(ecg, lead), row, atol=2e-4)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(SHORT | st.integers(-9, 9), min_size=1, max_size=40), order=st.sampled_from([0, 1, 2]))
def test_any_samples_by_the_default_table(parts, values: list[int], order: int) -> None:
    stored = parts["differences"](values, order)
    data = parts["encode"](stored, [DEFAULT_CODES])
    found = decode(data, len(values), (scp_huffman.DEFAULT,), "it")
    assert undo_differences(found, order).tolist() == values


DEFAULT_CODES = [("0", 1, 1, 0)]
for magnitude in range(1, 9):
    DEFAULT_CODES += [("1" * magnitude + f"0{sign}", magnitude + 2, 1, magnitude * (1 - 2 * sign)) for sign in (0, 1)]
DEFAULT_CODES += [("1111111110", 18, 1, 0), ("1111111111", 26, 1, 0)]


@st.composite
def prefix_tables(draw) -> list[tuple[str, int, int, int]]:
    """A table made by splitting prefixes at random until each has a value; the last has 16 bits behind it."""
    prefixes = [""]
    for _ in range(draw(st.integers(1, 30))):
        prefix = prefixes.pop(draw(st.integers(0, len(prefixes) - 1)))
        prefixes += [prefix + "0", prefix + "1"] if len(prefix) < 32 else [prefix]
    values = draw(st.lists(SHORT, min_size=len(prefixes), max_size=len(prefixes), unique=True))
    table = [(prefix, len(prefix), 1, value) for prefix, value in zip(prefixes[:-1], values, strict=False)]
    return [*table, (prefixes[-1], len(prefixes[-1]) + 16, 1, 0)]


@settings(max_examples=60, deadline=None)
@given(table=prefix_tables(), data=st.data())
def test_any_table(parts, table, data) -> None:
    known = [base for *_, base in table]
    values = data.draw(st.lists(st.sampled_from(known) | SHORT, min_size=1, max_size=60))
    tables = read_tables(parts["table_section"]([table]))
    stream = parts["encode"](values, [table])
    assert decode(stream, len(values), tables, "it").tolist() == values
    with pytest.raises((TruncatedError, FormatError)):
        decode(stream, 8 * len(stream) + 1, tables, "it")


def bit_by_bit(data: bytes, count: int, tables: list[list[tuple[str, int, int, int]]]) -> list[int] | str:
    """The values as one would find them by hand, or which fault there is."""
    bits, place, now, found = "".join(f"{byte:08b}" for byte in data), 0, 0, []
    while len(found) < count:
        # Behind the end there are zeros: what would be a code with them is cut short.
        one = next((code for code in tables[now] if (bits[place:] + "0" * 32).startswith(code[0])), None)
        if place >= len(bits) or (one and place + one[1] > len(bits)):
            return "TruncatedError"
        if one is None:
            return "FormatError"
        prefix, total, mode, base = one
        literal = bits[place + len(prefix) : place + total]
        if mode == 0:
            now = base - 1
        else:
            found.append(base + (int(literal, 2) - (int(literal[0]) << len(literal)) if literal else 0))
        place += total
    return found


@st.composite
def switching_tables(draw) -> list[list[tuple[str, int, int, int]]]:
    """One to four tables: short and long codes, literals, switches, and at times bits that are no code."""
    count = draw(st.integers(1, 4))
    made = []
    for _ in range(count):
        table = []
        for prefix, *_ in draw(prefix_tables())[draw(st.integers(0, 1)) :]:
            switch = draw(st.integers(0, 3)) == 0 and count > 1
            literal = 0 if switch else draw(st.sampled_from([0, 0, 1, 4, 8, 16]))
            base = draw(st.integers(1, count)) if switch else draw(SHORT)
            table.append((prefix, len(prefix) + literal, int(not switch), base))
        made.append(table)
    return made


@settings(max_examples=60, deadline=None)
@given(tables=switching_tables(), stream=st.binary(max_size=40), share=st.floats(0, 1))
def test_any_stream_is_decoded_as_bit_by_bit(parts, tables, stream: bytes, share: float) -> None:
    count = int(share * 8 * len(stream) / 3)
    try:
        found: object = decode(stream, count, read_tables(parts["table_section"](tables)), "it").tolist()
    except (TruncatedError, FormatError) as fault:
        found = type(fault).__name__
    assert found == bit_by_bit(stream, count, tables)


@settings(max_examples=60, deadline=None)
@given(values=st.lists(SHORT, max_size=30), order=st.sampled_from([0, 1, 2]))
def test_differences_wrap_around(parts, values: list[int], order: int) -> None:
    stored = np.array(parts["differences"](values, order), np.int64)
    assert undo_differences(stored, order).tolist() == values


def test_switches_count_from_each_lead_s_first_table(scp, put, rows, units, two_tables) -> None:
    """A lead that ends in the second table does not hand it on to the next lead."""
    small = {lead: row // 4 for lead, row in rows.items()}
    ecg = read(put(scp(small, tables=two_tables, plan=lambda place: int(place >= 50)).bytes()))
    for lead, row in small.items():
        np.testing.assert_allclose(units(ecg, lead), row, atol=2e-4)


def test_a_section_of_no_tables_means_no_huffman_coding(scp, put, rows, units) -> None:
    """C# ECG Toolkit writes it for plain samples."""
    ecg = read(put(scp(rows, order=1, sections={2: struct.pack("<H", 0)}).bytes()))
    np.testing.assert_allclose(units(ecg, "V3"), rows["V3"], atol=2e-4)


@pytest.mark.parametrize(
    ("codes", "error"),
    [
        ([("0", 1, 1, 0), ("0", 1, 1, 1)], FormatError),
        ([("0", 1, 1, 0), ("01", 2, 1, 1)], FormatError),
        ([("0", 18, 1, 0)], FormatError),
        ([("00", 1, 1, 0)], FormatError),
        ([("0", 1, 2, 0)], FormatError),
        ([("0", 1, 0, 2)], FormatError),
        ([("0", 1, 0, 0)], FormatError),
        ([("0", 2, 0, 1)], FormatError),
        ([], FormatError),
        ([(f"{n:013b}", 13, 1, 0) for n in range(5000)], UnsafeFileError),
    ],
)
def test_tables_that_cannot_be(parts, codes, error) -> None:
    with pytest.raises(error):
        read_tables(parts["table_section"]([codes]))


def test_sections_of_tables_that_cannot_be(parts, default_codes) -> None:
    with pytest.raises(UnsafeFileError):
        read_tables(parts["table_section"]([default_codes] * 9))
    with pytest.raises(TruncatedError):
        read_tables(parts["table_section"]([default_codes])[:-1])


def test_bits_that_are_no_code(parts) -> None:
    tables = read_tables(parts["table_section"]([[("0", 1, 1, 5), ("10", 2, 0, 1)]]))
    assert decode(bytes([0b01001000]), 4, tables, "it").tolist() == [5, 5, 5, 5]
    with pytest.raises(FormatError, match="no code"):
        decode(bytes([0b01100000]), 2, tables, "it")
    with pytest.raises(TruncatedError):
        decode(bytes([0b10101010]), 1, tables, "it")
    with pytest.raises(TruncatedError):
        decode(bytes([0xFF, 0xC0]), 1, (scp_huffman.DEFAULT,), "it")
    assert decode(b"", 0, tables, "it").tolist() == []


def test_samples_that_are_too_few(scp, put, rows) -> None:
    made = scp(rows, ranges={lead: (1, 310) for lead in rows})
    for tables in (None, "default"):
        made.tables = tables
        with pytest.raises(TruncatedError, match=r"Lead I holds"):
            read(put(made.bytes()))
