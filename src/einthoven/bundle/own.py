"""Einthoven's own wheel, from its source tree or from the files that are installed."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from importlib.metadata import Distribution, distributions
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import einthoven
from einthoven.ecg import FileError

PACKAGE = Path(einthoven.__file__).resolve().parent
ASSETS = ("assets/model/model.onnx", "assets/model/config.json", "assets/archive/archive.json")
_INSTALLERS = {"RECORD", "INSTALLER", "REQUESTED", "direct_url.json", "uv_cache.json", "uv_build.json"}
_REINSTALL = "Reinstall it, or run this command from the source tree."


def own_wheel(folder: Path, pip: Callable[[Sequence[str]], None]) -> Path:
    """Writes Einthoven's wheel into `folder`: built by `pip` from the source tree, or packed from what is installed.

    Raises:
        FileError: neither a source tree nor a whole installation, or one without model and archive.
    """
    project = PACKAGE.parent.parent / "pyproject.toml"
    if PACKAGE.parent.name == "src" and project.is_file():
        pip(["wheel", "--no-deps", "--wheel-dir", str(folder), str(project.parent)])
        wheel = next(folder.glob("einthoven-*.whl"))
    else:
        wheel = pack_installed(_installed(), folder)
    with ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    lacking = [name for name in ASSETS if f"einthoven/{name}" not in inside]
    if lacking:
        raise FileError(f"Einthoven's wheel would come without {', '.join(lacking)}.", _REINSTALL)
    return wheel


def pack_installed(distribution: Distribution, folder: Path) -> Path:
    """The wheel that an installation came from, packed again from the files that its RECORD lists.

    Raises:
        FileError: RECORD or a file is missing, or a file is not what was installed.
    """
    root = Path(str(distribution.locate_file("")))
    rows = list(csv.reader(io.StringIO(distribution.read_text("RECORD") or "")))
    info = next((row[0].partition("/")[0] for row in rows if row and row[0].endswith(".dist-info/METADATA")), None)
    if info is None:
        raise FileError("The installation of Einthoven has no record of its files.", _REINSTALL)
    kept = []
    for name, digest, *_ in rows:
        parts = name.split("/")
        own = parts[0] == info and parts[-1] not in _INSTALLERS
        if (own or parts[0] == "einthoven") and "__pycache__" not in parts:
            kept.append((name, _unchanged(root, name, digest), digest))
    said = (distribution.read_text("WHEEL") or "").splitlines()
    tag = next((line.partition(":")[2].strip() for line in said if line.startswith("Tag:")), "py3-none-any")
    wheel = folder / f"{info.removesuffix('.dist-info')}-{tag}.whl"
    with ZipFile(wheel, "w", ZIP_DEFLATED) as archive:
        for name, data, _ in kept:
            archive.writestr(_entry(name), data)
        record = [f"{name},{digest},{len(data)}\n" for name, data, digest in kept]
        archive.writestr(_entry(f"{info}/RECORD"), "".join([*record, f"{info}/RECORD,,\n"]))
    return wheel


def _entry(name: str) -> ZipInfo:
    """The same bytes give the same wheel: no time of day in it."""
    entry = ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = ZIP_DEFLATED
    entry.external_attr = 0o644 << 16
    return entry


def _unchanged(root: Path, name: str, digest: str) -> bytes:
    try:
        data = (root / name).read_bytes()
    except OSError as fault:
        raise FileError(f"The installed file {name} cannot be read ({fault.strerror}).", _REINSTALL) from fault
    found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    if digest != f"sha256={found}":
        raise FileError(f"The installed file {name} is not as it was installed.", _REINSTALL)
    return data


def _installed() -> Distribution:
    """The distribution whose files are those that run."""
    for found in distributions(name="einthoven"):
        if Path(str(found.locate_file("einthoven"))).resolve() == PACKAGE:
            return found
    raise FileError("This Einthoven is neither installed nor in its source tree, so it has no wheel.", _REINSTALL)
