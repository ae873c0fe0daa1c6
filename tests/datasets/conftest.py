"""Made-up data sets in their published layouts."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS

MIMIC_ORDER = ("I", "II", "III", "aVR", "aVF", "aVL", "V1", "V2", "V3", "V4", "V5", "V6")
COLUMNS = (
    "subject_id,study_id,cart_id,ecg_time," + ",".join(f"report_{n}" for n in range(18)) + ",bandwidth,filtering,"
    "rr_interval,p_onset,p_end,qrs_onset,qrs_end,t_end,p_axis,qrs_axis,t_axis"
)


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


class TinyMIMIC:
    """Writes a folder in the layout of MIMIC-IV-ECG."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listed = ["subject_id,study_id,file_name,ecg_time,path"]
        self.measured = [COLUMNS]

    def add(self, subject: int, study: int, ecg: ECG | None, said: dict[int, str], numbers: tuple[float, ...]) -> None:
        path = f"files/p{str(subject)[:4]}/p{subject}/s{study}/{study}"
        time = "2180-07-23 08:44:00"
        self.listed.append(f"{subject},{study},{study},{time},{path}")
        reports = ",".join(said.get(n, "") for n in range(18))
        self.measured.append(
            f"{subject},{study},6848296,{time},{reports},0.005-150 Hz,60 Hz notch," + ",".join(map(str, numbers))
        )
        if ecg is None:
            return
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        rows = ecg.signal[[LEADS.index(lead) for lead in MIMIC_ORDER]]
        digits = np.where(np.isnan(rows), -32768, np.rint(rows * 200)).astype("<i2")
        lines = [f"{study} 12 {ecg.rate:g} {ecg.samples}"]
        lines += [f"{study}.dat 16 200.0(0)/mV 16 0 0 0 0 {lead}" for lead in MIMIC_ORDER]
        file.with_suffix(".hea").write_text("\n".join(lines) + "\n")
        file.with_suffix(".dat").write_bytes(np.ascontiguousarray(digits.T).tobytes())

    def write(self) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "record_list.csv").write_text("\n".join(self.listed) + "\n")
        (self.folder / "machine_measurements.csv").write_text("\n".join(self.measured) + "\n")
        return self.folder


@pytest.fixture
def tiny_mimic(tmp_path: Path) -> TinyMIMIC:
    """An empty folder to write a made-up MIMIC-IV-ECG into."""
    return TinyMIMIC(tmp_path / "mimic")
