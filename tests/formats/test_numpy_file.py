"""NumPy's arrays: the same as numpy.load gives, without anything that it could be made to run."""

from __future__ import annotations

import io
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import LEADS, FormatError, TruncatedError, UnsafeFileError
from einthoven.formats import find, read
from einthoven.formats.npy import array_of
from einthoven.testing import simulate

HEART = simulate(rate=500, seconds=3)
MICRO = np.rint(HEART.signal * 1000)
SAID = {"rate": 500, "unit": "mV", "leads": LEADS}


@given(
    kind=st.sampled_from(["<f4", ">f8", "<f2", "|i1", "<i2", ">i4", "<u8", "|u1"]),
    shape=st.lists(st.integers(0, 5), max_size=3),
    fortran=st.booleans(),
    version=st.sampled_from([(1, 0), (2, 0), (3, 0)]),
)
@settings(max_examples=100, deadline=None)
def test_arrays_are_those_of_numpy(kind, shape, fortran, version) -> None:
    array = np.arange(np.prod(shape, dtype=int)).astype(kind).reshape(shape)
    file = io.BytesIO()
    np.lib.format.write_array(file, array.copy("F" if fortran else "C"), version, allow_pickle=False)
    found, further = array_of(file.getvalue() + b"12")
    assert found.dtype == array.dtype and np.array_equal(found, array) and further == 2


@pytest.mark.parametrize("turn", [False, True])
@pytest.mark.parametrize("kind", ["<f4", ">f8", "<i2"])
def test_a_bare_array_is_read_as_told(tmp_path, turn: bool, kind: str) -> None:
    values = MICRO.astype(kind)
    np.save(tmp_path / "x.npy", values.T if turn else values)
    ecg = read(tmp_path / "x.npy", rate=500, unit="uV", leads=LEADS)
    assert ecg.format == "NumPy" and not ecg.notices
    assert np.abs(ecg.signal - MICRO / 1000).max() < 1e-6
    with pytest.raises(FormatError, match="no sampling rate and no unit"):
        read(tmp_path / "x.npy")


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_an_archive_says_what_it_holds(tmp_path, save) -> None:
    order = [*range(6, 12), *range(6)]
    names = [LEADS[n] for n in order]
    save(tmp_path / "x.npz", signal=HEART.signal[order].T, rate=500, unit="mV", leads=names, other=np.zeros(9))
    ecg = read(tmp_path / "x.npz")
    assert np.array_equal(ecg.signal, HEART.signal) and ecg.rate == 500 and not ecg.notices
    assert list(find([tmp_path])) == [tmp_path / "x.npz"]


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"x": HEART.signal}, "holds x, but no array 'signal'"),
        ({"signal": HEART.signal}, "no sampling rate and no unit"),
        ({"signal": HEART.signal, "leads": LEADS[:3]}, "3 leads are named"),
        ({"signal": HEART.signal, "rate": "fast"}, "'rate'"),
        ({"signal": HEART.signal, "rate": [1, 2]}, "'rate'"),
        ({"signal": HEART.signal, "unit": 3}, "'unit'"),
        ({"signal": HEART.signal, "unit": ["mV", "uV"]}, "2 units"),
        ({"signal": np.zeros((12, 12)), **SAID}, "which axis is time"),
        ({"signal": np.zeros((2, 12, 9)), **SAID}, "shape"),
        ({"signal": np.zeros((12, 0)), **SAID}, "shape"),
        ({"signal": HEART.signal.astype(complex), **SAID}, "'<c16'"),
        ({"signal": HEART.signal.astype(object), **SAID}, "objects"),
        ({"signal": np.zeros(9, [("a", "i4")]), **SAID}, "records"),
    ],
)
def test_what_is_no_ecg_is_named(tmp_path, arrays, says: str) -> None:
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(FormatError, match=says):
        read(tmp_path / "x.npz")


def test_objects_are_never_built(tmp_path) -> None:
    class Trap:
        def __reduce__(self):
            return print, ("built",)

    np.save(tmp_path / "x.npy", np.array([Trap()] * 40, object).reshape(2, 20))
    with pytest.raises(FormatError, match="objects"):
        read(tmp_path / "x.npy", **SAID)
    text = b"{'descr': __import__('os').getcwd(), 'fortran_order': False, 'shape': (12, 99), }\n"
    (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(99 * 48))
    with pytest.raises(FormatError):
        read(tmp_path / "x.npy", **SAID)


def test_more_or_less_than_the_header_says(tmp_path) -> None:
    np.save(tmp_path / "x.npy", HEART.signal)
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "x.npy").write_bytes(whole + b"abc")
    assert [notice.kind for notice in read(tmp_path / "x.npy", **SAID).notices] == ["longer-file"]
    (tmp_path / "x.npy").write_bytes(whole[:-1])
    with pytest.raises(TruncatedError, match="17999 of the 18000"):
        read(tmp_path / "x.npy", **SAID)


def _archive(content: bytes, patch=lambda data: data) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as members:
        members.writestr("signal.npy", content)
    return patch(file.getvalue())


def _saying(size: int):
    """An archive whose directory says that its member has so many bytes."""

    def patch(data: bytes) -> bytes:
        place = data.index(b"PK\x01\x02") + 24
        return data[:place] + struct.pack("<I", size) + data[place + 4 :]

    return patch


@pytest.mark.parametrize(
    ("content", "patch", "says"),
    [
        (bytes(1000), _saying(300 * 2**20), "64 MB"),
        (bytes(2**24), _saying(1000), "unpacks to more"),
    ],
)
def test_bombs(tmp_path, content: bytes, patch, says: str) -> None:
    (tmp_path / "x.npz").write_bytes(_archive(content, patch))
    with pytest.raises(UnsafeFileError, match=says):
        read(tmp_path / "x.npz")


def test_an_archive_of_many_members(tmp_path) -> None:
    np.savez(tmp_path / "x.npz", **{f"a{n}": np.zeros(1) for n in range(65)})
    with pytest.raises(UnsafeFileError, match="65 members"):
        read(tmp_path / "x.npz")


def test_announced_shapes_are_not_allocated(tmp_path) -> None:
    for shape in ("(12, 999999999999)", "(999999999999, 12)", "(32, 2000000)"):
        text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
        (tmp_path / "x.npy").write_bytes(b"\x93NUMPY\1\0" + struct.pack("<H", len(text)) + text + bytes(99))
        with pytest.raises(UnsafeFileError):
            read(tmp_path / "x.npy", **SAID)


def test_only_arrays_in_the_shape_of_an_ecg_are_found(tmp_path) -> None:
    for name, shape in {"embeddings": (500, 256), "labels": (500,), "batch": (4, 12, 500), "ecg": (500, 12)}.items():
        np.save(tmp_path / f"{name}.npy", np.zeros(shape, np.float32))
    assert list(find([tmp_path])) == [tmp_path / "ecg.npy"]
    np.savez(tmp_path / "other.npz", x=np.zeros(3), y=np.zeros(3))
    np.savez(tmp_path / "later.npz", x=np.zeros(3), signal=HEART.signal, rate=500, unit="mV", leads=LEADS)
    assert [path.name for path in find([tmp_path])] == ["ecg.npy", "later.npz"]
