"""The computers that a bundle is made for: what pip calls them, and what packages ask about them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.ecg import UsageError


@dataclass(frozen=True)
class Platform:
    """One kind of computer.

    `tags` are the platform tags of wheels that run there (PEP 425, PEP 600), `markers` its
    answers to environment markers (PEP 508). `install` and `demo` are the two lines of the
    install note; `{python}` and `{requirements}` are filled in.
    """

    title: str
    tags: tuple[str, ...]
    markers: Mapping[str, str]
    install: str
    demo: str


_ARGUMENTS = "-m pip install --no-index --find-links wheels --require-hashes -r {requirements}"
_UNIX = (
    f"python{{python}} -m venv einthoven-env && einthoven-env/bin/python {_ARGUMENTS}",
    "einthoven-env/bin/einthoven demo",
)
_WINDOWS = (  # cmd /c, because PowerShell 5 knows no &&
    f'cmd /c "py -{{python}} -m venv einthoven-env && einthoven-env\\Scripts\\python {_ARGUMENTS}"',
    "einthoven-env\\Scripts\\einthoven demo",
)

PLATFORMS: Mapping[str, Platform] = {
    "linux-x86_64": Platform(
        "Linux on x86-64 with glibc 2.28 or newer",
        # manylinux_2_N is backwards compatible, but pip does not expand it by itself.
        (*(f"manylinux_2_{minor}_x86_64" for minor in range(28, 4, -1)), "manylinux2014_x86_64", "linux_x86_64"),
        {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux", "platform_machine": "x86_64"},
        *_UNIX,
    ),
    "macos-arm64": Platform(
        "macOS 14 or newer on Apple silicon",
        ("macosx_14_0_arm64",),  # pip takes those for older systems by itself
        {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin", "platform_machine": "arm64"},
        *_UNIX,
    ),
    "windows-x64": Platform(
        "Windows 10 or newer on x64",
        ("win_amd64",),
        {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows", "platform_machine": "AMD64"},
        *_WINDOWS,
    ),
}
"""By the names that `einthoven bundle --platform` takes."""


def environment(platform: Platform, python: str) -> dict[str, str]:
    """What a package's environment markers see on `platform` with CPython `python`, such as "3.11"."""
    return {
        **platform.markers,
        "platform_python_implementation": "CPython",
        "implementation_name": "cpython",
        "implementation_version": f"{python}.0",
        "python_version": python,
        "python_full_version": f"{python}.0",
        "platform_release": "",
        "platform_version": "",
    }


def check_python(python: str) -> str:
    """`python` itself, when it is a version that Einthoven runs on.

    Raises:
        UsageError: not of the form 3.N, or older than 3.11.
    """
    if not re.fullmatch(r"3\.\d{1,2}", python) or int(python[2:]) < 11:
        raise UsageError(f"'{python}' is no Python that Einthoven runs on.", "Name 3.11 or newer, as in --python 3.12.")
    return python
