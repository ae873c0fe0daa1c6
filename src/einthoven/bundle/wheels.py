"""What wheels say of themselves, and what a set of them still lacks on some computer."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from email.parser import HeaderParser
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

from einthoven.ecg import FileError


@dataclass(frozen=True)
class Wheel:
    """A wheel on the disk: its normalised name, its version, and what it requires (PEP 508)."""

    path: Path
    name: str
    version: str
    requires: tuple[Requirement, ...]


def read_wheel(path: Path) -> Wheel:
    """The wheel in a file.

    Raises:
        FileError: no wheel, or one without readable metadata.
    """
    try:
        name, version, _, _ = parse_wheel_filename(path.name)
        with ZipFile(path) as archive:
            inside = next(n for n in archive.namelist() if n.count("/") == 1 and n.endswith(".dist-info/METADATA"))
            said = HeaderParser().parsestr(archive.read(inside).decode("utf-8"))
        requires = tuple(Requirement(line) for line in said.get_all("Requires-Dist", []))
    except (OSError, ValueError, BadZipFile, StopIteration) as fault:
        raise FileError(f"{path.name} is no readable wheel.", "Fetch it again.") from fault
    return Wheel(path, str(name), str(version), requires)


def needed(
    roots: Iterable[Requirement], wheels: Mapping[str, Wheel], environment: Mapping[str, str]
) -> tuple[list[Wheel], list[Requirement]]:
    """Which wheels an installation of `roots` takes, and which requirements no wheel meets.

    pip asks the computer that it runs on about markers such as `platform_system == "Windows"`,
    also when it fetches for another one; here they are answered by `environment`.

    Returns:
        Wheels by name, and the requirements that are unmet, each without its marker.
    """
    waiting = [(requirement, frozenset[str]()) for requirement in roots]
    seen: set[tuple[str, frozenset[str]]] = set()
    taken: dict[str, Wheel] = {}
    lacking: dict[str, Requirement] = {}
    while waiting:
        requirement, extras = waiting.pop()
        if not _applies(requirement, extras, environment):
            continue
        name = canonicalize_name(requirement.name)
        wheel = wheels.get(name)
        if wheel is None or not requirement.specifier.contains(wheel.version, prereleases=True):
            bare = Requirement(str(requirement))
            bare.marker = None
            lacking[str(bare)] = bare
            continue
        taken[name] = wheel
        state = (name, frozenset(requirement.extras))
        if state not in seen:
            seen.add(state)
            waiting += [(further, state[1]) for further in wheel.requires]
    return [taken[name] for name in sorted(taken)], [lacking[text] for text in sorted(lacking)]


def sha256(path: Path) -> str:
    """A file's SHA-256 in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _applies(requirement: Requirement, extras: frozenset[str], environment: Mapping[str, str]) -> bool:
    if requirement.marker is None:
        return True
    return any(requirement.marker.evaluate({**environment, "extra": extra}) for extra in (extras or {""}))
