"""Is this recording good enough to conclude anything from it?"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import ECG, LEADS
from einthoven.measurement.alarms import only_waves, waves_a_minute
from einthoven.quality.beat import BAND_HZ, OWN_ROWS, typical_beat
from einthoven.quality.contact import contact, find_contact
from einthoven.quality.findings import Finding, Quality, names
from einthoven.quality.gain import find_gains
from einthoven.quality.inverted import weighed
from einthoven.quality.leads import lead_qualities
from einthoven.quality.mains import find_mains, mains
from einthoven.quality.misplaced import find_misplaced
from einthoven.quality.noise import RATE, find_noise, levels
from einthoven.signal import Beats, bandpass, find_beats, resample

SHORTEST_S = 2.5


def assess(ecg: ECG, beats: Beats | None = None) -> Quality:
    """What is wrong with a recording: leads by rule, exchanged electrodes by a small network.

    Refused are recordings that are flat for most of the time in all leads, shorter than 2.5 s, in a wrong unit,
    inverted in all leads with a narrow QRS at no high rate, or without beats that look like each other (noise).
    Ventricular rhythms, which may look inverted or seem to have no beats, call for caution. Flat, clipped, noisy,
    humming, wandering, missing or beatless leads, dropouts, limb leads that break the identities, leads at a gain of
    their own and electrodes that seem to be exchanged call for caution. Voltages are judged only if calibrated; hum of
    the mains at 160 Hz and more.

    A gain that is wrong by a factor of two or so is told only of a limb lead that was recorded beside the others: one
    recording alone does not show it, for hearts differ by more (half or twice the height of the QRS complexes is beyond
    what 99% of ECGs have in only half of them). A factor of 10 is told.

    Args:
        ecg: any ECG, 50 Hz or more.
        beats: its beats, if they are known already (`find_beats(ecg.signal, ecg.rate)`).

    Returns:
        `Quality` with its findings, the severe ones first, and how good each lead is.

    >>> from einthoven.testing import exchange, simulate
    >>> assess(simulate()).clean, assess(exchange(simulate(), "V1", "V2")).kinds
    (True, ('precordial-swap',))
    >>> round(assess(simulate()).leads["V3"].height, 1)  # mV
    0.7
    """
    if ecg.seconds < SHORTEST_S:
        text = f"The recording lasts {ecg.seconds:.1f} s; at least {SHORTEST_S:g} s are needed."
        return Quality((Finding("too-short", (), text, "refuse"),))
    held = contact(ecg)
    there = np.array([lead not in ecg.missing for lead in LEADS])
    live = there & ~held.flat
    findings = _known(ecg) + find_contact(held)
    if not live.any() and (held.dead[there] < 1).any():  # what is small throughout may be in a wrong unit
        text = "The recording is flat: for most of its time no lead holds an ECG."
        findings.append(Finding("flat", (), text, "refuse"))
        return Quality(_severe_first(findings), lead_qualities(held, ecg.missing))
    if flat := names(held.flat) if live.any() else ():
        findings.append(Finding("flat-leads", flat, f"Flat: {', '.join(flat)}."))
    beats = beats or find_beats(ecg.signal, ecg.rate)
    if not beats.credible:
        findings.append(_no_beats(bool(live.any()), beats, ecg.seconds))
        return Quality(_severe_first(findings), lead_qualities(held, ecg.missing))
    slow = resample(ecg.signal, ecg.rate, RATE)
    at = np.rint(beats.indices * (RATE / ecg.rate)).astype(np.intp)
    measured = levels(slow, at)
    hum = mains(ecg.signal, ecg.rate, measured.scale)
    recorded = np.array([lead not in ecg.derived for lead in LEADS])
    gains = find_gains(measured.height, bandpass(slow[:6], RATE, *BAND_HZ), live, recorded, ecg.calibrated)
    if set(gains.leads) & set(LEADS[:6]):  # said with its cause
        findings = [finding for finding in findings if finding.kind != "einthoven-residual"]
    findings += [*gains.findings, *find_noise(measured, live), *find_mains(hum, live)]
    beat = typical_beat(slow, at)
    if beat is not None:
        exchanged = find_misplaced(beat / gains.factor[OWN_ROWS, None], live)
        findings += [weighed(finding, ecg, beats) if finding.severe else finding for finding in exchanged]
    return Quality(_severe_first(findings), lead_qualities(held, ecg.missing, measured, hum))


def _severe_first(findings: list[Finding]) -> tuple[Finding, ...]:
    return tuple(sorted(findings, key=lambda finding: not finding.severe))


def _known(ecg: ECG) -> list[Finding]:
    """What the record itself already says."""
    findings = []
    if ecg.missing:
        findings.append(Finding("missing-leads", ecg.missing, f"Missing leads: {', '.join(ecg.missing)}."))
    findings += [
        Finding(notice.kind, LEADS[:6], notice.text) for notice in ecg.notices if notice.kind == "einthoven-residual"
    ]
    return findings


def _no_beats(any_live: bool, beats: Beats, seconds: float) -> Finding:
    if not any_live:
        return Finding("flat", (), "The recording is flat: it holds no ECG.", "refuse")
    if a_minute := waves_a_minute(beats, seconds):
        return Finding("no-beats", (), only_waves(a_minute))
    text = "No beats that look like each other were found: noise, or no organised rhythm."
    return Finding("no-beats", (), text, "refuse")
