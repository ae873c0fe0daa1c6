"""Einthoven's own wheel, packed again from an installation."""

from __future__ import annotations

import subprocess
import sys
from importlib.metadata import Distribution, distributions
from pathlib import Path
from zipfile import ZipFile

import pytest

from einthoven.bundle import own
from einthoven.bundle.own import ASSETS, own_wheel, pack_installed
from einthoven.bundle.wheels import read_wheel
from einthoven.ecg import FileError


@pytest.fixture
def wheel(make_wheel, tmp_path) -> Path:
    """A wheel of the name, with a model and an archive in it, or what looks like them."""
    return make_wheel(tmp_path, "einthoven", requires=["numpy>=2"], files=["__init__.py", "cli.py", *ASSETS])


@pytest.fixture
def installed(wheel: Path, tmp_path) -> Distribution:
    """The same, installed by pip."""
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", str(target), str(wheel)], check=True)
    return next(iter(distributions(name="einthoven", path=[str(target)])))


def contents(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_an_installation_gives_its_wheel_back(wheel: Path, installed: Distribution, tmp_path) -> None:
    again = pack_installed(installed, tmp_path)
    before, after = contents(wheel), contents(again)
    record = "einthoven-1.0.dist-info/RECORD"
    assert set(before.pop(record).splitlines()) == set(after.pop(record).splitlines())
    assert before == after and again.name == wheel.name
    assert [str(one) for one in read_wheel(again).requires] == ["numpy>=2"]
    assert pack_installed(installed, tmp_path).read_bytes() == again.read_bytes()


def test_a_changed_or_missing_file_is_named(installed: Distribution, tmp_path) -> None:
    file = Path(str(installed.locate_file("einthoven/cli.py")))
    file.write_text("print('other')\n")
    with pytest.raises(FileError, match=r"einthoven/cli\.py is not as it was installed"):
        pack_installed(installed, tmp_path)
    file.unlink()
    with pytest.raises(FileError, match=r"einthoven/cli\.py cannot be read"):
        pack_installed(installed, tmp_path)


def test_a_source_tree_is_built_by_pip(make_wheel, wheel: Path, tmp_path, monkeypatch) -> None:
    (tmp_path / "src" / "einthoven").mkdir(parents=True)
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setattr(own, "PACKAGE", tmp_path / "src" / "einthoven")
    asked: list[list[str]] = []

    def pip(words: list[str], files=("__init__.py", *ASSETS)) -> None:
        asked.append(list(words))
        make_wheel(tmp_path / "out", "einthoven", files=files)

    assert own_wheel(tmp_path / "out", pip).name == wheel.name
    assert asked == [["wheel", "--no-deps", "--wheel-dir", str(tmp_path / "out"), str(tmp_path)]]
    with pytest.raises(FileError, match=r"without assets/archive/archive\.json"):
        own_wheel(tmp_path / "out", lambda words: pip(words, ASSETS[:2]))


def test_what_is_neither_installed_nor_a_source_tree_is_refused(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(own, "PACKAGE", tmp_path / "einthoven")
    with pytest.raises(FileError, match="neither installed nor in its source tree"):
        own_wheel(tmp_path, lambda words: None)
