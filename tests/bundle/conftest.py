"""Made-up wheels, and a pip that serves them."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

WHEEL = "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def record_line(name: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"{name},sha256={digest},{len(data)}\n"


@pytest.fixture
def make_wheel() -> Callable[..., Path]:
    """Writes a wheel that pip can install; `files` go into its package."""

    def make(
        folder: Path,
        name: str,
        version: str = "1.0",
        requires: Sequence[str] = (),
        files: Sequence[str] = ("__init__.py",),
    ) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}"]
        lines += [f"Requires-Dist: {one}" for one in requires]
        info = f"{name}-{version}.dist-info"
        parts = {f"{name}/{file}": f"# {file}\n".encode() for file in files}
        parts |= {f"{info}/METADATA": "\n".join([*lines, "", ""]).encode(), f"{info}/WHEEL": WHEEL.encode()}
        path = folder / f"{name}-{version}-py3-none-any.whl"
        record = "".join(record_line(*part) for part in parts.items()) + f"{info}/RECORD,,\n"
        with ZipFile(path, "w") as archive:
            for inside, data in {**parts, f"{info}/RECORD": record.encode()}.items():
                archive.writestr(ZipInfo(inside), data)  # always of the same date
        return path

    return make
