"""Small valid files of every format, to be damaged. A format that is added needs one function here, and nothing else.

A function writes its files into an empty folder and returns the path that is read. They are made by the writers of the
formats' own tests, and by Einthoven's. What a format's files do not say stands in `TOLD`.
"""

from __future__ import annotations

import importlib.util
import json
import os
import sys
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.ecg import ECG, LEADS
from einthoven.formats.told import Told
from einthoven.formats.write import write

TESTS = Path(__file__).parents[1]
PAIR = ("I", "II")

Seed = Callable[[Path], Path]


def _writers(path: str) -> types.ModuleType:
    where = TESTS / path if path.endswith(".py") else TESTS / path / "conftest.py"
    spec = importlib.util.spec_from_file_location("writers_" + path.replace("/", "_").removesuffix(".py"), where)
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module  # where its dataclasses look for the names of their types
    spec.loader.exec_module(module)
    return module


_BINARY, _DOCUMENTS, _SCP = (_writers(path) for path in ("formats", "formats/documents", "formats/scp"))
_EDF, _ISHNE = (_writers(f"formats/test_{name}.py") for name in ("edf", "ishne"))
_HEART = _BINARY.heart.__wrapped__()
_RAW = _HEART(30, amplitude=400).T  # (12, 30)
_MILLIVOLTS = _RAW.astype(np.float32) / 1000


def _record(folder: Path, **parts: Any) -> Path:
    found: Path = _BINARY.write_record.__wrapped__(folder, _HEART)(**parts)
    return found


def wfdb(folder: Path) -> Path:
    comments = ["#Age: 50", "#Sex: Female", "#Dx: 164889003,59118001", "#<diagnoses>:", "#text"]
    return _record(folder, raw=_HEART(60), comments=comments)


def wfdb_212(folder: Path) -> Path:
    return _record(folder, raw=_HEART(60), leads=PAIR, form="212", data=bytes(range(180)), checksums=[0, 0])


def wfdb_differences(folder: Path) -> Path:
    return _record(folder, raw=_HEART(60), leads=PAIR, form="8", data=bytes(range(120)), checksums=[0, 0])


def wfdb_segments(folder: Path) -> Path:
    for name in ("s1", "s2"):
        _record(folder, name=name, raw=_HEART(60), leads=PAIR)
    return _record(folder, name="m", header="m/3 2 500 150\ns1 60\n~ 30\ns2 60\n", data=b"-", raw=_HEART(60))


def wfdb_flac(folder: Path) -> Path:
    import soundfile

    path = _record(folder, raw=_HEART(60), leads=PAIR, form="516")
    soundfile.write(path.with_suffix(".dat"), _HEART(60)[:, :2].astype("int16"), 500, "PCM_16", format="FLAC")
    return path


def _dicom(syntax: str) -> Seed:
    def write(folder: Path) -> Path:
        group = _BINARY.dicom_group.__wrapped__(_HEART, _BINARY.dicom_channel.__wrapped__())
        tags = {"PatientID": "P1", "PatientAge": "050Y", "AcquisitionDateTime": "20200102030405", "Manufacturer": "M"}
        return _BINARY.write_dicom.__wrapped__(folder, group)(
            raw=_HEART(30), leads=("I", "II", "V1"), syntax=syntax, tags=tags
        )

    return write


def _document(maker: str, encoding: str = "utf-8", **parts: Any) -> Seed:
    def write(folder: Path) -> Path:
        if maker == "muse":
            text = _DOCUMENTS.muse.__wrapped__(_RAW)(_DOCUMENTS.muse_wave(_RAW, leads=("I", "II", "V1")), **parts)
        else:
            text = getattr(_DOCUMENTS, maker).__wrapped__(_RAW)(_RAW[:2], leads=PAIR, **parts)
        path = folder / "x.bin"
        path.write_bytes((text if isinstance(text, str) else json.dumps(text)).encode(encoding))
        return path

    return write


def _scp(**how: Any) -> Seed:
    def write_scp(folder: Path) -> Path:
        rows = {lead: _HEART(90)[:, LEADS.index(lead)] for lead in ("I", "II", "V1")}
        beat = {"beat": {lead: row[:20] // 2 for lead, row in rows.items()}} if how.get("zones") else {}
        data = _SCP.Scp(rows, **how, **beat).bytes()
        path = folder / "x.scp"
        # Without checksums most damage would be refused before anything is decoded.
        path.write_bytes(_SCP.without_checksums(data))
        return path

    return write_scp


def _edf(**head: Any) -> Seed:
    def write_edf(folder: Path) -> Path:
        rows = _EDF.leads(records=3, samples=60, names=("ECG I", "ECG II", "V1"))
        if head:
            notes = [b"+0\x14\x14\0", b"+1\x14\x14\0+1.2\x14a word\x14\0", b"+2\x14\x14\0"]
            rows.append({"label": "EDF Annotations", "data": _EDF.notes(notes), "low": "-1", "high": "1"})
        path = folder / "x.edf"
        path.write_bytes(_EDF.by_hand(rows, 3, **head))
        return path

    return write_edf


def ishne(folder: Path) -> Path:
    path = folder / "x.ecg"
    path.write_bytes(_ISHNE.ishne(_HEART(60), comment=b"a remark"))
    return path


def _cpsc(packed: bool) -> Seed:
    def write_cpsc(folder: Path) -> Path:
        from scipy.io import savemat

        path = folder / "x.mat"
        held = {"sex": "Male", "age": 52.0, "data": _MILLIVOLTS.astype(float)}
        savemat(path, {"ECG": held}, do_compression=packed)
        return path

    return write_cpsc


def _code15(*exams: int, **layout: Any) -> Seed:
    """The first exam of several is read."""

    def write_code15(folder: Path) -> Path:
        import h5py

        path = folder / "x.hdf5"
        tracings = np.zeros((len(exams) + 1, 4096, len(LEADS)), np.float32)
        tracings[:-1, 50 : 50 + _RAW.shape[1]] = _MILLIVOLTS.T
        with h5py.File(path, "w") as file:
            file.create_dataset("tracings", data=tracings, chunks=(1, 4096, 12), compression="gzip", **layout)
            file["exam_id"] = [*exams, 0]
        return path.with_name(f"{path.name}#{exams[0]}") if len(exams) > 1 else path

    return write_code15


def npy(folder: Path) -> Path:
    np.save(folder / "x.npy", _RAW)
    return folder / "x.npy"


def _npz(save: Callable[..., None], **stated: Any) -> Seed:
    def write_npz(folder: Path) -> Path:
        save(folder / "x.npz", signal=_RAW, **stated)
        return folder / "x.npz"

    return write_npz


def csv_of_ours(folder: Path) -> Path:
    write(ECG(_MILLIVOLTS[:3], 500, ("I", "II", "III")), folder / "x.csv")
    return folder / "x.csv"


def csv_with_units(folder: Path) -> Path:
    lines = ["time (s);" + ";".join(f"{lead} (uV)" for lead in PAIR)]
    lines += [f"{n / 500:.3f};{one};{two},5".replace(".", ",") for n, (one, two) in enumerate(_RAW[:2].T)]
    (folder / "x.csv").write_text("\n".join(lines), encoding="utf-8")
    return folder / "x.csv"


def csv_of_numbers(folder: Path) -> Path:
    np.savetxt(folder / "x.csv", _RAW.T, "%d", ",")
    return folder / "x.csv"


SEEDS: Mapping[str, Mapping[str, Seed]] = {
    "DICOM": {
        "implicit": _dicom("1.2.840.10008.1.2"),
        "explicit": _dicom("1.2.840.10008.1.2.1"),
        "big endian": _dicom("1.2.840.10008.1.2.2"),
        "deflated": _dicom("1.2.840.10008.1.2.1.99"),
    },
    "WFDB": {
        "16": wfdb,
        "212": wfdb_212,
        "8": wfdb_differences,
        "segments": wfdb_segments,
        "flac": wfdb_flac,
    },
    "HL7 aECG": {"": _document("aecg")},
    "MUSE XML": {"": _document("muse", "latin-1")},
    "CardioSoft XML": {"": _document("cardiosoft", "latin-1")},
    "Philips Sierra XML": {"XLI": _document("sierra", "utf-16"), "plain": _document("sierra", packing="Plain")},
    "Mortara ELI XML": {"": _document("mortara")},
    "FHIR Observation": {"R4": _document("fhir"), "R5": _document("fhir", release=5)},
    "SCP-ECG": {
        "plain": _scp(order=1),
        "Huffman": _scp(order=2, tables="default"),
        "a table": _scp(order=1, tables=[_SCP.DEFAULT]),
        "two rates": _scp(order=2, tables="default", areas=((31, 50),), factor=2, zones=((1, 31, 40, 50),)),
        "beat": _scp(tables="default", subtract=True, zones=((0, 31, 40, 50), (0, 61, 70, 80)), beat_fiducial=10),
    },
    "EDF": {"": _edf(), "EDF+": _edf(kind="EDF+C", patient="P1 M 05-MAY-1951 X", recording="Startdate X X X X")},
    "ISHNE": {"": ishne},
    "CPSC2018 MATLAB": {"packed": _cpsc(True), "plain": _cpsc(False)},
    "CODE-15 HDF5": {"one": _code15(7), "several": _code15(7, 9, shuffle=True)},
    "NumPy": {
        "npy": npy,
        "npz": _npz(np.savez),
        "packed": _npz(np.savez_compressed, rate=500, unit="uV", leads=LEADS),
    },
    "CSV": {"ours": csv_of_ours, "units": csv_with_units, "numbers": csv_of_numbers},
}
"""By format as in `FORMATS`, and by variant."""

TOLD: Mapping[str, Told] = dict.fromkeys(("NumPy", "CSV"), Told(rate=500, unit="uV", leads=LEADS))
"""By format, what is said beside each of its files, so that the decoder behind what is asked for is reached."""


def told_of(name: str) -> dict[str, Any]:
    """The keyword arguments of `einthoven.formats.read` for files of a format."""
    told = TOLD.get(name, Told())
    return {"rate": told.rate, "unit": told.unit, "leads": told.leads}


REAL = {
    "DICOM": ("fixtures/dicom/Example.dcm",),
    "WFDB": ("fixtures/wfdb-ptb/s0010_re.hea", "fixtures/wfdb-ptb/s0010_re.dat", "fixtures/wfdb-ptb/s0010_re.xyz"),
    "HL7 aECG": ("fixtures/aecg/Example.xml",),
    "MUSE XML": ("fixtures/muse/muse_ecg1.xml",),
    "SCP-ECG": ("fixtures/scp/Example.scp",),
    "CPSC2018 MATLAB": ("data/cpsc2018-original/TrainingSet1/A1980.mat",),
    "Philips Sierra XML": ("fixtures/philips/3191723_ZZDEMOPTONLY_1-04_orig.xml",),
}
"""Public files of real devices by format, below the shared folder, where there is one; the first is read."""


def real(name: str) -> tuple[str, dict[str, bytes]] | None:
    """The real file of a format, as `files_of`; None where it is not there."""
    shared = Path(os.environ.get("EINTHOVEN_SHARED", TESTS.parents[1] / "shared"))
    paths = [shared / path for path in REAL.get(name, ())]
    if not paths or not all(path.is_file() for path in paths):
        return None
    return paths[0].name, {path.name: path.read_bytes() for path in paths}


def files_of(seed: Seed, folder: Path) -> tuple[str, dict[str, bytes]]:
    """The name that is read (of one ECG in a file, FILE#NAME), and all files by name."""
    main = seed(folder)
    return main.name, {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
