"""What was measured in an ECG, and why the rest was not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from einthoven.ecg import Ints, Signal
from einthoven.measurement.alarms import Alarm, alarms_of
from einthoven.measurement.amplitudes import LeadAmplitudes
from einthoven.measurement.runs import FastRun

QTC = ("bazett", "fridericia", "framingham", "hodges")


@dataclass(frozen=True, eq=False)
class MedianBeat:
    """The median of an ECG's beats of one kind, and the points on it that intervals are measured between.

    `signal`: (12, samples) in the ECG's unit at `rate`; baseline wander removed; missing leads NaN. `beats`: indices
    into `Measurements.r_peaks`, those that it was made of. `r_peak` and the points: sample indices, None where the
    wave was not found. `np.asarray(beat)` is its signal.
    """

    signal: Signal
    rate: float
    beats: Ints
    r_peak: int
    p_onset: int | None = None
    p_offset: int | None = None
    qrs_onset: int | None = None
    qrs_offset: int | None = None
    t_offset: int | None = None

    def __array__(self, dtype: ArrayLike | None = None, copy: bool | None = None) -> NDArray[np.generic]:
        return np.array(self.signal, dtype=dtype)  # type: ignore[arg-type]

    def to_dict(self) -> dict[str, object]:
        """The points, without the samples."""
        points = ("r_peak", "p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset")
        return {"rate_hz": self.rate, "beats": len(self.beats)} | {name: getattr(self, name) for name in points}


@dataclass(frozen=True, eq=False)
class Measurements:
    """Measurements of one ECG; each is a number, or None with its cause in `reasons`.

    Args:
        heart_rate: beats a minute. rr_median, rr_spread: ms; the latter is the standard deviation of RR.
        r_peaks: (beats,) sample indices, empty if the beats cannot be trusted.
        reasons: name of each measurement that is None (or, of `leads`, empty) to why.
        regular: whether RR intervals vary by no more than 8 % (standard deviation over median).
        p, pr, qrs, qt: ms, over all leads together: from the earliest onset to the latest end.
        qtc: QT corrected for the rate in ms, by formula: "bazett", "fridericia", "framingham", "hodges"; empty
            without QT.
        p_axis, qrs_axis, t_axis: degrees in the frontal plane, -180 to 180.
        leads: amplitudes by lead; empty where the gain is unknown.
        sokolow_lyon, cornell: voltages in mV.
        median_beat: what all but the rate was measured on.
        longest: ms of the longest stretch without a QRS complex, before the first and after the last included.
        unseen: the same where what was not recorded counts, too: for so long there may be none.
        fastest: beats a minute of the three in a row that follow each other soonest.
        run: the longest row of fast beats of another shape than the others, if there are three and more.
        waves: how many a minute there are where no QRS complexes stand out of waves that are alike and fast.
    """

    heart_rate: float | None
    rr_median: float | None
    rr_spread: float | None
    r_peaks: Ints
    reasons: dict[str, str] = field(default_factory=dict)
    regular: bool | None = None
    p: float | None = None
    pr: float | None = None
    qrs: float | None = None
    qt: float | None = None
    qtc: Mapping[str, float] = field(default_factory=dict)
    p_axis: float | None = None
    qrs_axis: float | None = None
    t_axis: float | None = None
    leads: Mapping[str, LeadAmplitudes] = field(default_factory=dict)
    sokolow_lyon: float | None = None
    cornell: float | None = None
    median_beat: MedianBeat | None = None
    longest: float | None = None
    fastest: float | None = None
    unseen: float | None = None
    waves: float | None = None
    run: FastRun | None = None

    @property
    def alarms(self) -> tuple[Alarm, ...]:
        """What in the rhythm has to be looked at first (`alarms.Alarm`); mostly nothing."""
        return alarms_of(self)

    @property
    def r_axis(self) -> float | None:
        """The QRS axis under the name that some devices print."""
        return self.qrs_axis

    def to_dict(self) -> dict[str, object]:
        """The JSON document: numbers, null where not measured, and the reasons."""
        return {
            "alarms": [alarm.to_dict() for alarm in self.alarms],
            "heart_rate_bpm": self.heart_rate,
            "rr_median_ms": self.rr_median,
            "rr_spread_ms": self.rr_spread,
            "regular": self.regular,
            "longest_without_qrs_ms": self.longest,
            "fastest_three_beats_bpm": _rounded(self.fastest),
            "fast_run": None if self.run is None else self.run.to_dict(),
            "p_ms": self.p,
            "pr_ms": self.pr,
            "qrs_ms": self.qrs,
            "qt_ms": self.qt,
            "qtc_ms": {name: _rounded(self.qtc.get(name)) for name in QTC},
            "p_axis_deg": _rounded(self.p_axis),
            "qrs_axis_deg": _rounded(self.qrs_axis),
            "t_axis_deg": _rounded(self.t_axis),
            "sokolow_lyon_mv": _rounded(self.sokolow_lyon, 3),
            "cornell_mv": _rounded(self.cornell, 3),
            "leads": {lead: found.to_dict() for lead, found in self.leads.items()},
            "median_beat": None if self.median_beat is None else self.median_beat.to_dict(),
            "r_peaks": [int(peak) for peak in self.r_peaks],
            "reasons": dict(self.reasons),
        }


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)
