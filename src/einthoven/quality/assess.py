"""Is this recording good enough to conclude anything from it?"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import ECG, LEADS, Floats
from einthoven.quality.contact import find_clipping, find_flat
from einthoven.quality.findings import Finding, Quality
from einthoven.quality.noise import RATE, find_noise, levels
from einthoven.quality.swap import find_arm_swap
from einthoven.signal import Beats, find_beats, resample

SHORTEST_S = 2.5
LARGEST_MV = 20.0
SMALLEST_MV = 0.02


def assess(ecg: ECG, beats: Beats | None = None) -> Quality:
    """What is wrong with a recording, by rule.

    Refused are recordings that are flat throughout, shorter than 2.5 s, in a wrong unit, or
    without beats that look like each other (noise). Flat, clipped, noisy, wandering, missing
    or beatless leads, dropouts, limb leads that break Einthoven's identities and a suspected
    exchange of the arm electrodes call for caution. Voltages are judged only if calibrated.

    Args:
        ecg: any ECG, 50 Hz or more.
        beats: its beats, if they are known already (`find_beats(ecg.signal, ecg.rate)`).

    Returns:
        `Quality` with its findings, the severe ones first.

    >>> from einthoven.testing import simulate, swap_arms
    >>> assess(simulate()).clean, assess(swap_arms(simulate())).kinds
    (True, ('arm-swap',))
    """
    if ecg.seconds < SHORTEST_S:
        text = f"The recording lasts {ecg.seconds:.1f} s; at least {SHORTEST_S:g} s are needed."
        return Quality((Finding("too-short", (), text, "refuse"),))
    slow = resample(ecg.signal, ecg.rate, RATE)
    beats = beats or find_beats(ecg.signal, ecg.rate)
    indices = np.rint(beats.indices * (RATE / ecg.rate)).astype(np.intp)
    flat, dropouts = find_flat(ecg)
    findings = _known(ecg) + find_clipping(ecg, flat)
    if dropouts:
        findings.append(Finding("dropout", dropouts, f"No signal for 2 s or more in {', '.join(dropouts)}."))
    live = np.array([lead not in flat and lead not in ecg.missing for lead in LEADS])
    if not beats.credible:
        findings.append(_nothing(bool(live.any())))
    else:
        found = levels(slow, indices)
        findings += _wrong_unit(ecg, found.height)
        if live.any():
            findings += find_noise(found, live) + find_arm_swap(slow, indices, live)
    if flat and live.any():
        findings.append(Finding("flat-leads", flat, f"Flat: {', '.join(flat)}."))
    return Quality(tuple(sorted(findings, key=lambda finding: not finding.severe)))


def _known(ecg: ECG) -> list[Finding]:
    """What the record itself already says."""
    findings = []
    if ecg.missing:
        findings.append(Finding("missing-leads", ecg.missing, f"Missing leads: {', '.join(ecg.missing)}."))
    findings += [
        Finding(notice.kind, LEADS[:6], notice.text) for notice in ecg.notices if notice.kind == "einthoven-residual"
    ]
    return findings


def _nothing(any_live: bool) -> Finding:
    if not any_live:
        return Finding("flat", (), "The recording is flat: it holds no ECG.", "refuse")
    text = "No beats that look like each other were found: noise, or no organised rhythm."
    return Finding("no-beats", (), text, "refuse")


def _wrong_unit(ecg: ECG, height: Floats) -> list[Finding]:
    usual = float(np.median(height[height > 0])) if (height > 0).any() else 0.0
    if not ecg.calibrated or SMALLEST_MV <= usual <= LARGEST_MV:
        return []
    text = (
        f"QRS complexes of {usual:.3g} mV are no heart's: "
        "the file's unit is not what it says (microvolt or volt taken for millivolt?)."
    )
    return [Finding("wrong-unit", (), text, "refuse")]
