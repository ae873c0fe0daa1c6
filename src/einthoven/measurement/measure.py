"""Measuring an ECG."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import ECG
from einthoven.measurement.alarms import waves_a_minute
from einthoven.measurement.amplitudes import amplitudes, cornell, sokolow_lyon
from einthoven.measurement.axes import qrs_axis, wave_axis
from einthoven.measurement.beats import BEFORE, RATE, AlignedBeats, aligned_beats
from einthoven.measurement.correction import corrected
from einthoven.measurement.heart_rate import Rhythm, rhythm
from einthoven.measurement.measurements import Measurements, MedianBeat
from einthoven.measurement.p_wave import PWave, p_wave
from einthoven.measurement.qrs import qrs_bounds
from einthoven.measurement.runs import fast_run
from einthoven.measurement.t_wave import TWave, t_wave
from einthoven.signal import Beats, find_beats, unrecorded

MS = 1000 / RATE
SLOWEST = 100.0
"""Samples a second, below which a QRS measures far too wide."""
NARROWEST = 50.0
"""ms below which no QRS of a heart lies: newborns' have about 50, the least in 1,200 ECGs of PTB-XL's fold 8 is 72."""
SOON = 0.25
"""Share of beats that may be followed sooner than the search for the end of T allows for."""
CLEAR_OF_NEXT, EARLY = 8, 120
"""Samples that it stays clear of the next beat, and before a QRS where P begins to be sought without a T wave."""
NEAR = 20
"""Samples from the T wave's end in which a P wave can begin that follows at once, or is fused with it: 40 ms."""
SHORTEST_PR = 60
"""Samples before the next QRS, 120 ms, in which a P wave lies that was not found: what ends there may be that one."""
P_IN_T = "The P wave cannot be told from the T wave before it."
T_IN_P = "The T wave cannot be told from the P wave after it."
OF_BEATS = ("heart_rate", "rr_median", "rr_spread", "regular", "longest", "fastest")
OF_QRS = ("p", "pr", "qrs", "qt", "qtc", "p_axis", "qrs_axis", "t_axis", "leads", "sokolow_lyon", "cornell")


def measure(ecg: ECG, beats: Beats | None = None) -> Measurements:
    """Rate, intervals, axes and amplitudes of an ECG.

    The heart rate is that of the whole recording, 60 s over the mean RR interval: what
    electrocardiographs state, and in atrial fibrillation up to 15 % below the rate that the
    median interval gives. All else is measured on the median beat, waves in all leads together:
    from the earliest onset to the latest end (Kligfield 2007, part I; IEC 60601-2-51).
    Gain matters to amplitudes only; leads may be missing.

    Args:
        ecg: any ECG, calibrated or not; below 100 Hz only its rate is measured.
        beats: its beats, if they are known already (`find_beats(ecg.signal, ecg.rate)`).

    Returns:
        `Measurements`; what cannot be measured is None, and `reasons` says why.

    >>> from einthoven.testing import flat, simulate
    >>> found = measure(simulate(heart_rate=75))
    >>> round(found.heart_rate), found.qtc.keys() == {"bazett", "fridericia", "framingham", "hodges"}
    (75, True)
    >>> measure(flat(simulate())).reasons["heart_rate"]
    'No QRS complex was found: the leads are flat.'
    """
    beats = beats or find_beats(ecg.signal, ecg.rate)
    gaps = unrecorded(ecg.signal, ecg.rate)
    found = rhythm(beats, ecg.rate, ecg.seconds, gaps)
    if isinstance(found, str):
        reasons = dict.fromkeys((*OF_BEATS, *OF_QRS, "median_beat"), found)
        return Measurements(None, None, None, np.zeros(0, np.intp), reasons, waves=waves_a_minute(beats, ecg.seconds))
    values: dict[str, object] = {}
    reasons = {}
    for name, value in _on_median_beat(ecg, beats, found).items():
        if isinstance(value, str):
            reasons[name] = value
        else:
            values[name] = value
    return Measurements(
        heart_rate=found.heart_rate,
        rr_median=found.rr_median,
        rr_spread=found.rr_spread,
        r_peaks=beats.indices,
        reasons=reasons,
        regular=found.regular,
        longest=found.longest,
        fastest=found.fastest,
        unseen=found.unseen,
        run=fast_run(ecg.signal, ecg.rate, beats, gaps),
        **values,  # type: ignore[arg-type]
    )


def _on_median_beat(ecg: ECG, beats: Beats, found: Rhythm) -> dict[str, object]:
    """Name of a measurement to its value, or to the reason why there is none."""
    if ecg.rate < SLOWEST:
        why = f"At {ecg.rate:g} samples a second waves are blurred; {SLOWEST:g} are needed."
        return dict.fromkeys((*OF_QRS, "median_beat"), why)
    alike = aligned_beats(ecg.signal, ecg.rate, beats.indices)
    if alike is None:
        return dict.fromkeys((*OF_QRS, "median_beat"), "Fewer than two whole beats of one kind were found.")
    bounds = qrs_bounds(alike)
    if bounds is None or (part := (bounds[1] - bounds[0]) * MS) < NARROWEST:
        why = "The QRS does not stand out from what is around it."
        if bounds is not None:
            # Seen in a real ventricular tachycardia (34 ms): the steepest of its deflections was taken for the whole.
            why = f"What stands out lasts {part:.0f} ms, too short for a QRS: it may be only a part of one."
        return dict.fromkeys(OF_QRS, why) | {"median_beat": MedianBeat(alike.median, RATE, alike.which, BEFORE)}
    qrs, last_top = bounds[:2], bounds[2]
    p, t = _p_and_t(alike, qrs, beats, ecg.rate, found.always_changing)
    if isinstance(p, PWave) and p.onset < qrs[1] - found.rr_median / MS:
        p = P_IN_T  # it would have begun before the QRS before was over
    median = MedianBeat(
        alike.median,
        RATE,
        alike.which,
        BEFORE,
        p_onset=p.onset if isinstance(p, PWave) else None,
        p_offset=p.offset if isinstance(p, PWave) else None,
        qrs_onset=qrs[0],
        qrs_offset=qrs[1],
        t_offset=t.offset if isinstance(t, TWave) else None,
    )
    qt = t if isinstance(t, str) else (t.offset - qrs[0]) * MS
    return {
        "p": p if isinstance(p, str) else (p.offset - p.onset) * MS,
        "pr": p if isinstance(p, str) else (qrs[0] - p.onset) * MS,
        "qrs": (qrs[1] - qrs[0]) * MS,
        "qt": qt,
        "qtc": qt if isinstance(qt, str) else corrected(qt, found.heart_rate),
        **_axes(alike, qrs, last_top, p, t),
        **_voltages(ecg, alike, qrs),
        "median_beat": median,
    }


def _p_and_t(
    alike: AlignedBeats, qrs: tuple[int, int], beats: Beats, rate: float, irregular: bool
) -> tuple[PWave | str, TWave | str]:
    """P and T wave, each the other's limit: a P wave follows the T wave before, a T wave ends before the next P."""
    intervals = np.diff(beats.indices) * (RATE / rate)
    usual = float(np.median(intervals))
    following = intervals[alike.which[alike.which < intervals.size]]
    after = round(float(np.quantile(following, SOON))) - CLEAR_OF_NEXT if following.size else alike.median.shape[1]
    t = t_wave(alike, qrs, usual / RATE, qrs[0] + after)
    if isinstance(t, str):
        p = p_wave(alike, qrs, qrs[0] - EARLY, irregular)
        return p, (t_wave(alike, qrs, usual / RATE, p.onset + after) if isinstance(p, PWave) else t)
    end = t.offset - round(usual)
    p = p_wave(alike, qrs, end, irregular)
    if isinstance(p, PWave) and p.onset < end - NEAR:
        # What was found is the T wave's descent; or that T wave is this P wave, if it ends where only one can be.
        p = p_wave(alike, qrs, end + NEAR, irregular)
        if isinstance(p, str) or p.onset < end - NEAR:
            return P_IN_T, (t if end <= qrs[0] - SHORTEST_PR else T_IN_P)
    if isinstance(p, str):
        return p, t
    if p.onset < end + NEAR:
        return p, t
    before = t_wave(alike, qrs, usual / RATE, p.onset + after)
    return (P_IN_T, t) if isinstance(before, str) else (p, before)


def _axes(
    alike: AlignedBeats, qrs: tuple[int, int], last_top: int, p: PWave | str, t: TWave | str
) -> dict[str, float | str]:
    onset, offset = qrs
    median = alike.median
    return {
        "p_axis": p if isinstance(p, str) else wave_axis(median, p.onset, p.offset, (p.onset, p.offset)),
        "qrs_axis": qrs_axis(median, onset, last_top),
        "t_axis": t if isinstance(t, str) else wave_axis(median, (offset + t.peak) // 2, t.offset, (onset, t.offset)),
    }


def _voltages(ecg: ECG, alike: AlignedBeats, qrs: tuple[int, int]) -> dict[str, object]:
    if not ecg.calibrated:
        return dict.fromkeys(("leads", "sokolow_lyon", "cornell"), "The gain is unknown.")
    leads = amplitudes(alike.median, qrs)
    sokolow = sokolow_lyon(leads)
    return {
        "leads": leads,
        "sokolow_lyon": "V1, or both V5 and V6, are missing." if sokolow is None else sokolow,
        "cornell": "aVL or V3 is missing." if (voltage := cornell(leads)) is None else voltage,
    }
