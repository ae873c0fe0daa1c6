"""Paths that hold no ECG, and what decides when they do."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from einthoven.ecg import FileError, FormatError, UnsafeFileError
from einthoven.formats import FORMATS, read


def test_paths_that_are_no_files(tmp_path: Path, monkeypatch) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "empty.dcm").touch()
    (tmp_path / "loop").symlink_to("loop")
    with socket.socket(socket.AF_UNIX) as listener:
        monkeypatch.chdir(tmp_path)  # names of sockets must be short
        listener.bind("socket")
    for name in (
        "gone",
        ".",
        "pipe",
        "socket",
        "empty.dcm",
        "loop",
        "a/b",
        "n" * 300,
        "nul\0",
        "empty.dcm/x",
    ):
        with pytest.raises(FileError) as refused:
            read(tmp_path / name)
        assert refused.value.mend
    for path in ("/dev/zero", "", "/", "https://host/x.dcm"):
        with pytest.raises(FileError):
            read(path)


def test_absurd_size_is_refused_without_reading(tmp_path: Path, write_dicom) -> None:
    path = write_dicom()
    with path.open("r+b") as file:
        file.truncate(64 * 2**20 + 1)  # sparse
    with pytest.raises(UnsafeFileError, match=r"64\.0 MB"):
        read(path)


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"%PDF-1.4\n", "PDF"),
        (b"PK\x03\x04" + bytes(9), "ZIP"),
        (b"<?xml version='1.0'?><SchillerEDI>", "root element SchillerEDI"),
        (b"\xff\xfe" + "<?xml?><a>".encode("utf-16-le"), "XML"),
        (b"a,b,c\nd,e,f\ng,h,i\n", "table"),
        (b"{}", "JSON"),
        (b"dear reader", "plain text"),
        (b"[section]\nrate = 500\n", "plain text"),
        (b"[[1, -2, 3.5e2], [4]]", "a JSON document"),
        (b"[" + b"1, " * 9000 + b"1]", "a JSON document"),
        (b"12 500 5000 " * 2000, "numbers between blanks"),
        (b"[12 500 5000 1\n 2 3 4 5]", "numbers between blanks"),
        (b"1.0e+00 -2.5e-01\n3.0e+00 4.0e+00\n", "numbers between blanks"),
        (bytes(range(256)) * 4, "binary"),
        (b"0       " + b" " * 300, "EDF recording with a damaged header"),
    ],
)
def test_refusal_names_the_content_and_what_is_read(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "x.dcm"
    path.write_bytes(content)
    with pytest.raises(FormatError, match=what) as refused:
        read(path)
    assert all(name in refused.value.mend for name in FORMATS)


@pytest.mark.parametrize("mark", [b",", b"\t", b";"])
def test_one_endless_line_of_numbers_is_no_wfdb_record(tmp_path: Path, mark: bytes) -> None:
    (tmp_path / "x").write_bytes(mark.join(b"%d" % n for n in range(1, 9000)))
    with pytest.raises(FormatError, match="first line of the text has over 8192 characters"):
        read(tmp_path / "x")


def test_the_suffix_decides_nothing(write_dicom, write_record, tmp_path: Path) -> None:
    assert read(write_dicom(name="r.dat")).format == "DICOM"
    header = write_record("s")
    renamed = header.rename(tmp_path / "s.dcm")
    assert read(renamed).format == "WFDB"
    assert read(os.fspath(renamed)).format in FORMATS


def test_dicom_beside_a_header_of_its_name(write_dicom, write_record) -> None:
    write_record("x")
    assert read(write_dicom(name="x.dcm")).format == "DICOM"


def test_signal_file_that_its_neighbour_does_not_name(write_record, tmp_path: Path) -> None:
    write_record()
    (tmp_path / "r.bin").write_bytes(bytes(range(256)))
    with pytest.raises(FormatError, match="binary"):
        read(tmp_path / "r.bin")


def test_names_of_files_are_printed_clean(tmp_path: Path) -> None:
    path = tmp_path / "a\x1b[2J\nb"
    path.write_bytes(b"text")
    with pytest.raises(FormatError) as refused:
        read(path)
    assert "\x1b" not in str(refused.value) and "\n" not in str(refused.value)


def test_unreadable_file(write_record) -> None:
    path = write_record()
    path.chmod(0)
    if os.access(path, os.R_OK):
        pytest.skip("permissions do not bind this user")
    with pytest.raises(FileError, match="may not be read"):
        read(path)
