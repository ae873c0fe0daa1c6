"""The bundle itself: wheels, hashes and an install note in one ZIP file, whole or not at all."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile, ZipInfo

from packaging.requirements import Requirement

from einthoven.bundle.fetch import Show, fetch, run_pip
from einthoven.bundle.own import own_wheel
from einthoven.bundle.platforms import PLATFORMS, check_python
from einthoven.bundle.wheels import Wheel, read_wheel, sha256
from einthoven.ecg import FileError, UsageError
from einthoven.ecg.moving import move

NOTE = "INSTALL.txt"
_NO_TIME = (1980, 1, 1, 0, 0, 0)  # the same wheels give the same bundle


@dataclass(frozen=True)
class Contents:
    """What a bundle holds: per platform its wheels' file names; `size` in bytes."""

    version: str
    python: str
    platforms: Mapping[str, tuple[str, ...]]
    size: int
    sha256: str


def make_bundle(
    out: Path, platforms: Sequence[str] = (), python: str = "3.11", show: Show = lambda text: None
) -> Contents:
    """Writes a ZIP file from which Einthoven is installed without a network.

    It holds `wheels/`, `requirements-PLATFORM.txt` with a SHA-256 for each wheel, and
    `INSTALL.txt`. Wheels come through pip and its configuration, into a folder beside `out` that is
    gone afterwards; what pip fetched stays in its cache, so that an interrupted call can be repeated.

    Args:
        out: where the file goes; it appears, or replaces an older one, at the end.
        platforms: keys of `PLATFORMS`; none means all.
        python: the version of Python on those computers.
        show: is told what is being done.

    Raises:
        UsageError: no such platform or Python, or a name that does not end in .zip.
        FileError: `out` cannot be written, or Einthoven's own files are not whole.
        MissingPackageError: pip is not installed.
        DataError: the wheels cannot be fetched.
    """
    names = list(dict.fromkeys(platforms or PLATFORMS))
    if unknown := [name for name in names if name not in PLATFORMS]:
        raise UsageError(f"There is no platform '{unknown[0]}'.", f"Choose from {', '.join(PLATFORMS)}.")
    check_python(python)
    if out.suffix.lower() != ".zip":
        raise UsageError(f"A bundle is a ZIP file, not '{out.suffix or out.name}'.", "Name a file that ends in .zip.")
    if out.is_dir():
        raise FileError(f"{out} is a folder.", "Name a file that ends in .zip.")
    try:
        with tempfile.TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as scratch:
            return _make(Path(scratch), out, names, python, show)
    except OSError as fault:
        raise FileError(
            f"{out} cannot be written: {fault.strerror}.", "Choose a folder that exists, is writable and has 1 GB free."
        ) from fault


def _make(scratch: Path, out: Path, names: Sequence[str], python: str, show: Show) -> Contents:
    show("Einthoven's own wheel")
    (scratch / "own").mkdir()
    own = read_wheel(own_wheel(scratch / "own", lambda words: run_pip(words, show)))
    roots = [Requirement(f"{own.name}=={own.version}")]
    sets = {}
    for name in names:

        def show_here(line: str, at: str = name) -> None:
            show(f"{at}: {line}")

        sets[name] = fetch(roots, own, PLATFORMS[name], python, scratch / name, show_here)
    show("writing")
    new = scratch / "bundle.zip"
    write_zip(new, sets, python)
    size, digest = new.stat().st_size, sha256(new)
    move(new, out)
    files = {name: tuple(wheel.path.name for wheel in wheels) for name, wheels in sets.items()}
    return Contents(own.version, python, files, size, digest)


def write_zip(path: Path, sets: Mapping[str, Sequence[Wheel]], python: str) -> None:
    """Writes the wheels of each platform, a file of requirements for each, and the install note."""
    every = {wheel.path.name: wheel.path for wheels in sets.values() for wheel in wheels}
    digests = {name: sha256(file) for name, file in every.items()}
    with ZipFile(path, "w", ZIP_STORED) as bundle:
        bundle.writestr(_text(NOTE), note(sets, python))
        for platform, wheels in sets.items():
            bundle.writestr(_text(_requirements(platform)), "".join(_pins(wheels, digests)))
        for name in sorted(every):
            entry = ZipInfo(f"wheels/{name}", _NO_TIME)
            entry.external_attr = 0o644 << 16
            entry.file_size = every[name].stat().st_size
            with every[name].open("rb") as source, bundle.open(entry, "w") as target:
                while block := source.read(2**20):
                    target.write(block)


def note(platforms: Iterable[str], python: str) -> str:
    """The install note: two lines a platform, the first of which installs and the second shows that it works."""
    parts = []
    for name in platforms:
        platform = PLATFORMS[name]
        install = platform.install.format(python=python, requirements=_requirements(name))
        parts.append(f"{platform.title}, with Python {python}, in this folder:\n{install}\n{platform.demo}\n")
    return "\n".join(parts)


def _pins(wheels: Iterable[Wheel], digests: Mapping[str, str]) -> Iterable[str]:
    return (f"{wheel.name}=={wheel.version} --hash=sha256:{digests[wheel.path.name]}\n" for wheel in wheels)


def _requirements(platform: str) -> str:
    return f"requirements-{platform}.txt"


def _text(name: str) -> ZipInfo:
    entry = ZipInfo(name, _NO_TIME)
    entry.external_attr = 0o644 << 16
    entry.compress_type = ZIP_DEFLATED
    return entry
