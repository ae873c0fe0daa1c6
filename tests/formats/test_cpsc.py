"""CPSC2018's MATLAB files, beside scipy's reader."""

from __future__ import annotations

import struct
import zlib

import numpy as np
import pytest
from scipy.io import loadmat, savemat

from einthoven.ecg import FormatError, SignalError, TruncatedError, UnsafeFileError
from einthoven.formats import find, read
from einthoven.formats.matlab import struct_of
from einthoven.testing import simulate

HEART = simulate(rate=500, seconds=2)


@pytest.fixture
def write(tmp_path):
    def make(compress=True, name="ECG", before=None, **fields):
        held = {"sex": "Male", "age": 52.0, "data": HEART.signal.astype(np.float64)} | fields
        path = tmp_path / "A0001.mat"
        savemat(path, (before or {}) | {name: held}, do_compression=compress)
        return path

    return make


def test_the_real_files(shared) -> None:
    paths = sorted((shared / "data/cpsc2018-original/TrainingSet1").glob("*.mat"))
    assert paths
    for path in paths:
        ecg, reference = read(path), loadmat(path)["ECG"][0, 0]
        assert np.array_equal(ecg.signal, reference["data"].astype(np.float32))
        assert (ecg.rate, ecg.patient.age) == (500, reference["age"].item())
        assert ecg.patient.sex == reference["sex"].item().lower()
        assert (ecg.format, ecg.notices) == ("CPSC2018 MATLAB", ())


@pytest.mark.parametrize("compress", [True, False])
@pytest.mark.parametrize("kind", ["f8", "f4", "i2", "i4", "u1"])
def test_numbers_of_every_type(write, compress: bool, kind: str) -> None:
    data = np.rint(HEART.signal * 20 + 100).astype(kind)
    path = write(compress, data=data, sex="Female", age=np.uint8(7))
    found, reference = struct_of(path.read_bytes(), "ECG"), loadmat(path)["ECG"][0, 0]
    assert np.array_equal(found["data"], reference["data"]) and found["sex"] == "Female"
    assert np.array_equal(read(path).signal, data.astype(np.float32))


def test_what_else_a_file_may_hold(write) -> None:
    extra = {"note": np.array(["a", "bc"], object), "z": HEART.signal[0] * 1j, "inner": {"a": 1}, "empty": []}
    ecg = read(write(data=HEART.signal, **extra))
    assert np.array_equal(ecg.signal, HEART.signal)
    path = write(name="ECG", before={"other": np.zeros(3)})
    assert struct_of(path.read_bytes(), "ECG").keys() == {"sex", "age", "data"}


def test_age_and_sex_may_be_missing(write) -> None:
    ecg = read(write(sex=[], age=np.nan))
    assert ecg.patient.age is None and ecg.patient.sex is None


@pytest.mark.parametrize("data", [HEART.signal[:8], "text", [], HEART.signal.T])
def test_other_structs_are_refused(write, data) -> None:
    with pytest.raises(FormatError, match="12 leads"):
        read(write(data=data))


def test_too_long(write) -> None:
    with pytest.raises(SignalError, match="at most 3600 s"):
        read(write(data=np.zeros((12, 1_900_000), np.int8)))


def test_other_matlab_files_are_not_taken_for_it(write, tmp_path) -> None:
    for name in ("val", "ECGs"):
        with pytest.raises(FormatError, match="looks like a MATLAB 5 file"):
            read(write(name=name))
    assert not list(find([tmp_path]))
    text = b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\0\2IM"
    (tmp_path / "A0001.mat").write_bytes(text + bytes(384) + b"\x89HDF\r\n\x1a\n")
    with pytest.raises(FormatError, match="save -v7"):
        read(tmp_path / "A0001.mat")


def _variable(head: bytes, packed: bytes) -> bytes:
    return head[:128] + struct.pack("<II", 15, len(packed)) + packed


def test_bombs_and_announced_sizes(write) -> None:
    path = write()
    whole = path.read_bytes()
    inner = zlib.decompress(whole[136:])
    path.write_bytes(_variable(whole, zlib.compress(inner + bytes(70 * 2**20))))
    with pytest.raises(UnsafeFileError, match="unpacks to more"):
        read(path)
    path.write_bytes(_variable(whole, zlib.compress(inner)[:-30]))
    with pytest.raises(TruncatedError):
        read(path)
    path = write(compress=False)
    whole = path.read_bytes()
    shape = struct.pack("<ii", 12, HEART.samples)
    path.write_bytes(whole.replace(shape, struct.pack("<ii", 2**30, 2**30)))
    with pytest.raises(UnsafeFileError, match="at most"):
        read(path)
    path.write_bytes(whole.replace(shape, struct.pack("<ii", -12, HEART.samples)))
    with pytest.raises(FormatError, match="damaged"):
        read(path)
