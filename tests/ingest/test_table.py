"""Tables of text as hospitals export them, and lists that no spreadsheet acts upon."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import EinthovenError, FormatError, UsageError
from einthoven.ingest.table import harmless, read_table, write_table


@pytest.fixture
def put(tmp_path: Path):
    def write(data: bytes) -> Path:
        (tmp_path / "t.csv").write_bytes(data)
        return tmp_path / "t.csv"

    return write


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_encodings_and_separators(put, encoding: str, separator: str, newline: str) -> None:
    quoted = f'"Sinusrhythmus, {separator} ST-Hebung{newline}in ""V2"""'
    lines = [
        separator.join(("Datei", "Befund, ärztlich" if separator != "," else "Befund")),
        f"a.xml{separator}{quoted}",
    ]
    table = read_table(put((newline.join(lines) + newline).encode(encoding)))
    assert table.columns[0] == "Datei" and table.ragged == ()
    assert table.rows == ((1, ("a.xml", f'Sinusrhythmus, {separator} ST-Hebung{newline}in "V2"')),)


def test_quoted_names_of_columns_may_hold_the_other_separator(put) -> None:
    table = read_table(put(b'"a;b;c;d",x\n1,2\n'))
    assert table.columns == ("a;b;c;d", "x")


def test_ragged_rows_are_named_not_guessed(put) -> None:
    table = read_table(put(b"a,b\n1,2\n1\n1,2,3\n\n3,4\n"))
    assert [row for row, _ in table.rows] == [1, 4] and table.ragged == (2, 3)


@pytest.mark.parametrize("data", [b'a,b\n1,"2\n3,4\n', b'a,b\n1,"x"y"\n', b"", b"\n\n", b"\0\0\0\0a", b"%PDF\0\1"])
def test_no_table(put, data: bytes) -> None:
    with pytest.raises(EinthovenError) as refused:
        read_table(put(data))
    assert refused.value.mend


def test_columns_are_found_whatever_their_case_and_errors_name_those_that_exist(put) -> None:
    table = read_table(put(b"Patient-ID;Befund\x1b[2J;befund\n1;2;3\n"))
    assert table.place("patient id") == 0 and table.place("befund") == 2
    with pytest.raises(UsageError, match="no column 'report'") as refused:
        table.place("report")
    assert "'Patient-ID', 'Befund', 'befund'" in refused.value.mend
    with pytest.raises(UsageError, match="several"):
        table.place("BEFUND")
    assert table.guess(["patient id", "pid"], "patient") == 0
    with pytest.raises(UsageError, match="--key"):
        table.guess(["order"], "order")


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=120) | st.text(st.sampled_from('a,;"\n\r\t|é'), max_size=60).map(str.encode))
def test_whatever_the_bytes(tmp_path_factory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(data)
    try:
        table = read_table(path)
    except EinthovenError as error:
        assert error.message
    else:
        assert all(len(cells) == len(table.columns) for _, cells in table.rows)


def test_long_cells_are_read_and_absurd_ones_refused(put) -> None:
    text = b"x" * 500_000
    assert len(read_table(put(b"a,b\n1," + text + b"\n")).rows[0][1][1]) == 500_000
    with pytest.raises(FormatError):
        read_table(put(b"a,b\n1," + text * 3 + b"\n"))
    assert csv.field_size_limit() == 131_072


HOSTILE = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\x1b[31m=1", "=cmd|' /C calc'!A0", "\u202e=1")


@pytest.mark.parametrize("cell", HOSTILE)
def test_no_formula_and_no_escape_is_written(tmp_path, cell: str) -> None:
    write_table(tmp_path / "out.csv", ("file",), [(cell,), ("plain",)])
    text = (tmp_path / "out.csv").read_text("utf-8-sig")
    rows = list(csv.reader(text.splitlines()))
    assert rows[1][0].startswith("'") and rows[2] == ["plain"]
    assert "\x1b" not in text and "\r" not in text and "\u202e" not in text


@given(st.text(max_size=50))
def test_cells_are_harmless(text: str) -> None:
    cell = harmless(text)
    assert cell.isprintable() and cell[:1] not in set("=+-@\t\r")
