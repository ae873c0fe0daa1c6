"""Copies planted among real ECGs: which `data duplicates` finds, which it does not, and no false alarm."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.collection import Collection, Row
from einthoven.datasets import PTBXL
from einthoven.datasets.duplicates import duplicates
from einthoven.ecg import ECG, LEADS
from einthoven.signal import resample_and_filter


@pytest.fixture(scope="module")
def real(real_ptbxl) -> dict[str, ECG]:
    """Forty real ECGs at 500 Hz, by record."""
    source = PTBXL(real_ptbxl, 500)
    return {entry.record: source.row(entry).ecg() for entry in source.present()[:40]}


def arms_swapped(signal: np.ndarray) -> np.ndarray:
    """As if the electrodes of the right and left arm were exchanged."""
    return np.concatenate([-signal[:1], signal[[2, 1, 4, 3, 5]], signal[6:]])


def planted(ecg: ECG) -> dict[str, ECG]:
    signal = ecg.signal
    named = np.random.default_rng(0).permutation(12)
    chest = signal[[0, 1, 2, 3, 4, 5, 7, 6, 8, 9, 10, 11]]
    return {
        "exact": ECG(signal, 500),
        "leads in another order, by name": ECG(signal[named], 500, [LEADS[place] for place in named]),
        "twice the gain": ECG(signal * 2, 500),
        "another gain in each lead": ECG(signal * np.linspace(0.5, 2, 12)[:, None], 500),
        "250 Hz": ECG(resample_and_filter(signal, 500, 250), 250),
        "100 Hz": ECG(resample_and_filter(signal, 500, 100), 100),
        "V1 and V2 exchanged": ECG(chest, 500),
        "begins 20 ms later": ECG(signal[:, 10:], 500),
        "begins 1 s later": ECG(signal[:, 500:], 500),
        "arms exchanged": ECG(arms_swapped(signal), 500),
    }


SAME = {"exact", "leads in another order, by name"}
NEAR = {"twice the gain", "another gain in each lead", "250 Hz", "100 Hz"}
MISSED = {"begins 20 ms later", "begins 1 s later", "arms exchanged"}
"""V1 and V2 exchanged is in none: by how alike the two are it is found or not."""


def test_which_copies_are_found_and_which_are_not(real, tmp_path):
    collection = Collection.create(tmp_path / "c")
    collection.append(Row.from_ecg(ecg, record=name, source="real") for name, ecg in real.items())
    chosen = list(real)[:6]
    collection.append(
        Row.from_ecg(copy, record=f"{name}, {how}", source="planted")
        for name in chosen
        for how, copy in planted(real[name]).items()
    )
    pairs = duplicates(collection)
    for pair in pairs:  # no false alarm: each pair is of one recording
        assert pair.one.partition(", ")[0] == pair.other.partition(", ")[0]
    found = {(pair.one, pair.other.partition(", ")[2]): pair.exact for pair in pairs if pair.one in real}
    for name in chosen:
        assert {how for (record, how), exact in found.items() if record == name and exact} == SAME
        assert {how for (record, how), exact in found.items() if record == name and not exact} - {
            "V1 and V2 exchanged"
        } == NEAR
    assert not {how for _, how in found} & MISSED


def test_recordings_of_one_patient_are_no_alarm(real_ptbxl, tmp_path):
    source = PTBXL(real_ptbxl)
    entries = source.present()
    several = {entry.patient for entry in entries if sum(one.patient == entry.patient for one in entries) > 1}
    if not several:
        pytest.skip("no patient has two recordings here")
    collection = Collection.create(tmp_path / "c")
    collection.append(source.row(entry) for entry in entries if entry.patient in several)
    assert len(collection) >= 2 * len(several) and duplicates(collection) == []
