"""The methods that `measure.py` compares: ours, neurokit2 and openecg, each as a list of beats with their points."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec

import numpy as np

from einthoven.ecg import ECG, LEADS
from einthoven.measurement import measure
from einthoven.measurement.correction import corrected

WAVES = {"p": ("p_onset", "p_offset"), "qrs": ("qrs_onset", "qrs_offset"), "t": (None, "t_offset")}


@dataclass
class Beat:
    """One beat: when its R peak is and when its points are, in ms from the recording's start."""

    r: float
    points: dict[str, float] = field(default_factory=dict)


Delineation = dict[str, list[tuple[float, float]]]
"""Of one lead: wave to (onset, offset) in ms, and "r" to its R peaks, as pairs of the same number."""


def methods() -> dict[str, Callable[[ECG], list[Beat]]]:
    """The methods that can be run here, by name."""
    found: dict[str, Callable[[ECG], list[Beat]]] = {"Einthoven": ours}
    for name, lead in (("neurokit2 (dwt)", _neurokit), ("openecg (trained on LUDB)", _openecg)):
        if find_spec(name.split()[0]):
            delineate = cached(lead)
            found[f"{name}, median over leads"] = partial(_over_leads, delineate, middle)
            found[f"{name}, outer quarter of leads as the reference"] = partial(_over_leads, delineate, outer)
    return found


def ours(ecg: ECG) -> list[Beat]:
    """Every beat that was found; those of the common kind carry the median beat's points."""
    found = measure(ecg)
    ms = 1000 / ecg.rate
    beats = [Beat(float(peak) * ms) for peak in found.r_peaks]
    median = found.median_beat
    if median is None:
        return beats
    for beat in (beats[at] for at in median.beats):
        for name in ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset"):
            point = getattr(median, name)
            if point is not None:
                beat.points[name] = beat.r + (point - median.r_peak) * 1000 / median.rate
    return beats


def own_values(name: str, method: Callable[[ECG], list[Beat]], ecg: ECG) -> dict[str, float | None]:
    """Rate, intervals and axes as devices state them, by the names of `einthoven.ecg.measured`."""
    if name == "Einthoven":
        m = measure(ecg)
        values = {
            key: getattr(m, key) for key in ("heart_rate", "p", "pr", "qrs", "qt", "p_axis", "qrs_axis", "t_axis")
        }
        return values | {f"qtc_{key}": m.qtc.get(key) for key in ("bazett", "fridericia", "framingham", "hodges")}
    beats = method(ecg)
    if len(beats) < 3:
        return {}
    rate = 60_000 / float(np.diff([beat.r for beat in beats]).mean())
    qrs, qt = _interval(beats, "qrs_onset", "qrs_offset"), _interval(beats, "qrs_onset", "t_offset")
    return {
        "heart_rate": rate,
        "qrs": qrs,
        "qt": qt,
        "qtc_bazett": None if qt is None else corrected(qt, rate)["bazett"],
        "qrs_axis": _axis(ecg, beats, "qrs_onset", "qrs_offset"),
        "t_axis": _axis(ecg, beats, "qrs_offset", "t_offset"),
    }


def middle(values: list[float], late: bool) -> float:
    """The median of the leads' values."""
    return float(np.median(values))


def outer(values: list[float], late: bool) -> float:
    """The value that a quarter of the leads reach beyond or equal: 3rd earliest or latest of 12."""
    known = np.sort([value for value in values if np.isfinite(value)])
    if known.size == 0:
        return np.nan
    rank = int(np.ceil(known.size / 4)) - 1
    return float(known[::-1][rank] if late else known[rank])


def cached(delineate: Callable[[np.ndarray, float], Delineation]) -> Callable[[ECG], list[Delineation]]:
    """A lead's delineation is the same for both ways to combine leads, and slow."""
    kept: dict[str, list[Delineation]] = {}

    def leads(ecg: ECG) -> list[Delineation]:
        key = ecg.sha256
        if key not in kept:
            rows = [row for row in ecg.signal if np.isfinite(row).all()]
            kept[key] = [delineate(row.astype(np.float64), ecg.rate) for row in rows]
        return kept[key]

    return leads


def _over_leads(
    leads: Callable[[ECG], list[Delineation]], combine: Callable[[list[float], bool], float], ecg: ECG
) -> list[Beat]:
    """Beats where half of the leads have an R peak; each point combined from leads that have it, if these are half."""
    found = leads(ecg)
    centres = np.sort([(on + off) / 2 for lead in found for on, off in lead["r"]])
    if centres.size == 0:
        return []
    groups = np.split(centres, np.flatnonzero(np.diff(centres) > 100) + 1)
    beats = [Beat(float(np.median(group))) for group in groups if group.size >= len(found) / 2]
    for beat in beats:
        for wave, (onset, offset) in WAVES.items():
            low, high = {"p": (-350, -40), "qrs": (-100, 100), "t": (80, 560)}[wave]
            near = [
                next(((on, off) for on, off in lead[wave] if low <= (on + off) / 2 - beat.r <= high), None)
                for lead in found
            ]
            kept = [pair for pair in near if pair is not None]
            if len(kept) >= len(found) / 2:
                if onset:
                    beat.points[onset] = combine([pair[0] for pair in kept], False)
                beat.points[offset] = combine([pair[1] for pair in kept], True)
    return beats


def _neurokit(row: np.ndarray, rate: float) -> Delineation:
    import neurokit2

    names = {"p": "P", "qrs": "R", "t": "T"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            clean = neurokit2.ecg_clean(row, sampling_rate=int(rate))
            _, peaks = neurokit2.ecg_peaks(clean, sampling_rate=int(rate))
            _, waves = neurokit2.ecg_delineate(clean, peaks["ECG_R_Peaks"], sampling_rate=int(rate), method="dwt")
        except Exception:  # noqa: BLE001  a lead on which it fails counts as one without marks
            return {wave: [] for wave in (*names, "r")}
    found: Delineation = {"r": [(float(peak) * 1000 / rate,) * 2 for peak in peaks["ECG_R_Peaks"]]}
    for wave, name in names.items():
        pairs = zip(waves[f"ECG_{name}_Onsets"], waves[f"ECG_{name}_Offsets"], strict=False)
        ms = [(float(on) * 1000 / rate, float(off) * 1000 / rate) for on, off in pairs]
        found[wave] = [(on, off) for on, off in ms if np.isfinite(on) and np.isfinite(off)]
    return found


def _openecg(row: np.ndarray, rate: float) -> Delineation:
    import openecg
    from openecg import eval as classes
    from openecg.deploy import OnnxCodec

    global _codec
    _codec = _codec or OnnxCodec()
    codec = openecg.encode(row.astype(np.float32), fs=int(rate), model=_codec)
    kinds = {classes.SUPER_P: "p", classes.SUPER_QRS: "qrs", classes.SUPER_PACED_QRS: "qrs", classes.SUPER_T: "t"}
    found: Delineation = {"p": [], "qrs": [], "t": []}
    for start, end, kind in codec.events("frame", drop_class=0):
        if kind in kinds:
            found[kinds[kind]].append((start * 1000 / rate, end * 1000 / rate))
    found["r"] = [((on + off) / 2,) * 2 for on, off in found["qrs"]]
    return found


_codec = None


def _interval(beats: list[Beat], first: str, last: str) -> float | None:
    values = [b.points[last] - b.points[first] for b in beats if first in b.points and last in b.points]
    return float(np.median(values)) if values else None


def _axis(ecg: ECG, beats: list[Beat], first: str, last: str) -> float | None:
    """From the net areas in I and aVF between two points, the level at QRS onset as zero."""
    areas = []
    one, foot = ecg.signal[LEADS.index("I")], ecg.signal[LEADS.index("aVF")]
    for beat in beats:
        if {first, last, "qrs_onset"} <= set(beat.points):
            a, b, zero = (round(beat.points[name] * ecg.rate / 1000) for name in (first, last, "qrs_onset"))
            if 0 <= zero < ecg.samples and 0 <= a < b <= ecg.samples:
                areas.append([float((row[a:b] - row[zero]).sum()) for row in (one, foot)])
    if not areas:
        return None
    x, y = np.median(areas, axis=0)
    return float(np.degrees(np.arctan2(y * 2 / np.sqrt(3), x)))
