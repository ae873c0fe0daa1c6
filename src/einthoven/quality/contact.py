"""Leads that hold no heart's voltage at all: flat, fallen out, or stuck at the end of the range."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from einthoven.ecg import ECG, LEADS, Bools, Floats, Signal
from einthoven.quality.findings import Finding, names

BLOCK_S = 1.0
FLAT_MV = 0.005
FLAT_SHARE = 0.002
"""For an ECG of unknown gain: of the middle lead's whole range."""
FLAT_BLOCKS = 0.5
DROPOUT_S = 2.0
CLIPPED_RUN_S = 0.02
CLIPPED_SHARE = 0.005
BASELINE_SHARE = 0.25


@dataclass(frozen=True, eq=False)
class Contact:
    """One value a lead (12,): share of seconds without a heart's voltage, whether two lie side by side, share clipped.

    A second is without when the lead moves less than 5 microvolt in it, or holds no valid sample. Clipped are runs of
    20 ms and more exactly at the lead's largest or smallest value. All is zero for missing leads.
    """

    dead: Floats
    dropout: Bools
    clipped: Floats

    @property
    def flat(self) -> Bools:
        """Leads without a heart's voltage in most seconds."""
        return np.asarray(self.dead > FLAT_BLOCKS)


def contact(ecg: ECG) -> Contact:
    """How well the electrodes of a recording hold."""
    there = np.array([lead not in ecg.missing for lead in LEADS])
    dead = _dead_blocks(ecg) & there[:, None]
    run = round(DROPOUT_S / BLOCK_S)
    dropout = np.zeros(12, bool)
    if dead.shape[1] >= run:
        dropout = np.any(np.all(sliding_window_view(dead, run, axis=1), axis=2), axis=1)
    share = dead.mean(axis=1)
    run = max(3, round(CLIPPED_RUN_S * ecg.rate))
    recorded = there & (share <= FLAT_BLOCKS) & [lead not in ecg.derived for lead in LEADS]
    clipped = [_stuck(row, run) if own else 0.0 for row, own in zip(ecg.signal, recorded, strict=True)]
    return Contact(share, dropout & (share <= FLAT_BLOCKS), np.array(clipped))


def find_contact(found: Contact) -> list[Finding]:
    """Findings on clipped leads, and on those that fall out for two seconds or more."""
    findings = []
    if clipped := names(found.clipped > CLIPPED_SHARE):
        text = f"The signal is cut off at the end of its range in {', '.join(clipped)}."
        findings.append(Finding("clipped", clipped, text))
    if dropouts := names(found.dropout):
        findings.append(Finding("dropout", dropouts, f"No signal for 2 s or more in {', '.join(dropouts)}."))
    return findings


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
