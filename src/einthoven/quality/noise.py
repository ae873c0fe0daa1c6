"""Noise, baseline wander and leads without beats, all measured against the QRS complexes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from einthoven.ecg import Bools, Floats, Ints, Signal
from einthoven.quality.findings import Finding, names
from einthoven.signal import cut_beats, highpass, lowpass

RATE = 100
NOISE_HZ = 25.0
NOISE_RATIO = 0.04
"""Root mean square over 25 Hz in the quieter quarter of the recording, as a share of the QRS."""
HEAVY_RATIO = 0.1
"""The same in at least half of the leads: P and T waves drown, the recording is refused."""
WANDER_HZ = 0.5
WANDER_RATIO = 2.5
"""Range of what lies under 0.5 Hz, in QRS heights."""
LEAD_SIMILARITY = 0.3
BLOCK = 20
BEFORE, AFTER = 8, 12


@dataclass(frozen=True, eq=False)
class Levels:
    """One number a lead (12,): QRS height, what is measured against, noise and wander as shares of it, beats' likeness.

    `scale` is the height, or half the middle lead's where that is more: a lead to which the QRS runs at a right angle
    is not noisy because its QRS is small.
    """

    height: Floats
    scale: Floats
    noise: Floats
    wander: Floats
    similarity: Floats


def levels(slow: Signal, beats: Ints) -> Levels:
    """Measure noise and wander.

    Args:
        slow: (12, samples) at 100 Hz, half a second or more.
        beats: indices of the QRS complexes in `slow`, at least two of them well inside.
    """
    slow = np.nan_to_num(slow)
    low = lowpass(slow, RATE, WANDER_HZ)
    steady = slow - low
    cuts = cut_beats(steady, beats, BEFORE, AFTER)
    height = np.ptp(np.median(cuts, axis=0), axis=1)  # of the typical beat: noise adds to no height
    scale = np.maximum(np.maximum(height, 0.5 * np.median(height)), 1e-12)
    blocks = slow.shape[1] // BLOCK
    fast = highpass(slow, RATE, NOISE_HZ, order=3)[:, : blocks * BLOCK].reshape(len(slow), blocks, BLOCK)
    loudness = np.sort(np.sqrt(np.square(fast).mean(axis=2)), axis=1)
    return Levels(
        height=height,
        scale=scale,
        noise=loudness[:, blocks // 4] / scale,
        wander=np.ptp(low, axis=1) / scale,
        similarity=_similarity(cuts),
    )


def find_noise(found: Levels, live: Bools) -> list[Finding]:
    """Findings on the leads (12,) that are `live`: there, and not flat."""
    noisy = names(live & (found.noise > NOISE_RATIO))
    adrift = names(live & (found.wander > WANDER_RATIO))
    beatless = names(live & (found.similarity < LEAD_SIMILARITY))
    findings = []
    heavy = np.count_nonzero(live & (found.noise > HEAVY_RATIO)) * 2 >= np.count_nonzero(live) > 0
    if heavy:
        text = "High-frequency noise drowns everything but the QRS complexes in most leads."
        findings.append(Finding("noise", noisy, text, "refuse"))
    elif noisy:
        findings.append(Finding("noise", noisy, f"High-frequency noise in {', '.join(noisy)}."))
    if adrift:
        findings.append(Finding("wander", adrift, f"Strong baseline wander in {', '.join(adrift)}."))
    if beatless:
        text = f"No heartbeats to be seen in {', '.join(beatless)}: an electrode may be off."
        findings.append(Finding("lead-without-beats", beatless, text))
    return findings


def _similarity(cuts: Floats) -> Floats:
    """(12,) median correlation of each lead's beats with its median beat."""
    centred = cuts - cuts.mean(axis=2, keepdims=True)
    common = np.median(centred, axis=0)
    norms = np.sqrt(np.square(centred).sum(axis=2) * np.square(common).sum(axis=1))
    products = (centred * common).sum(axis=2)
    likeness: Floats = np.median(products / np.maximum(norms, 1e-20), axis=0)
    return likeness
