"""Gains, checksums and lengths of WFDB records."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import LEADS, TruncatedError, UnsafeFileError
from einthoven.formats import files, read
from einthoven.formats.wfdb_header import parse_header
from einthoven.formats.wfdb_signal import read_signal


def _kinds(ecg) -> list[str]:
    return [notice.kind for notice in ecg.notices]


@pytest.mark.parametrize("gain", ["0", "0(5)/mV", "1000/mmHg", "1000/adu"])
def test_without_a_gain_nothing_is_in_millivolt(write_record, heart, gain: str) -> None:
    ecg = read(write_record(gain=["1000/mV"] * 11 + [gain]))
    assert not ecg.calibrated and _kinds(ecg) == ["no-gain", "uncalibrated"]
    baseline = 5 if "5" in gain else 0
    assert np.array_equal(ecg.signal[0], heart()[:, 0]) and np.array_equal(ecg.signal[11], heart()[:, 11] - baseline)


def test_other_channels_need_no_gain(write_record) -> None:
    ecg = read(write_record(leads=(*LEADS[:11], "RESP"), gain=["1000/mV"] * 11 + ["0"]))
    assert ecg.calibrated and ecg.missing == ("V6",) and "other-channels" in _kinds(ecg)


@pytest.mark.parametrize(("unit", "factor"), [("mV", 1), ("mv", 1), ("uV", 1e-3), ("µV", 1e-3), ("V", 1e3)])
def test_units(write_record, heart, unit: str, factor: float) -> None:
    ecg = read(write_record(gain=f"4(-20)/{unit}"))
    np.testing.assert_allclose(ecg.signal, (heart().T + 20) / 4 * factor, rtol=1e-6)


def test_a_wrong_checksum_is_told(write_record, heart) -> None:
    sums = heart().sum(axis=0).astype(np.int16).astype(int)
    unsigned = [int(total) & 0xFFFF for total in sums]  # as PTB-XL writes them
    assert not _kinds(read(write_record(checksums=unsigned)))
    unsigned[4] += 1
    ecg = read(write_record(checksums=unsigned))
    assert _kinds(ecg) == ["checksum"] and "aVL" in str(ecg.notices[0])


def test_file_shorter_or_longer_than_its_header(write_record, heart) -> None:
    data = heart().astype("<i2").tobytes()
    with pytest.raises(TruncatedError, match="999 of the 1000"):
        read(write_record(data=data[:-1]))
    assert _kinds(read(write_record(data=data + data[:24]))) == ["longer-file"]
    assert read(write_record(record="r 12 500", data=data[:-1], checksums=[0] * 12)).samples == 999


def test_large_baselines_keep_their_digits(write_record) -> None:
    raw = np.arange(1000)[:, None] % 7 + np.zeros((1, 12), int)
    stored = (raw + 2**30).astype("<i4")
    ecg = read(write_record(raw=raw, form="32", gain=f"1000({2**30})/mV", data=stored.tobytes()))
    np.testing.assert_allclose(ecg.signal[1], raw[:, 1] / 1000, atol=1e-7)


def test_skew_beyond_the_end_leaves_nothing(write_record) -> None:
    path = write_record()
    path.write_text(path.read_text().replace("r.dat 16 ", "r.dat 16:5000 ", 1))
    assert read(path).derived == ("I",)


def test_bytes_of_all_files_are_bounded(write_record) -> None:
    path = write_record()
    with pytest.raises(UnsafeFileError):
        read_signal(parse_header(path.read_bytes()), path.parent, most=1000)
    assert files.MOST_BYTES == 64 * 2**20
