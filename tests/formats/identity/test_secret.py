"""A secret file is made once, for its owner alone, and refused where others may read it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from einthoven.ecg import FileError, UsageError
from einthoven.formats.identity import read_secret, secret_of


def test_made_on_demand(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    key, made = read_secret(path)
    assert made and len(key) == 32 and stat.S_IMODE(path.stat().st_mode) == 0o600
    assert read_secret(path) == (key, False)
    assert read_secret(tmp_path / "other")[0] != key


def test_a_text_of_ones_own(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_bytes(b"a sentence that nobody knows\r\n")
    path.chmod(0o600)
    assert read_secret(path) == (b"a sentence that nobody knows", False)
    assert secret_of("A1" * 32) == bytes.fromhex("a1" * 32)


@pytest.mark.skipif(os.name != "posix", reason="permissions as POSIX has them")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_others_may_not_read_it(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "secret"
    read_secret(path)
    path.chmod(mode)
    with pytest.raises(UsageError, match="Others may read") as caught:
        read_secret(path)
    assert "chmod 600" in caught.value.mend and path.read_text().strip() not in str(caught.value)


def test_what_is_no_secret_file(tmp_path: Path) -> None:
    (tmp_path / "short").write_text("short")
    with pytest.raises(UsageError, match="could be guessed"):
        read_secret(tmp_path / "short")
    (tmp_path / "empty").touch()
    for path in (tmp_path, tmp_path / "empty", tmp_path / "none" / "secret"):
        with pytest.raises(FileError):
            read_secret(path)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileError):
        read_secret(tmp_path / "link")
