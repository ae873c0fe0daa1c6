"""Running the command line in this process, and ECG files of known kind."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from einthoven.cli import main
from einthoven.ecg import ECG, LEADS


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`run("read", file)` is `einthoven read FILE`: exit code, standard output, standard error."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["einthoven", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as done:
            code = int(done.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture
def write_wfdb(tmp_path: Path) -> Callable[..., Path]:
    """Writes an ECG as WFDB format 16 in microvolt, and returns the header's path."""

    def write(ecg: ECG, name: str = "record", comments: tuple[str, ...] = (), folder: Path | None = None) -> Path:
        folder = folder or tmp_path
        folder.mkdir(parents=True, exist_ok=True)
        kept = [row for row, lead in enumerate(LEADS) if lead not in ecg.missing]
        signal = ecg.signal[kept]
        values = np.where(np.isnan(signal), -32768, np.rint(signal * 1000)).astype("<i2")
        (folder / f"{name}.dat").write_bytes(np.ascontiguousarray(values.T).tobytes())
        lines = [f"{name} {len(kept)} {ecg.rate:g} {ecg.samples}"]
        for row, digits in zip(kept, values, strict=True):
            check = int(digits.astype(np.int64).sum()) & 0xFFFF
            lines.append(f"{name}.dat 16 1000(0)/mV 16 0 {digits[0]} {check} 0 {LEADS[row]}")
        path = folder / f"{name}.hea"
        path.write_text("\n".join([*lines, *(f"#{line}" for line in comments)]) + "\n")
        return path

    return write
