"""Folders, patterns and archives: each ECG once, in order, and a word on everything else."""

from __future__ import annotations

import gc
import os
import zipfile
from pathlib import Path

import pytest

from einthoven.ecg import EinthovenError, FileError
from einthoven.formats import find, read
from einthoven.ingest import gather
from einthoven.testing import simulate


class Heard:
    def __init__(self) -> None:
        self.refused: dict[str, EinthovenError] = {}
        self.passed: dict[str, str] = {}

    def refuse(self, name: str, fault: EinthovenError) -> None:
        self.refused[name] = fault

    def pass_over(self, name: str, what: str) -> None:
        self.passed[name] = what


@pytest.fixture
def export(write_wfdb, tmp_path: Path) -> Path:
    """Two records, one of them in a ZIP file, beside what is no ECG."""
    folder = tmp_path / "export"
    write_wfdb(simulate(seed=1), "one", (), folder)
    write_wfdb(simulate(seed=2), "two", (), folder / "sub")
    (folder / "letter.pdf").write_bytes(b"%PDF-1.7")
    (folder / "nothing").touch()
    with zipfile.ZipFile(folder / "more.zip", "w") as archive:
        for path in (folder / "sub").iterdir():
            archive.write(path, f"in/{path.name}")
            path.unlink()
        archive.writestr("readme.txt", "no ECG")
        archive.writestr("../evil", "x")
    return folder


def test_a_folder_with_everything(export) -> None:
    heard = Heard()
    found = list(gather([export], heard))
    assert [item.name for item in found] == [f"{export}/more.zip: in/two.hea", f"{export}/one.hea"]
    assert all(read(item.path).samples for item in found)
    assert heard.passed == {
        str(export / "letter.pdf"): "a PDF document",
        str(export / "nothing"): "an empty file",
        f"{export}/more.zip: readme.txt": "plain text",
    }
    assert list(heard.refused) == [f"{export}/more.zip: ../evil"]


def test_unpacked_files_go_when_nobody_holds_them(export) -> None:
    found = list(gather([export / "more.zip"], Heard()))
    folder = found[0].folder.path
    assert folder.is_dir() and folder.stat().st_mode & 0o077 == 0
    found.clear()
    gc.collect()
    assert not folder.exists()


def test_patterns(export, monkeypatch) -> None:
    names = [item.name for item in gather([export / "**" / "*.hea"], Heard())]
    assert names == [f"{export}/one.hea"]
    monkeypatch.chdir(export)
    heard = Heard()
    assert [item.name for item in gather([Path("*")], heard)] == ["more.zip: in/two.hea", "one.hea"]
    assert "letter.pdf" in heard.passed
    with pytest.raises(FileError, match="pattern"):
        list(gather([Path("*.dcm")], Heard()))


def test_a_name_that_only_looks_like_a_pattern(write_wfdb, tmp_path) -> None:
    path = write_wfdb(simulate(), "a[1]", (), tmp_path)
    assert [item.path for item in gather([path], Heard())] == [path]


def test_each_once(export) -> None:
    found = list(gather([export / "one.dat", export / "one", export, export / "*.hea"], Heard()))
    assert [item.path.name for item in found] == ["one.hea", "two.hea"]


def test_a_damaged_archive_is_named_and_its_beginning_read(export, tmp_path) -> None:
    import tarfile

    with tarfile.open(tmp_path / "x.tar", "w") as archive:
        archive.add(export / "one.hea", "one.hea")
        archive.add(export / "one.dat", "one.dat")
        archive.add(export / "one.dat", "cut.dat")
    data = (tmp_path / "x.tar").read_bytes()
    (tmp_path / "x.tar").write_bytes(data[: len(data) * 2 // 3])
    heard = Heard()
    assert [item.path.name for item in gather([tmp_path / "x.tar"], heard)] == ["one.hea"]
    assert str(tmp_path / "x.tar") in heard.refused


def test_missing_and_named_files(export) -> None:
    with pytest.raises(FileError):
        list(gather([export / "gone"], Heard()))
    assert [item.path.name for item in gather([export / "letter.pdf"], Heard())] == ["letter.pdf"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_what_is_no_file_is_told_too(export, monkeypatch) -> None:
    """Links to folders, pipes and folders without permission were once left out without a word."""
    (export / "elsewhere").symlink_to(export.parent, target_is_directory=True)
    (export / "gone").symlink_to(export / "never")
    os.mkfifo(export / "pipe.hea")
    (export / "locked").mkdir()
    true = os.scandir

    def scandir(path):
        if Path(path).name == "locked":
            raise PermissionError(13, "no")
        return true(path)

    monkeypatch.setattr(os, "scandir", scandir)
    heard = Heard()
    found = list(gather([export], heard))
    assert sorted(item.path.name for item in found) == ["one.hea", "two.hea"]
    said = {Path(name).name: what for name, what in heard.passed.items()}
    assert said["elsewhere"] == "a link to a folder, which is not followed"
    assert said["gone"] == "a link to no file" and said["pipe.hea"] == "a pipe, device or socket"
    assert "may not be searched" in heard.refused[str(export / "locked")].message
    with pytest.raises(FileError, match="cannot be searched"):
        list(find([export]))


def test_hidden_entries_are_told_and_not_looked_at(export) -> None:
    """They were once left out without a word, whatever they held."""
    (export / ".one.hea").write_bytes((export / "one.hea").read_bytes())
    (export / ".set-aside").mkdir()
    (export / ".set-aside" / "x.hea").write_bytes((export / "one.hea").read_bytes())
    with zipfile.ZipFile(export / "mac.zip", "w") as archive:
        archive.writestr("__MACOSX/._x.dcm", "metadata")
        archive.writestr(".kept/x.hea", "r 12 500 5000")
    heard = Heard()
    assert [item.path.name for item in gather([export], heard)] == ["two.hea", "one.hea"]
    folder = "a hidden folder, which is not searched"
    told = {name: what for name, what in heard.passed.items() if "hidden" in what}
    assert told == {
        str(export / ".one.hea"): "a hidden file",
        str(export / ".set-aside"): folder,
        f"{export}/mac.zip: __MACOSX/._x.dcm": "a hidden file",
        f"{export}/mac.zip: .kept": folder,
    }
    assert [item.path.name for item in gather([export / ".set-aside"], Heard())] == ["x.hea"]  # named, it is searched
