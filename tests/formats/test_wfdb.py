"""WFDB records against the `wfdb` package, which reads and writes them independently."""

from __future__ import annotations

import re
import shutil
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import LEADS, FormatError, canonical
from einthoven.formats import read

wfdb = pytest.importorskip("wfdb")
BITS = {"16": 16, "24": 24, "32": 32, "61": 16, "80": 8, "160": 16, "212": 12}


def _write(folder: Path, form: str, **what: object) -> None:
    """By `wfdb`; the two formats that it reads but does not write are turned from its format 16."""
    wfdb.wrsamp("r", fmt=[form if form not in {"61", "160"} else "16"] * 12, write_dir=str(folder), **what)
    if form in {"61", "160"}:
        stored = np.frombuffer((folder / "r.dat").read_bytes(), "<i2")
        turned = stored.astype(">i2") if form == "61" else (stored.astype(int) + 2**15).astype("<u2")
        (folder / "r.dat").write_bytes(turned.tobytes())
        header = (folder / "r.hea").read_text()
        (folder / "r.hea").write_text(header.replace("r.dat 16 ", f"r.dat {form} "))


def _same(path: Path, reference: Path) -> None:
    ecg, expected = read(path), wfdb.rdrecord(str(reference.with_suffix("")))
    assert ecg.rate == expected.fs and ecg.samples == expected.sig_len
    for name, column in zip(expected.sig_name, expected.p_signal.T, strict=True):
        if canonical(name):
            row = ecg.lead(name)
            assert np.array_equal(np.isnan(row), np.isnan(column))
            np.testing.assert_allclose(row, column, rtol=1e-6, atol=1e-6 * np.nanmax(np.abs(column)))


@pytest.mark.parametrize("form", BITS)
@pytest.mark.parametrize(("rate", "seconds"), [(100, 60), (500, 2), (1000, 3.001)])
def test_any_format_gain_and_baseline(tmp_path: Path, form: str, rate: int, seconds: float) -> None:
    noise = np.random.default_rng(int(form))
    top = 2 ** (BITS[form] - 1) - 1
    samples = int(rate * seconds)
    raw = noise.integers(-top, top, (samples, 12), endpoint=True)  # never the invalid value
    _write(
        tmp_path,
        form,
        fs=rate,
        units=["mV"] * 6 + ["uV"] * 3 + ["V"] * 3,
        sig_name=list(LEADS),
        d_signal=raw,
        adc_gain=[200.0, 1000.0, 0.5, 409.6, 1e3, 7.25, 1.0, 0.4, 2.0, 2e5, 1e6, 5e5],
        baseline=[0, -3, 7, top // 2, 0, 1, -top, 5, 0, 0, 2, 9],
    )
    ecg, expected = read(tmp_path / "r.hea"), wfdb.rdrecord(str(tmp_path / "r")).p_signal.T
    factors = np.array([1.0] * 6 + [1e-3] * 3 + [1e3] * 3)[:, None]
    np.testing.assert_allclose(ecg.signal, expected * factors, rtol=2e-6, atol=1e-6)
    assert ecg.calibrated and {notice.kind for notice in ecg.notices} <= {"einthoven-residual"}


@pytest.mark.parametrize("form", BITS)
def test_invalid_samples_become_nan(tmp_path: Path, form: str, heart) -> None:
    signal = heart(400) / 10000
    signal[10:20, 3] = np.nan
    signal[1:, 7] = np.nan  # wfdb takes its gain from a first sample
    _write(tmp_path, form, fs=500, units=["mV"] * 12, sig_name=list(LEADS), p_signal=signal)
    ecg = read(tmp_path / "r")
    assert np.isnan(ecg.signal[3, 10:20]).all() and np.isnan(ecg.signal).sum() == 409
    assert not ecg.missing and "invalid-samples" in {notice.kind for notice in ecg.notices}


def test_eight_leads_give_twelve(write_record, heart) -> None:
    leads = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")
    ecg = read(write_record(raw=heart()[:, [0, 1, 6, 7, 8, 9, 10, 11]], leads=leads))
    assert ecg.derived == ("III", "aVR", "aVL", "aVF") and not ecg.missing
    np.testing.assert_allclose(ecg.lead("aVF"), ecg.lead("II") - ecg.lead("I") / 2, atol=1e-6)


def test_leads_go_by_name(write_record, heart) -> None:
    order = [0, 1, 2, 3, 5, 4, *range(6, 12)]  # aVF before aVL
    swapped = read(write_record("b", raw=heart()[:, order], leads=[LEADS[i] for i in order]))
    assert np.array_equal(swapped.signal, read(write_record("a")).signal)


def test_record_in_two_files_and_a_mat(tmp_path: Path, heart) -> None:
    raw = heart()
    files = ["r.mat 16+24 1000/mV 16"] * 9 + ["r.xyz 212 500/mV 12"] * 3
    sums = raw.sum(axis=0).astype(np.int16)
    signals = [f"{file} 0 0 {total} 0 {lead}" for file, total, lead in zip(files, sums, LEADS, strict=True)]
    (tmp_path / "r.hea").write_text("\n".join(["r 12 500", *signals]))
    (tmp_path / "r.mat").write_bytes(bytes(24) + raw[:, :9].astype("<i2").tobytes())
    wfdb.io._signal.wr_dat_file("r.xyz", "212", raw[:, 9:], 0, write_dir=str(tmp_path))
    for name in ("r", "r.hea", "r.mat", "r.xyz"):
        ecg = read(tmp_path / name)
        np.testing.assert_allclose(ecg.signal[:9], raw.T[:9] / 1000, atol=1e-6)
        np.testing.assert_allclose(ecg.signal[9:], raw.T[9:] / 500, atol=1e-6)
        assert not ecg.notices and ecg.samples == len(raw)  # length from the files' size


def test_skew_and_offset_as_wfdb(write_record, heart) -> None:
    raw = heart()
    path = write_record(raw=raw, form="16:3+10", data=bytes(10) + raw.astype("<i2").tobytes())
    _same(path, path)
    assert np.isnan(read(path).signal[:, -3:]).all()


def test_time_comments_and_other_record_name(write_record) -> None:
    path = write_record(
        record="r.mat 12 500 1000 09:05:01.25 3/12/2019",
        comments=["#Age: 85", "#Sex: Female", "#Dx: 164889003"],
    )
    ecg = read(path)
    assert ecg.time == datetime(2019, 12, 3, 9, 5, 1, 250000)
    assert (ecg.patient.age, ecg.patient.sex, ecg.statements[0].code) == (85.0, "female", "164889003")
    assert [notice.kind for notice in ecg.notices] == ["other-record-name"]
    assert ecg.format == "WFDB" and ecg.device is None


def test_mat_without_header_is_refused(tmp_path: Path) -> None:
    (tmp_path / "r.mat").write_bytes(b"\x1e\0\0\0\x0c\0\0\0\x10\0\0\0\0\0\0\0\x04\0\0\0val\0" + bytes(240))
    with pytest.raises(FormatError, match="MATLAB 4"):
        read(tmp_path / "r.mat")


REAL = (
    "data/ptb-xl/records500/**/*.hea",
    "data/ptb-xl/records100/**/*.hea",
    "data/ludb/**/*.hea",
    "data/code15-wfdb/*.hea",
    "data/cinc2021/*/*.hea",
    "fixtures/wfdb-ptb/*.hea",
)


@pytest.mark.parametrize("pattern", REAL)
def test_real_records(shared: Path, tmp_path: Path, pattern: str) -> None:
    paths = sorted(shared.glob(pattern))
    for path in paths[:: max(1, len(paths) // 8)]:
        for file in path.parent.glob(f"{path.stem}.*"):
            shutil.copyfile(file, tmp_path / file.name)
        # What wfdb stumbles over: a date before the time, a suffix in the record's name.
        text = path.read_text()
        text = re.sub(r" \d\d-\w{3}-\d{4} [\d:]+\n", "\n", text, count=1)
        text = re.sub(r"\A(\S+)\.mat ", r"\1 ", text)
        (tmp_path / path.name).write_text(text)
        _same(path, tmp_path / path.name)
        assert "checksum" not in {notice.kind for notice in read(path).notices}
