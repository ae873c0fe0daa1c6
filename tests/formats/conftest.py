"""Writers of small WFDB and DICOM files, and the folder of real ECGs where there is one."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Callable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian, generate_uid

from einthoven.ecg import ECG, LEADS, EinthovenError
from einthoven.formats import read

sys.path.insert(0, str(Path(__file__).parents[1] / "fuzz"))
from mutator import damage

CODES = dict(zip(LEADS, (1, 2, 61, 62, 63, 64, 3, 4, 5, 6, 7, 8), strict=True))


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real public ECGs; the test is skipped where they are not there."""
    folder = Path(os.environ.get("EINTHOVEN_SHARED", Path(__file__).parents[2].parent / "shared"))
    if not folder.is_dir():
        pytest.skip("no folder of real ECGs")
    return folder


@pytest.fixture(scope="session")
def heart() -> Callable[..., np.ndarray]:
    """Integers (samples, leads) of a made-up ECG whose limb leads fit together exactly enough."""

    def make(samples: int = 1000, rate: float = 500, amplitude: int = 800, seed: int = 0) -> np.ndarray:
        noise = np.random.default_rng(seed)
        time = np.arange(samples) / rate
        beat = np.exp(-(((time % 0.8) - 0.3) ** 2) / 0.0004)
        base = [np.rint(amplitude * k * beat + noise.normal(0, amplitude / 80, samples)) for k in range(1, 9)]
        one, two = base[0] / 4, base[1] / 4
        limb = [one, two, two - one, -(one + two) / 2, one - two / 2, two - one / 2]
        return np.rint(np.stack([*limb, *(row / 8 for row in base[2:])], axis=1)).astype(int)

    return make


@pytest.fixture
def write_record(tmp_path: Path, heart: Callable[..., np.ndarray]) -> Callable[..., Path]:
    """Writes a format-16 record by hand: a header from parts, every one of which a test can replace."""

    def write(
        name: str = "r",
        raw: np.ndarray | None = None,
        record: str = "",
        gain: str | Sequence[str] = "1000(0)/mV",
        form: str = "16",
        file: str = "",
        leads: Sequence[str] = LEADS,
        comments: Sequence[str] = (),
        header: str | None = None,
        data: bytes | None = None,
        checksums: Sequence[int] | None = None,
    ) -> Path:
        raw = heart() if raw is None else raw
        raw = raw[:, : len(leads)]
        gains = [gain] * len(leads) if isinstance(gain, str) else gain
        sums = raw.sum(axis=0).astype(np.int64).astype(np.int16) if checksums is None else checksums
        lines = [record or f"{name} {len(leads)} 500 {len(raw)}"]
        lines += [
            f"{file or name + '.dat'} {form} {g} 16 0 {first} {total} 0 {lead}"
            for lead, g, first, total in zip(leads, gains, raw[0], sums, strict=True)
        ]
        path = tmp_path / f"{name}.hea"
        path.write_text(header if header is not None else "\n".join([*lines, *comments]) + "\n")
        (tmp_path / f"{name}.dat").write_bytes(raw.astype("<i2").tobytes() if data is None else data)
        return path

    return write


@pytest.fixture(scope="session")
def dicom_channel() -> Callable[..., Dataset]:
    """One Channel Definition; `code` is that of CID 3001 unless given, None leaves an element out."""

    def make(
        lead: str,
        code: str | None = None,
        scheme: str = "MDC",
        meaning: str | None = None,
        sensitivity: float | None = 2.5,
        unit: str | None = "uV",
        correction: float | None = 1,
        baseline: float | None = 0,
        bits_stored: int = 16,
    ) -> Dataset:
        item, source = Dataset(), Dataset()
        source.CodeValue = f"2:{CODES[lead]}" if code is None else code
        source.CodingSchemeDesignator, source.CodeMeaning = (
            scheme,
            f"Lead {lead}" if meaning is None else meaning,
        )
        item.ChannelSourceSequence = [source]
        if sensitivity is not None:
            item.ChannelSensitivity = sensitivity
        if unit is not None:
            units = Dataset()
            units.CodeValue, units.CodingSchemeDesignator, units.CodeMeaning = unit, "UCUM", unit
            item.ChannelSensitivityUnitsSequence = [units]
        if correction is not None:
            item.ChannelSensitivityCorrectionFactor = correction
        if baseline is not None:
            item.ChannelBaseline = baseline
        item.ChannelSampleSkew, item.WaveformBitsStored = "0", bits_stored
        return item

    return make


@pytest.fixture(scope="session")
def dicom_group(heart: Callable[..., np.ndarray], dicom_channel: Callable[..., Dataset]) -> Callable[..., Dataset]:
    """One multiplex group."""

    def make(
        raw: np.ndarray | None = None,
        label: str | None = "RHYTHM",
        original: bool = True,
        rate: float = 500,
        stored: str = "<i2",
        interpretation: str = "SS",
        padding: bytes | None = None,
        leads: Sequence[str] = LEADS,
        channels: Sequence[Dataset] | None = None,
        **definition: Any,
    ) -> Dataset:
        raw = heart() if raw is None else raw
        raw = raw[:, : len(leads)]
        item = Dataset()
        if label is not None:
            item.MultiplexGroupLabel = label
        item.MultiplexGroupTimeOffset, item.WaveformOriginality = "0", "ORIGINAL" if original else "DERIVED"
        item.NumberOfWaveformChannels, item.NumberOfWaveformSamples = raw.shape[1], len(raw)
        item.SamplingFrequency = str(rate)
        item.ChannelDefinitionSequence = channels or [
            dicom_channel(lead, **({"bits_stored": np.dtype(stored).itemsize * 8} | definition)) for lead in leads
        ]
        item.WaveformBitsAllocated = np.dtype(stored).itemsize * 8
        item.WaveformSampleInterpretation = interpretation
        item.WaveformData = raw.astype(stored).tobytes()
        item["WaveformData"].VR = "OB" if np.dtype(stored).itemsize == 1 else "OW"
        if padding is not None:
            item.WaveformPaddingValue = padding
            item["WaveformPaddingValue"].VR = "OB" if np.dtype(stored).itemsize == 1 else "OW"
        return item

    return make


@pytest.fixture
def write_dicom(tmp_path: Path, dicom_group: Callable[..., Dataset]) -> Callable[..., Path]:
    """Writes a DICOM file by pydicom: `groups` (or one made of `group`'s arguments) and any `tags`."""

    def write(
        groups: Sequence[Dataset] | None = None,
        syntax: str = ExplicitVRLittleEndian,
        sop: str = "1.2.840.10008.5.1.4.1.1.9.1.1",
        name: str = "x.dcm",
        tags: dict[str, Any] | None = None,
        **group: Any,
    ) -> Path:
        meta = FileMetaDataset()
        meta.MediaStorageSOPClassUID, meta.MediaStorageSOPInstanceUID = sop, generate_uid()
        meta.TransferSyntaxUID = syntax
        uid = UID(syntax)
        dataset = FileDataset(
            None,
            {},
            file_meta=meta,
            preamble=bytes(128),
            is_implicit_VR=uid.is_implicit_VR,
            is_little_endian=uid.is_little_endian,
        )
        dataset.SOPClassUID, dataset.SOPInstanceUID = sop, meta.MediaStorageSOPInstanceUID
        dataset.Modality = "ECG"
        dataset.WaveformSequence = [dicom_group(**group)] if groups is None else list(groups)
        for tag, value in (tags or {}).items():
            setattr(dataset, tag, value)
        buffer = BytesIO()
        dataset.save_as(buffer, enforce_file_format=True)
        path = tmp_path / name
        path.write_bytes(buffer.getvalue())
        return path

    return write


SECONDS = 2.0


@pytest.fixture(scope="session")
def survives() -> Callable[..., ECG | EinthovenError]:
    """Reads a file: an ECG of clean words, or an error of ours, and soon; `case` is named if it is neither."""

    def check(path: Path, case: object = "") -> ECG | EinthovenError:
        started = time.process_time()
        try:
            found: ECG | EinthovenError = read(path)
        except EinthovenError as error:
            found = error
            assert error.message and error.mend and str(error).isprintable(), case
        except Exception as escaped:
            raise AssertionError(f"case {case}") from escaped
        else:
            assert found.signal.shape[0] == 12 and 50 <= found.rate <= 20_000, case
            words = [found.device or "", found.patient.id or "", *(s.text for s in found.statements)]
            assert all(text.isprintable() for text in (*words, *(notice.text for notice in found.notices))), case
        assert time.process_time() - started < SECONDS, case
        return found

    return check


@pytest.fixture
def put(tmp_path: Path) -> Callable[[bytes], Path]:
    """Writes a file; what it is, its content tells."""

    def write(data: bytes) -> Path:
        path = tmp_path / "x"
        path.write_bytes(data)
        return path

    return write


@pytest.fixture
def ecgs_of_damaged(put: Callable[[bytes], Path], survives: Callable[..., ECG | EinthovenError]) -> Callable[..., int]:
    """How many of `cases` damaged copies of a file are ECGs; the others end in an error of ours."""

    def count(data: bytes, name: str, cases: int = 200) -> int:
        seeds = [f"{name} {number}" for number in range(cases)]
        return sum(isinstance(survives(put(damage(data, random.Random(seed))), seed), ECG) for seed in seeds)

    return count
