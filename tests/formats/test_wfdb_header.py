"""Headers that are hostile, damaged or of a kind that is not read."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.ecg import (
    EinthovenError,
    FileError,
    FormatError,
    SignalError,
    TruncatedError,
    UnsafeFileError,
)
from einthoven.formats import read
from einthoven.formats.wfdb_header import is_header, parse_header

ONE = "r 1 500 1000\nr.dat 16 1000/mV 16 0 0 0 0 II\n"


@pytest.mark.parametrize(
    "name",
    [
        "../r.dat",
        "..",
        "/etc/passwd",
        "a/b.dat",
        "https://host/r.dat",
        "file:r.dat",
        r"C:\x.dat",
        "C:x.dat",
        r"\\host\x",
        "~",
        "-",
        "a\x1b[31m.dat",
    ],
)
def test_file_names_that_leave_the_folder(write_record, name: str) -> None:
    with pytest.raises(UnsafeFileError) as refused:
        read(write_record(header=ONE.replace("r.dat", name)))
    assert "\x1b" not in str(refused.value)


def test_link_that_leaves_the_folder(write_record, tmp_path: Path) -> None:
    path = write_record()
    inside, outside = tmp_path / "inside", tmp_path / "r.dat"
    inside.mkdir()
    (inside / "r.hea").write_text(path.read_text())
    (inside / "r.dat").symlink_to(outside)
    with pytest.raises(UnsafeFileError, match="link"):
        read(inside / "r.hea")
    (inside / "r.dat").unlink()
    (inside / "real.dat").write_bytes(outside.read_bytes())
    (inside / "r.dat").symlink_to("real.dat")
    assert read(inside / "r.hea").samples == 1000


@pytest.mark.parametrize(
    ("header", "error"),
    [
        ("r 33 500 10\n" + "r.dat 16\n" * 33, UnsafeFileError),
        ("r 999999999 500 10\nr.dat 16\n", UnsafeFileError),
        ("r 1 49 1000\nr.dat 16 1000 16 0 0 0 0 I\n", SignalError),
        ("r 1 20001 1000\nr.dat 16 1000 16 0 0 0 0 I\n", SignalError),
        ("r 1 1e999 1000\nr.dat 16 1000 16 0 0 0 0 I\n", SignalError),
        ("r 1 500 1800001\nr.dat 16 1000 16 0 0 0 0 I\n", SignalError),
        ("r 1 500 999999999999999\nr.dat 16 1000 16 0 0 0 0 I\n", SignalError),
        ("r 2 500 1000\nr.dat 16 1000 16 0 0 0 0 I\n", TruncatedError),
        ("r 12 500 1000\n", TruncatedError),
        ("r/3 12 500 3000\na 1000\nb 1000\nc 1000\n", FileError),
        ("r/3 12 500 3000\na 1000\nb 1000\n", TruncatedError),
        ("r/2 12 500 3000\na 1000\nb\n", FormatError),
        ("r/0 12 500 3000\n", UnsafeFileError),
        ("r/9999 12 500 3000\n" + "a 1\n" * 9999, UnsafeFileError),
        ("r/2 12 500\n~ 1000\n~ 999999999999\n", SignalError),
        ("r/1 12 500 1000\n../a 1000\n", UnsafeFileError),
        ("r/1 12 500 1000\nr 1000\n", FormatError),
        ("r/2 12 500 1000\n~ 500\n~ 500\n", FormatError),
        ("r 0 500\n", FormatError),
        ("r 1\nr.dat 16 1000 16 0 0 0 0 I\n", FormatError),
        ("r 1 500 1000\nr.dat 16x0 1000 16 0 0 0 0 I\n", UnsafeFileError),
        ("r 1 500 1000\nr.dat 16x999999999 1000 16 0 0 0 0 I\n", UnsafeFileError),
        ("r 1 500 1000\nr.dat 16x100 1000 16 0 0 0 0 I\n", SignalError),
        ("r 2 500 100\nr.dat 16 9 16 0 0 0 0 I\nr.dat 16x2 9 16 0 0 0 0 II\n", FormatError),
        ("r 1 500 1000\nr.dat 9 1000 16 0 0 0 0 I\n", FormatError),
        ("r 1 500 1000\nr.dat 516 1000 16 0 0 0 0 I\n", FormatError),
        ("r 1 500 1000\nr.dat 16 1e-300/mV 16 0 0 0 0 I\n", FormatError),
        ("r 1 500 1000\nr.dat 16 abc 16 0 0 0 0 I\n", FormatError),
        ("r 2 500 100\nr.dat 16 1 16 0 0 0 0 I\nr.dat 212 1 16 0 0 0 0 II\n", FormatError),
        ("r 3 500 9\nr.dat 16 1 0 0 0 0 0 I\nr2.dat 16 1 0 0 0 0 0 II\nr.dat 16 1 0 0 0 0 0 V1\n", FormatError),
        ("r 1 500 1000\nr.dat 16 1000 16 0 0 0 0 RESP\n", SignalError),
        ("r 2 500 1000\nr.dat 16 9 16 0 0 0 0 I\nr.dat 16 9 16 0 0 0 0 I\n", SignalError),
        ("r 1 500 1000\ngone.dat 16 1000 16 0 0 0 0 I\n", FileError),
        ("r 1 500 1000\nr.dat 16+999999999999 1000 16 0 0 0 0 I\n", TruncatedError),
        ("r 1 500\nr.dat 16+999999999999 1000 16 0 0 0 0 I\n", TruncatedError),
    ],
)
def test_refusals_say_what_and_what_to_do(write_record, header: str, error: type[EinthovenError]) -> None:
    with pytest.raises(error) as refused:
        read(write_record(header=header))
    assert refused.value.message and refused.value.mend and "Traceback" not in str(refused.value)


def test_numbers_too_long_for_python_are_no_numbers(write_record) -> None:
    with pytest.raises(EinthovenError):
        read(write_record(header=f"r 1 500 {'9' * 5000}\nr.dat 16\n"))


def test_defaults_of_short_signal_lines() -> None:
    channel = parse_header(b"r 1 500\nr.dat 16\n").channels[0]
    assert (channel.gain, channel.baseline, channel.units, channel.checksum) == (None, 0, "", None)
    channel = parse_header(b"# note\r\nr 1 500/1000(5) 0\r\nr.dat 212:2+8 -20.5e1(-4)/\xb5V 12 1024\r\n").channels[0]
    assert channel[1:9] == (212, 1, 2, 8, -205.0, -4, 0, "µV")


def test_adc_zero_is_the_baseline_where_none_is_given() -> None:
    assert parse_header(b"r 1 360\nr.dat 212 200 11 1024 995 -22131 0 MLII\n").channels[0].baseline == 1024


@pytest.mark.parametrize("when", ["10:20:30", "10:20:30 31/02/2020", "99:00:00 01/01/2020", "05-May-2020 14:50:55"])
def test_times_are_not_guessed(when: str) -> None:
    header = parse_header(ONE.replace("1000", f"1000 {when}", 1).encode())
    assert header.time is None and header.notices[0].kind == "unread-time"


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"0\t1\n1\t4\n",
        b"a,b\n1,2\n",
        b"Dear 12 leads\nhello 3\n",
        b"<xml/>",
        b"r 1 500 10\0\n",
        b"#only\n",
        b" ".join(b"%d" % n for n in range(1, 3000)),  # one long line of numbers, cut or not
        b"[" + b"\t".join(b"%d" % n for n in range(1, 3000)),
        b"[1 2 3 4 5 6 7 8]",
        b"1 2 3 4\n",
        b"12 16 500\n14 16 498\n",  # a table between blanks, with a format's number where a signal's would be
        b"12 16 500 3 7 2 1\n14 16 498 2 1 8 7\n",
        b"12/11/2020 10 3 1\nfoo bar\n",
        b"a: 12 500\n",
    ],
)
def test_other_texts_are_no_headers(text: bytes) -> None:
    assert not is_header(text)


@pytest.mark.parametrize(
    "text",
    [b"100 2 360 650000", b"a.b-c_1 12 500", b"r 1 500 10 0:10:20 01/02/2020\nr.dat 16\n", b"r 1\nr.dat 16 1000\n"],
)
def test_headers_that_are_short_are_headers(text: bytes) -> None:
    assert is_header(text)


@pytest.mark.parametrize("rate", ["nan", "NaN", "-inf", "infinity", "0", "-0.0", "1e300", "1e-300", "1e999", "-500"])
@pytest.mark.parametrize("header", [ONE, "r/1 12 500 1000\na 1000\n"])
def test_a_rate_that_is_none_is_named(write_record, header: str, rate: str) -> None:
    with pytest.raises(SignalError, match=r"sampling rate of \S+ Hz is no ECG's") as refused:
        read(write_record(header=header.replace("500", rate)))
    assert len(str(refused.value)) < 200


@pytest.mark.parametrize("rate", ["500Hz", "abc", "1,000", "500/nan"])
def test_a_damaged_record_line_is_named(write_record, rate: str) -> None:
    with pytest.raises(FormatError, match=f"first line of the WFDB header, 'r 1 {rate} 1000'"):
        read(write_record(header=ONE.replace("500", rate)))
