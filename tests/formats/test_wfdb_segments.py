"""WFDB records in several segments, against `wfdb`."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import LEADS, FileError, FormatError, UnsafeFileError
from einthoven.formats import find, read

wfdb = pytest.importorskip("wfdb")


def _segment(folder: Path, name: str, leads, samples: int, gain: float = 200.0, fmt: str = "16") -> None:
    raw = np.random.default_rng(len(name) + samples).integers(-900, 900, (samples, len(leads)))
    wfdb.wrsamp(name, 500, ["mV"] * len(leads), list(leads), d_signal=raw, fmt=[fmt] * len(leads),
                adc_gain=[gain] * len(leads), baseline=[0] * len(leads), write_dir=str(folder))  # fmt: skip


def _same(path: Path) -> None:
    ours, theirs = read(path), wfdb.rdrecord(str(path.with_suffix("")))
    assert ours.samples == theirs.sig_len and ours.rate == theirs.fs
    for name, column in zip(theirs.sig_name, theirs.p_signal.T, strict=True):
        np.testing.assert_allclose(ours.lead(name), column, rtol=1e-6)


def test_fixed_layout(tmp_path: Path) -> None:
    _segment(tmp_path, "m_1", LEADS, 700)
    _segment(tmp_path, "m_2", LEADS, 300, gain=409.5, fmt="212")
    (tmp_path / "m.hea").write_text("m/3 12 500 1700\nm_1 700\nm_2 300\nm_1 700\n")
    _same(tmp_path / "m.hea")
    (tmp_path / "m.hea").write_text("m/4 12 500 1750\nm_1 700\n~ 50\nm_2 300\nm_1 700\n#Age: 44\n")
    ecg = read(tmp_path / "m")
    assert np.isnan(ecg.signal[:, 700:750]).all() and np.isnan(ecg.signal).sum() == 50 * 12
    assert ecg.patient.age == 44 and "segments" in {notice.kind for notice in ecg.notices}
    assert not ecg.derived and not ecg.missing


def test_variable_layout(tmp_path: Path) -> None:
    _segment(tmp_path, "m_1", ("I", "II", "V1"), 500)
    _segment(tmp_path, "m_2", ("V5", "I", "II"), 600, gain=1000.0)
    layout = "m_layout 5 500 0\n" + "".join(f"~ 0 200 16 0 0 0 0 {lead}\n" for lead in ("I", "II", "III", "V1", "V5"))
    (tmp_path / "m_layout.hea").write_text(layout)
    (tmp_path / "m.hea").write_text("m/4 5 500 1200\nm_layout 0\nm_1 500\n~ 100\nm_2 600\n")
    ours = read(tmp_path / "m.hea")
    theirs = wfdb.rdrecord(str(tmp_path / "m"))
    for lead in ("I", "II", "V1", "V5"):
        np.testing.assert_allclose(
            ours.lead(lead), theirs.p_signal[:, theirs.sig_name.index(lead)], rtol=1e-6, equal_nan=True
        )
    assert "V2" in ours.missing and "III" in ours.derived


def test_segments_are_parts_and_not_found_again(tmp_path: Path) -> None:
    _segment(tmp_path, "m_1", LEADS, 700)
    _segment(tmp_path, "other", LEADS, 700)
    (tmp_path / "m.hea").write_text("m/1 12 500 700\nm_1 700\n")
    assert [path.name for path in find([tmp_path])] == ["m.hea", "other.hea"]


def test_contradictions_are_refused(tmp_path: Path) -> None:
    _segment(tmp_path, "m_1", LEADS, 700)
    path = tmp_path / "m.hea"

    def refused(header: str, error: type[Exception], match: str = "") -> None:
        path.write_text(header)
        with pytest.raises(error, match=match):
            read(path)

    refused("m/1 12 500 700\nm_1 701\n", FormatError, "contradicts")
    refused("m/1 12 250 700\nm_1 700\n", FormatError, "contradicts")
    refused("m/1 12 500 701\nm_1 700\n", FormatError, "together")
    refused("m/2 12 500 1400\nm_1 700\nm 700\n", FormatError, "segments itself")
    refused("m/2 12 500 1400\nm_1 700\ngone 700\n", FileError, "segment")
    refused("m/1 12 500 700\n/etc/passwd 700\n", UnsafeFileError, "plain file name")
    text = (tmp_path / "m_1.hea").read_text()
    (tmp_path / "m_0.hea").write_text(text.replace("200.0(0)/mV", "0(0)/mV").replace("m_1 12", "m_0 12"))
    refused("m/2 12 500 1400\nm_1 700\nm_0 700\n", FormatError, "gain")
