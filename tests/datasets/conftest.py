"""Made-up data sets in their published layouts."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np

from einthoven.ecg import ECG


def _element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + b"\0" * (-len(data) % 8)


def _array(kind: int, shape: tuple[int, ...], inner: bytes, name: str = "") -> bytes:
    head = _element(6, struct.pack("<II", kind, 0)) + _element(5, struct.pack(f"<{len(shape)}i", *shape))
    return _element(14, head + _element(1, name.encode()) + inner)


def write_cpsc(path: Path, ecg: ECG, sex: str = "Male", age: float = 74.0) -> None:
    """A MATLAB file as CPSC2018 has them: struct `ECG` of sex, age and data (12, samples) in mV."""
    data = np.asarray(ecg.signal, "<f8")
    fields = (
        _array(4, (1, len(sex)), _element(4, sex.encode("utf-16-le")))
        + _array(6, (1, 1), _element(9, struct.pack("<d", age)))
        + _array(6, data.shape, _element(9, data.tobytes(order="F")))
    )
    names = b"".join(name.ljust(8, b"\0") for name in (b"sex", b"age", b"data"))
    inner = struct.pack("<IHHi", 0, 0, 0, 0)[:0] + _element(5, struct.pack("<i", 8)) + _element(1, names) + fields
    header = b"MATLAB 5.0 MAT-file".ljust(124) + b"\0\1IM"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(header + _array(2, (1, 1), inner, "ECG"))
