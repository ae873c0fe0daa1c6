"""Small valid files of every format, to be damaged. A format that is added needs one function here, and nothing else.

A function writes its files into an empty folder and returns the path that is read. They are made by the writers of the
formats' own tests.
"""

from __future__ import annotations

import importlib.util
import json
import os
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

TESTS = Path(__file__).parents[1]
PAIR = ("I", "II")

Seed = Callable[[Path], Path]


def _writers(path: str) -> types.ModuleType:
    spec = importlib.util.spec_from_file_location("writers_" + path.replace("/", "_"), TESTS / path / "conftest.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_BINARY, _DOCUMENTS = _writers("formats"), _writers("formats/documents")
_HEART = _BINARY.heart.__wrapped__()
_RAW = _HEART(30, amplitude=400).T  # (12, 30)


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
}
"""By format as in `FORMATS`, and by variant."""


REAL = {
    "DICOM": ("fixtures/dicom/Example.dcm",),
    "WFDB": ("fixtures/wfdb-ptb/s0010_re.hea", "fixtures/wfdb-ptb/s0010_re.dat", "fixtures/wfdb-ptb/s0010_re.xyz"),
    "HL7 aECG": ("fixtures/aecg/Example.xml",),
    "MUSE XML": ("fixtures/muse/muse_ecg1.xml",),
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
    """The name of the file that is read, and all files by name."""
    main = seed(folder)
    return main.name, {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
