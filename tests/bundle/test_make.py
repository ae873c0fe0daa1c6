"""A whole bundle of made-up wheels; that of the real ones is proved by tools/check_bundle.py."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from einthoven.bundle import fetch, make, make_bundle
from einthoven.ecg import DataError, FileError, UsageError

SERVED = {"tool": ["shell"], "shell": ['colours; sys_platform == "win32"'], "stray": []}


@pytest.fixture
def pip(make_wheel, tmp_path, monkeypatch) -> list[list[str]]:
    """A pip that, like the real one, answers markers by this computer; returns what it was asked."""
    asked: list[list[str]] = []

    def own(folder: Path, run) -> Path:
        return make_wheel(folder, "einthoven", requires=["tool>=1", 'big; extra == "train"'])

    def run_pip(words, show) -> None:
        asked.append(list(words))
        place = Path(words[words.index("--dest") + 1])
        for name, requires in SERVED.items():
            make_wheel(place, name, requires=requires)
        if "colours" in words:
            make_wheel(place, "colours")
        show("Collecting tool")

    monkeypatch.setattr(make, "own_wheel", own)
    monkeypatch.setattr(fetch, "run_pip", run_pip)
    return asked


def test_wheels_hashes_and_note(pip, tmp_path) -> None:
    said: list[str] = []
    made = make_bundle(tmp_path / "all.zip", python="3.12", show=said.append)
    assert made.platforms["linux-x86_64"] == tuple(f"{n}-1.0-py3-none-any.whl" for n in ("einthoven", "shell", "tool"))
    assert set(made.platforms["windows-x64"]) - set(made.platforms["linux-x86_64"]) == {"colours-1.0-py3-none-any.whl"}
    with ZipFile(tmp_path / "all.zip") as bundle:
        files = {name: bundle.read(name) for name in bundle.namelist()}
    for platform, wheels in made.platforms.items():
        lines = files[f"requirements-{platform}.txt"].decode().splitlines()
        assert lines == [
            f"{wheel.split('-')[0]}==1.0 --hash=sha256:{hashlib.sha256(files[f'wheels/{wheel}']).hexdigest()}"
            for wheel in wheels
        ]
    note = files["INSTALL.txt"].decode()
    parts = note.strip().split("\n\n")
    assert len(parts) == 3 and {len(part.splitlines()) for part in parts} == {3}
    assert all("--no-index" in part and "--require-hashes" in part and "3.12" in part for part in parts)
    assert "linux-x86_64: Collecting tool" in said
    assert (made.size, made.sha256) == (
        (tmp_path / "all.zip").stat().st_size,
        hashlib.sha256((tmp_path / "all.zip").read_bytes()).hexdigest(),
    )
    assert "://" not in note


def test_pip_is_asked_for_the_other_computer(pip, tmp_path) -> None:
    make_bundle(tmp_path / "w.zip", ["windows-x64"], "3.13")
    first, second = pip
    options = " ".join(first)
    for words in ("--only-binary=:all:", "--platform win_amd64", "--python-version 3.13", "--implementation cp"):
        assert words in options
    assert "--abi cp313 --abi abi3 --abi none" in options
    assert "colours" not in first and "colours" in second and "tool>=1" in second and "big" not in options


def test_the_same_wheels_make_the_same_bytes(pip, tmp_path) -> None:
    one, two = (make_bundle(tmp_path / name, ["macos-arm64"]) for name in ("one.zip", "two.zip"))
    assert one == two


def test_whole_or_not_at_all(pip, tmp_path, monkeypatch) -> None:
    out = tmp_path / "place" / "all.zip"
    out.parent.mkdir()
    out.write_bytes(b"old")

    def fail(words, show) -> None:
        raise DataError("no network")

    monkeypatch.setattr(fetch, "run_pip", fail)
    with pytest.raises(DataError):
        make_bundle(out)
    assert out.read_bytes() == b"old" and list(out.parent.iterdir()) == [out]


def test_packages_that_never_fit_are_no_endless_search(pip, tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(SERVED, "tool", ["shell>=7"])
    with pytest.raises(DataError, match=r"do not fit together \(shell>=7"):
        make_bundle(tmp_path / "x.zip", ["linux-x86_64"])
    assert len(pip) == fetch.ROUNDS


@pytest.mark.parametrize(
    ("name", "platforms", "python", "kind"),
    [
        ("x.tar", (), "3.11", UsageError),
        ("x.zip", ("amiga",), "3.11", UsageError),
        ("x.zip", (), "3.10", UsageError),
        ("x.zip", (), "3.11; rm", UsageError),
        ("none/x.zip", (), "3.11", FileError),
        ("folder.zip", (), "3.11", FileError),
    ],
)
def test_refused_before_anything_is_fetched(pip, tmp_path, name, platforms, python, kind) -> None:
    (tmp_path / "folder.zip").mkdir()
    with pytest.raises(kind):
        make_bundle(tmp_path / name, platforms, python)
    assert not pip


def test_real_pip_installs_by_these_hashes_and_refuses_others(make_wheel, pip, tmp_path) -> None:
    make_bundle(tmp_path / "x.zip", ["linux-x86_64"])
    with ZipFile(tmp_path / "x.zip") as bundle:
        bundle.extractall(tmp_path / "x")
    words = "install --no-index --find-links wheels --require-hashes -r requirements-linux-x86_64.txt --target"
    install = [sys.executable, "-m", "pip", *words.split()]
    assert not subprocess.run([*install, "here"], cwd=tmp_path / "x", capture_output=True).returncode
    assert (tmp_path / "x" / "here" / "shell" / "__init__.py").is_file()
    make_wheel(tmp_path / "x" / "wheels", "shell", files=["evil.py"])
    assert subprocess.run([*install, "there"], cwd=tmp_path / "x", capture_output=True).returncode


def test_what_pip_says_is_told_without_addresses(tmp_path) -> None:
    line = fetch._told("  Looking in indexes: https://name:secret@host/simple\n", lambda text: None)
    assert line == "Looking in indexes: (address)"
    with pytest.raises(DataError, match="no-such-thing"):
        fetch.run_pip(["download", "--no-index", "no-such-thing"], lambda text: None)
