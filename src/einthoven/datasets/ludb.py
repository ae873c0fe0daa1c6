"""LUDB 1.0.1 (Kalyakulina 2020), as PhysioNet publishes it: WFDB records with diagnoses in words in their headers.

Its headers give each lead a gain of its own that makes the lead's range 1 mV: read like that, the limb leads
contradict each other and voltages mean nothing. The stored numbers themselves fit Einthoven's identities within
1%, and are as large as those of other data sets in microvolt, so they are read as microvolt.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np

from einthoven.datasets.recording import Dataset, Recording
from einthoven.ecg import ECG, LEADS, DataError, Notice, canonical
from einthoven.formats.files import read_bytes
from einthoven.formats.wfdb_header import Header, parse_header

NAME = "ludb"
MICROVOLT = 1000.0
STRETCHED_MV, NEAR = 1.0, 0.01


class LUDB(Dataset[Recording]):
    """A folder with `ludb.csv` and `data/1.hea` and so on, or some of these records.

    Raises:
        DataError: no record is there.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        if not self.recordings:
            raise DataError(f"No record of LUDB is in {folder / 'data'}.", "Name the folder that holds ludb.csv.")

    @staticmethod
    def is_in(folder: Path) -> bool:
        """Whether a folder holds the data set."""
        return (folder / "ludb.csv").is_file()

    @cached_property
    def recordings(self) -> Sequence[Recording]:
        """All of them, by number."""
        headers = [path for path in (self.folder / "data").glob("*.hea") if path.stem.isdecimal()]
        return tuple(Recording(NAME, path.stem, path) for path in sorted(headers, key=lambda path: int(path.stem)))

    def described(self, recording: Recording, ecg: ECG) -> ECG:
        """The record, its stored numbers read as microvolt where the header stretches them."""
        span = np.nanmax(ecg.signal, axis=1) - np.nanmin(ecg.signal, axis=1)
        header = parse_header(read_bytes(recording.file))
        if (np.abs(span - STRETCHED_MV) < NEAR).all() and isinstance(header, Header):
            return _as_stored(ecg, header)
        return ecg


def _as_stored(ecg: ECG, header: Header) -> ECG:
    """The record with its stored numbers as microvolt, whatever gain its header gives each lead."""
    lines = {canonical(channel.name): channel for channel in header.channels}
    gain = np.array([lines[lead].gain for lead in LEADS], np.float64)
    baseline = np.array([lines[lead].baseline for lead in LEADS], np.float64)
    stored = ecg.signal * gain[:, None] + baseline[:, None]
    notice = Notice(
        "gain-ignored", "The header stretches each lead to 1 mV; the stored numbers were read as microvolt."
    )
    return ECG(
        stored / MICROVOLT,
        ecg.rate,
        patient=ecg.patient,
        time=ecg.time,
        statements=ecg.statements,
        notices=[*(n for n in ecg.notices if n.kind != "einthoven-residual"), notice],
        format=ecg.format,
    )
