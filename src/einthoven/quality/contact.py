"""Leads that hold no heart's voltage at all: flat, fallen out, or stuck at the end of the range."""

from __future__ import annotations

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.ecg import ECG, LEADS, Bools, Signal
from einthoven.quality.findings import Finding

BLOCK_S = 1.0
FLAT_MV = 0.005
FLAT_SHARE = 0.002
"""For an ECG of unknown gain: of the middle lead's whole range."""
FLAT_BLOCKS = 0.5
DROPOUT_S = 2.0
CLIPPED_RUN_S = 0.02
CLIPPED_SHARE = 0.005
BASELINE_SHARE = 0.25


def find_flat(ecg: ECG) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Leads without a heart's voltage: in most seconds (flat), and for two seconds or more (dropouts).

    A second is without when the lead moves less than 5 microvolt in it, or holds no valid
    sample. Missing leads are in neither, flat leads not among the dropouts.
    """
    dead = _dead_blocks(ecg)
    run = round(DROPOUT_S / BLOCK_S)
    flat = _names(ecg, np.count_nonzero(dead, axis=1) > FLAT_BLOCKS * dead.shape[1])
    if dead.shape[1] < run:
        return flat, ()
    long: Bools = np.any(np.all(sliding_window_view(dead, run, axis=1), axis=2), axis=1)
    return flat, tuple(lead for lead in _names(ecg, long) if lead not in flat)


def find_clipping(ecg: ECG, flat: tuple[str, ...]) -> list[Finding]:
    """Leads that stay exactly at their largest or smallest value for 20 ms again and again."""
    run = max(3, round(CLIPPED_RUN_S * ecg.rate))
    recorded = [lead for lead in LEADS if lead not in (*flat, *ecg.missing, *ecg.derived)]
    names = tuple(lead for lead in recorded if _stuck(ecg.lead(lead), run) > CLIPPED_SHARE)
    if not names:
        return []
    return [Finding("clipped", names, f"The signal is cut off at the end of its range in {', '.join(names)}.")]


def _stuck(row: Signal, run: int) -> float:
    """Share of samples in runs of at least `run` that equal the largest or the smallest value."""
    share = 0.0
    ends = (float(np.fmax.reduce(row)), float(np.fmin.reduce(row)))
    for edge in ends:
        at = row == edge
        if np.count_nonzero(at) <= CLIPPED_SHARE * row.size:
            continue
        if abs(edge - float(np.nanmedian(row))) <= BASELINE_SHARE * (ends[0] - ends[1]):
            continue  # the quiet baseline of a lead whose waves all point one way
        turns = np.flatnonzero(np.diff(at, prepend=False, append=False))
        lengths = turns[1::2] - turns[::2]
        share = max(share, float(lengths[lengths >= run].sum()) / row.size)
    return share


def _dead_blocks(ecg: ECG) -> Bools:
    """(12, blocks): whether a lead moves too little to hold a heart's voltage in each second."""
    size = min(ecg.samples, max(2, round(BLOCK_S * ecg.rate)))
    blocks = ecg.samples // size
    cut = ecg.signal[:, : blocks * size].reshape(12, blocks, size)
    span = np.fmax.reduce(cut, axis=2) - np.fmin.reduce(cut, axis=2)
    floor = FLAT_MV
    if not ecg.calibrated:
        whole = np.fmax.reduce(ecg.signal, axis=1) - np.fmin.reduce(ecg.signal, axis=1)
        floor = FLAT_SHARE * float(np.nanmedian(whole))
    alive: Bools = span > floor
    return ~alive


def _names(ecg: ECG, chosen: Bools) -> tuple[str, ...]:
    return tuple(lead for lead, hit in zip(LEADS, chosen, strict=True) if hit and lead not in ecg.missing)
