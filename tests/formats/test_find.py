"""Which files of a folder are ECGs."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from einthoven.ecg import FileError
from einthoven.formats import find


@pytest.fixture
def folder(tmp_path: Path, write_record, write_dicom) -> Path:
    write_record("b")
    write_record("a")
    write_dicom(name="c.img")
    (tmp_path / "sub").mkdir()
    for name in ("a.hea", "a.dat"):
        (tmp_path / "sub" / name).write_bytes((tmp_path / name).read_bytes())
    for name in ("notes.txt", "table.tsv", "a.atr", ".hidden.hea"):
        (tmp_path / name).write_bytes(b"0\t1\n1\t4\n")
    (tmp_path / "empty").touch()
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "x.hea").write_bytes((tmp_path / "a.hea").read_bytes())
    (tmp_path / "sub" / "loop").symlink_to(tmp_path)
    (tmp_path / "broken").symlink_to("gone")
    os.mkfifo(tmp_path / "pipe")
    return tmp_path


def test_a_folder(folder: Path) -> None:
    assert list(find([folder])) == [folder / name for name in ("a.hea", "b.hea", "c.img", "sub/a.hea")]


def test_each_once_and_in_the_order_of_the_sources(folder: Path) -> None:
    sources = [folder / "b.dat", folder / "b", folder, folder / "sub"]
    assert [path.relative_to(folder).as_posix() for path in find(sources)] == [
        "b.hea",
        "a.hea",
        "c.img",
        "sub/a.hea",
    ]


def test_named_files_are_there_whatever_they_hold(folder: Path) -> None:
    assert list(find([folder / "notes.txt", folder / "empty"])) == [folder / "notes.txt", folder / "empty"]


def test_missing_sources(folder: Path) -> None:
    for name in ("gone", "broken", "x" * 300, "nul\0"):
        with pytest.raises(FileError):
            list(find([folder / name]))


def test_folders_deeper_than_calls(tmp_path: Path, write_record, monkeypatch) -> None:
    write_record("a")
    depth = 1200
    monkeypatch.chdir(tmp_path)
    for _ in range(depth):
        Path("d").mkdir()
        os.chdir("d")
    try:
        assert list(find([tmp_path])) == [tmp_path / "a.hea"]
    finally:
        for _ in range(depth):
            os.chdir("..")
            Path("d").rmdir()
