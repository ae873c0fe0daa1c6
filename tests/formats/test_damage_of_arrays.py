"""Prefixes and mutations of small tables, arrays, structs and HDF5 files: an ECG, or an error of ours."""

from __future__ import annotations

import random
import warnings
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat

from einthoven.ecg import ECG, LEADS, EinthovenError
from einthoven.formats import find, read
from einthoven.testing import simulate

FEW = simulate(rate=500, seconds=1).signal[:, :16]
SAID = {"rate": 500, "unit": "mV", "leads": LEADS}
MUTATIONS = 150


def _table(path: Path) -> None:
    lines = ["# rate: 500", "# unit: mV", "# age: 5", "time (s);" + ";".join(f"{lead} (mV)" for lead in LEADS)]
    lines += [";".join([f"{n / 500:.3f}", *(f"{value:.2f}" for value in row)]) for n, row in enumerate(FEW.T)]
    path.write_text("\n".join(lines).replace(".", ","))


def _hdf5(path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    full = np.zeros((3, 4096, 12), np.float32)
    full[:2, 50:66] = FEW.T
    with h5py.File(path, "w") as file:
        file.create_dataset("tracings", data=full, chunks=(1, 4096, 12), compression="gzip", shuffle=True)
        file["exam_id"] = [4, 7, 0]


MAKERS = {
    "table": _table,
    "numbers": lambda path: np.savetxt(path, FEW.T, "%.2f", ","),
    "npy": lambda path: np.save(path.open("wb"), FEW),
    "npz": lambda path: np.savez_compressed(path.open("wb"), signal=FEW, rate=500, unit="mV", leads=LEADS),
    "matlab": lambda path: savemat(path, {"ECG": {"sex": "Male", "age": 5.0, "data": FEW}}, appendmat=False),
    "matlab-packed": lambda path: savemat(
        path, {"ECG": {"sex": "Male", "age": 5.0, "data": FEW}}, appendmat=False, do_compression=True
    ),
    "hdf5": _hdf5,
}


@pytest.fixture(params=MAKERS)
def small(request, tmp_path) -> Path:
    path = tmp_path / "x"
    MAKERS[request.param](path)
    return path


def outcome(path: Path) -> ECG | EinthovenError:
    """What comes of a file, with every warning an error."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            ecg = next(read(each, **SAID) for each in find([path]))
        except EinthovenError as fault:
            assert fault.message and fault.mend and str(fault).isprintable()
            return fault
    assert ecg.signal.shape[0] == 12 and all(notice.text.isprintable() for notice in ecg.notices)
    return ecg


def test_every_prefix(small: Path) -> None:
    whole = small.read_bytes()
    entire = outcome(small)
    assert isinstance(entire, ECG)
    text = whole[:1] in b"#-0123456789"
    head = range(0, min(len(whole), 200))
    for end in (*head, *range(200, len(whole), max(len(whole) // 250, 7)), len(whole) - 1):
        small.write_bytes(whole[:end])
        found = outcome(small)
        if isinstance(found, ECG):  # a table does not say how long it should be, and may end within its last number
            assert text and found.samples <= entire.samples
            assert np.array_equal(found.signal[:, : found.samples - 1], entire.signal[:, : found.samples - 1])


def test_mutations(small: Path) -> None:
    whole = small.read_bytes()
    spots = [place for place, byte in enumerate(whole) if byte]
    rng = random.Random(len(whole))
    for _ in range(MUTATIONS):
        changed = bytearray(whole)
        for _ in range(rng.randint(1, 4)):
            place = min(rng.choice(spots), len(changed) - 1)
            size = rng.choice((1, 2, 4, 8))
            match rng.randrange(4):
                case 0:
                    changed[place] ^= 1 << rng.randrange(8)
                case 1:
                    changed[place : place + size] = bytes([rng.choice((0, 127, 128, 255))]) * size
                case 2:
                    del changed[place : place + size]
                case _:
                    changed[place:place] = whole[rng.choice(spots) :][: 4 * size]
        small.write_bytes(bytes(changed))
        outcome(small)
