"""Moving files and folders into place, where the system lets us and where it does not at first."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.ecg import moving
from einthoven.ecg.moving import move


def test_a_file_replaces_and_a_folder_goes_to_a_free_place(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new")
    (tmp_path / "old").write_text("old")
    move(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new" and not (tmp_path / "new").exists()
    (tmp_path / "folder").mkdir()
    move(tmp_path / "folder", tmp_path / "place")
    assert (tmp_path / "place").is_dir()
    with pytest.raises(FileNotFoundError):
        move(tmp_path / "folder", tmp_path / "elsewhere")


@pytest.fixture
def refused(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How often `Path.replace` still refuses, as Windows does while a file is open."""
    left = [0]
    really = Path.replace

    def replace(self: Path, target: Path) -> Path:
        if left[0]:
            left[0] -= 1
            raise PermissionError(13, "in use")
        return really(self, target)

    monkeypatch.setattr(Path, "replace", replace)
    return left


def test_windows_is_asked_again(tmp_path: Path, monkeypatch, refused) -> None:
    monkeypatch.setattr(moving, "PATIENCE_S", 5.0)
    (tmp_path / "new").write_text("new")
    refused[0] = 3
    move(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text() == "new" and refused == [0]


def test_patience_ends_and_other_systems_need_none(tmp_path: Path, monkeypatch, refused) -> None:
    (tmp_path / "new").write_text("new")
    for patience in (0.0, 0.1):
        monkeypatch.setattr(moving, "PATIENCE_S", patience)
        refused[0] = 1000
        with pytest.raises(PermissionError):
            move(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "new").read_text() == "new"
