"""CODE-15%'s HDF5 layout, made up as published, beside h5py's own reading of it."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from einthoven.ecg import FileError, FormatError, MissingPackageError, SignalError, TruncatedError, UnsafeFileError
from einthoven.formats import convert, find, is_repair, read, record_name
from einthoven.formats.hdf5_rows import data_set, opened, rows
from einthoven.testing import simulate

h5py = pytest.importorskip("h5py")

EXAMS = (590, 7, 123456789012, 42)
LENGTHS = (4096, 2934, 4000, 1000)
LAYOUTS = {
    "plain": {},
    "gzip": {"compression": "gzip", "chunks": (1, 4096, 12)},
    "shuffle": {"compression": "gzip", "shuffle": True, "chunks": (3, 1000, 5)},
    "chunks": {"chunks": (2, 4096, 12)},
    "shuffle-alone": {"shuffle": True, "chunks": (1, 500, 12)},
}


def tracings(lengths=LENGTHS, extra=1):
    """(N, 4096, 12) with zeros at both ends, and rows of nothing but zeros behind."""
    heart = simulate(rate=400, seconds=11).signal
    full = np.zeros((len(lengths) + extra, 4096, 12), np.float32)
    for number, length in enumerate(lengths):
        start = (4096 - length) // 2
        full[number, start : start + length] = heart[:, :length].T * (1 + number / 10) + 0.01
    return full


@pytest.fixture
def write(tmp_path):
    def make(name="exams_part0.hdf5", full=None, exams=(*EXAMS, 0), **layout):
        path = tmp_path / name
        with h5py.File(path, "w") as file:
            file.create_dataset("tracings", data=tracings() if full is None else full, **layout)
            file.create_dataset("exam_id", data=np.array(exams))
        return path

    return make


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
def test_each_exam_as_h5py_reads_it(write, layout) -> None:
    path = write(**layout)
    found = list(find([path]))
    assert [record_name(each) for each in found] == [f"exams_part0#{exam}" for exam in EXAMS]
    for number, (each, length) in enumerate(zip(found, LENGTHS, strict=True)):
        ecg = read(each)
        with h5py.File(path) as file:
            stored = file["tracings"][number].T
        start = (4096 - length) // 2
        assert np.array_equal(ecg.signal, stored[:, start : start + length])
        assert (ecg.rate, ecg.format, ecg.calibrated) == (400, "CODE-15 HDF5", True)
        cut = [notice for notice in ecg.notices if notice.kind == "padding"]
        assert len(cut) == (length < 4096) and all(map(is_repair, cut))


@pytest.mark.parametrize("shape", [(7,), (5, 6), (4, 5, 6)])
@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i2"])
def test_rows_of_any_shape(tmp_path, shape, dtype) -> None:
    values = np.arange(np.prod(shape)).astype(dtype).reshape(shape)
    chunks = tuple(max(size // 2, 1) for size in shape)
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file.create_dataset("a", data=values, chunks=chunks, shuffle=True, compression="gzip")
        file.create_dataset("unwritten", shape, dtype, chunks=chunks, fillvalue=3)
    with opened(tmp_path / "x.h5") as file:
        for start in range(shape[0]):
            assert np.array_equal(
                rows(data_set(file, "a"), start, start + 2 if start < 2 else shape[0])[0], values[start]
            )
        assert (rows(data_set(file, "unwritten"), 0, shape[0]) == 3).all()
        assert data_set(file, "gone") is None


def test_of_several_one_is_named(write) -> None:
    path = write()
    with pytest.raises(FormatError, match="holds 4 ECGs") as refused:
        read(path)
    assert "exams_part0.hdf5#590" in refused.value.mend
    for name in ("5", "0", "x", "-590", "1" * 30, "٣"):
        with pytest.raises(FileError, match="no exam"):
            read(f"{path}#{name}")
    with pytest.raises(FileError, match="2 exams '7'"):
        read(f"{write('twice.hdf5', exams=(7, 7, 8, 9, 0))}#7")
    with pytest.raises(FileError, match="does not exist"):
        read(f"{path}x#590")


def test_one_alone_needs_no_name(write) -> None:
    path = write(full=tracings((4096,)), exams=(11, 0))
    assert read(path).samples == 4096
    assert [notice.kind for notice in read(path, rate=500).notices] == ["told-not-used"]


def test_an_exam_of_zeros(write) -> None:
    with pytest.raises(SignalError, match="nothing but zeros"):
        read(write(full=tracings((4096,)), exams=(0, 5)))


def test_a_folder_yields_the_exams_of_every_part(write, tmp_path) -> None:
    write("a.hdf5")
    write("b.hdf5", tracings((4096,)), (5, 0))
    with h5py.File(tmp_path / "other.hdf5", "w") as file:
        file["x"] = np.zeros(3)
    assert [path.name for path in find([tmp_path])] == [*(f"a.hdf5#{exam}" for exam in EXAMS), "b.hdf5#5"]
    assert [path.name for path in find([tmp_path / "a.hdf5#42"])] == ["a.hdf5#42"]


@pytest.mark.parametrize(
    ("full", "exams", "says"),
    [
        (np.zeros((2, 4096, 8)), (1, 2), "without tracings"),
        (np.zeros((2, 5000, 12)), (1, 2), "without tracings"),
        (np.zeros((2, 4096, 12)), (1, 2, 3), "no exam for each"),
        (np.zeros((2, 4096, 12)), (1.5, 2), "no exam for each"),
        (np.zeros((0, 4096, 12)), (), "no exam|0 exams"),
        (np.zeros((1, 4096, 12), "S3"), (1,), "no plain numbers"),
    ],
)
def test_other_layouts(write, full, exams, says) -> None:
    with pytest.raises(FormatError, match=says):
        read(write(full=full, exams=exams))


def test_other_hdf5_is_named(tmp_path) -> None:
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["x"] = np.zeros(3)
    with pytest.raises(FormatError, match="HDF5 without tracings"):
        read(tmp_path / "x.h5")


@pytest.mark.parametrize("layout", [{"compression": "lzf"}, {"fletcher32": True}, {"scaleoffset": 2}])
def test_other_filters_are_refused(write, layout) -> None:
    with pytest.raises(FormatError, match="filter that is not read"):
        read(f"{write(**layout)}#590")


def test_nothing_outside_the_file_is_opened(write, tmp_path) -> None:
    write("secret.hdf5")
    virtual = h5py.VirtualLayout((5, 4096, 12), "f4")
    virtual[...] = h5py.VirtualSource(tmp_path / "secret.hdf5", "tracings", (5, 4096, 12))
    (tmp_path / "raw").write_bytes(tracings().tobytes())
    makers = {
        "soft": lambda file: file.__setitem__("tracings", h5py.SoftLink("/exam_id")),
        "external": lambda file: file.__setitem__("tracings", h5py.ExternalLink("secret.hdf5", "tracings")),
        "pipe": lambda file: file.__setitem__("tracings", h5py.ExternalLink("/dev/zero", "x")),
        "virtual": lambda file: file.create_virtual_dataset("tracings", virtual),
        "raw": lambda file: file.create_dataset(
            "tracings", (5, 4096, 12), "f4", external=[(str(tmp_path / "raw"), 0, h5py.h5f.UNLIMITED)]
        ),
    }
    for name, make in makers.items():
        path = tmp_path / f"{name}.hdf5"
        with h5py.File(path, "w") as file:
            make(file)
            file["exam_id"] = np.array((*EXAMS, 0))
        with pytest.raises(UnsafeFileError, match=r"is a link|other files"):
            read(f"{path}#590")


def test_chunks_that_unpack_to_more_and_absurd_sizes(write, tmp_path) -> None:
    import zlib

    path = write(**LAYOUTS["gzip"])
    with h5py.File(path, "r+") as file:
        file["tracings"].id.write_direct_chunk((0, 0, 0), zlib.compress(bytes(50 * 2**20)))
        file["tracings"].id.write_direct_chunk((1, 0, 0), zlib.compress(bytes(100)))
        file["tracings"].id.write_direct_chunk((2, 0, 0), bytes(2**20))
    for exam, kind in zip(EXAMS, (UnsafeFileError, TruncatedError, UnsafeFileError), strict=False):
        with pytest.raises(kind):
            read(f"{path}#{exam}")
    for name, shape, chunks in (("many", (10**7, 4096, 12), None), ("chunk", (500, 4096, 12), (500, 4096, 12))):
        with h5py.File(tmp_path / f"{name}.hdf5", "w") as file:
            file.create_dataset("tracings", shape, "f4", chunks=chunks)
            file.create_dataset("exam_id", shape[:1], "i8", fillvalue=5)
        with pytest.raises((UnsafeFileError, FormatError, FileError)):
            read(f"{tmp_path / name}.hdf5#5")
    path = write("fine.hdf5", chunks=(1, 1, 12))
    assert read(f"{path}#590").samples == 4096
    with pytest.raises(UnsafeFileError, match="too many chunks"):
        read(f"{write('finer.hdf5', full=tracings((400,)), exams=(590, 0), chunks=(1, 1, 1))}#590")


def test_without_h5py_the_extra_is_named(write, monkeypatch) -> None:
    path = write()
    monkeypatch.setitem(sys.modules, "h5py", None)
    assert list(find([path])) == [path]
    with pytest.raises(MissingPackageError, match="h5py") as refused:
        read(path)
    assert "einthoven[formats]" in refused.value.mend


def test_reading_other_formats_does_not_load_h5py() -> None:
    script = "import sys, einthoven.formats; print('h5py' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, text=True).stdout.strip() == "False"


@pytest.mark.parametrize("exam", EXAMS)
def test_an_exam_leaves_its_number_behind(write, tmp_path, exam) -> None:
    """It leads to the patient in the data set's own table."""
    path, secret = write(), b"a secret of some length"
    for name in (f"out{exam}.csv", f"{exam}.dcm", f"a_{exam}b"):
        with pytest.raises(FormatError, match="exam's id"):
            convert(f"{path}#{exam}", tmp_path / name, secret=secret)
    done = convert(f"{path}#{exam}", tmp_path / f"0{exam}0.csv", secret=secret)
    assert done.words == 1 and [held.name for held in tmp_path.glob("*.csv")] == [f"0{exam}0.csv"]
    assert not list(tmp_path.glob("*.dcm"))
