"""Fetching wheels by pip, for another computer than this one."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from packaging.requirements import Requirement

from einthoven.bundle.platforms import Platform, environment
from einthoven.bundle.wheels import Wheel, needed, read_wheel
from einthoven.ecg import DataError, MissingPackageError

Show = Callable[[str], None]
ROUNDS = 5
_ADDRESS = re.compile(r"\w+://\S+")
_AGAIN = "Check that `pip download numpy` works here, then run the same command again: pip keeps what it fetched."


def fetch(
    roots: Sequence[Requirement], own: Wheel, platform: Platform, python: str, folder: Path, show: Show
) -> list[Wheel]:
    """Fetches the wheels that `own` takes on `platform` into new folders below `folder`.

    pip resolves; what packages require on that computer alone is then asked for as well, and
    pip resolves once more.

    Args:
        roots: what is to be installed; `own` is one of it, and not fetched.
        python: the version of Python there, such as "3.11".

    Returns:
        The wheels, by name, `own` among them.

    Raises:
        MissingPackageError: pip is not installed.
        DataError: pip fetches nothing: no network, or no wheel for that computer.
    """
    there = environment(platform, python)
    asked = list(own.requires)
    asked = [one for one in asked if one.marker is None or one.marker.evaluate({**there, "extra": ""})]
    words = {str(_bare(one)) for one in asked}
    for number in range(ROUNDS):
        place = folder / f"round-{number}"
        place.mkdir(parents=True)
        run_pip(["download", *_options(platform, python), "--dest", str(place), *sorted(words)], show)
        wheels = [own, *(read_wheel(path) for path in sorted(place.glob("*.whl")))]
        taken, lacking = needed(roots, {wheel.name: wheel for wheel in wheels}, there)
        if not lacking:
            return taken
        words |= {str(one) for one in lacking}
    raise DataError(f"The packages for {platform.title} do not fit together ({lacking[0]} is not met).", _AGAIN)


def run_pip(words: Sequence[str], show: Show) -> None:
    """Runs pip with its own configuration: index, proxy and certificates are those that the user set.

    Raises:
        MissingPackageError: pip is not installed.
        DataError: pip fails; with what it says, addresses left out, for they may hold passwords.
    """
    if importlib.util.find_spec("pip") is None:
        raise MissingPackageError("This command needs pip.", "Install it: python -m ensurepip.")
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", errors="replace"
    ) as working:
        try:
            said = [_told(line, show) for line in working.stdout or ()]
        except BaseException:
            working.kill()
            raise
    if working.returncode:
        if any("Retrying (" in line for line in said):  # pip itself then says only that it found no version
            raise DataError("pip cannot reach its package index.", _AGAIN)
        errors = [line.removeprefix("ERROR:").strip() for line in said if line.startswith("ERROR:")]
        raise DataError(f"pip could not do it: {errors[-1] if errors else 'no reason given'}", _AGAIN)


def _told(line: str, show: Show) -> str:
    line = _ADDRESS.sub("(address)", line.strip())
    if line.startswith(("Collecting", "Downloading", "Using cached", "Processing", "Building", "Saved")):
        show(line[:100])
    return line


def _options(platform: Platform, python: str) -> list[str]:
    tags = [word for tag in platform.tags for word in ("--platform", tag)]
    abis = [word for abi in (f"cp{python.replace('.', '')}", "abi3", "none") for word in ("--abi", abi)]
    return ["--only-binary=:all:", *tags, "--python-version", python, "--implementation", "cp", *abis]


def _bare(requirement: Requirement) -> Requirement:
    bare = Requirement(str(requirement))
    bare.marker = None
    return bare
