"""What a set of wheels lacks on a computer, by PEP 508."""

from __future__ import annotations

import pytest
from packaging.requirements import Requirement

from einthoven.bundle import PLATFORMS
from einthoven.bundle.platforms import environment
from einthoven.bundle.wheels import needed, read_wheel, sha256
from einthoven.ecg import FileError

LINUX = environment(PLATFORMS["linux-x86_64"], "3.11")
WINDOWS = environment(PLATFORMS["windows-x64"], "3.11")


@pytest.fixture
def look(make_wheel, tmp_path):
    """What `needed` says of wheels given as {"name version": requirements}, with the first one as root."""

    def find(there, **wheels: list[str]):
        every = [read_wheel(make_wheel(tmp_path, name, "1.0", requires)) for name, requires in wheels.items()]
        roots = [Requirement(f"{every[0].name}==1.0")]
        taken, lacking = needed(roots, {wheel.name: wheel for wheel in every}, there)
        return [wheel.name for wheel in taken], [str(one) for one in lacking]

    return find


def test_a_requirement_of_one_system_is_lacking_there_alone(look) -> None:
    wheels = {"app": ["shell>=1"], "shell": ['colours; platform_system == "Windows"']}
    assert look(LINUX, **wheels) == (["app", "shell"], [])
    assert look(WINDOWS, **wheels) == (["app", "shell"], ["colours"])
    assert look(WINDOWS, **wheels, colours=[]) == (["app", "colours", "shell"], [])


def test_what_nobody_needs_is_not_taken(look) -> None:
    assert look(LINUX, app=[], stray=["app"])[0] == ["app"]


def test_extras_bring_theirs_and_circles_end(look) -> None:
    wheels = {
        "app": ["tool[fast]"],
        "tool": ['speed; extra == "fast"', 'slow; extra == "other"', "app"],
        "speed": ["tool"],
    }
    assert look(LINUX, **wheels) == (["app", "speed", "tool"], [])


def test_a_version_that_does_not_fit_is_lacking(look) -> None:
    assert look(LINUX, app=["tool>=2"], tool=[])[1] == ["tool>=2"]
    assert look(LINUX, app=['tool>=2; python_version < "3.11"', "tool"], tool=[])[1] == []


def test_a_file_that_is_no_wheel_is_refused(tmp_path, make_wheel) -> None:
    whole = make_wheel(tmp_path, "app")
    assert len(sha256(whole)) == 64
    for name, data in {"app.whl": whole.read_bytes(), "b-1.0-py3-none-any.whl": whole.read_bytes()[:100]}.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(FileError, match="no readable wheel"):
            read_wheel(tmp_path / name)
