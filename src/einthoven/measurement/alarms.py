"""What in the rhythm somebody has to look at before anything else: told by measurement alone, never a diagnosis.

Four things: waves alone where QRS complexes should be, a rhythm that is fast and broad, a run of fast beats of another
shape than the others (`runs`), and a stretch without a QRS complex. A tachycardia is faster than 100 bpm, a broad QRS
has 120 ms and more (AHA/ACC/HRS 2007, statement 76; 2009, part III). How often each is told is in `docs/signs.md`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from einthoven.signal import Beats

if TYPE_CHECKING:
    from einthoven.measurement.measurements import Measurements

TACHYCARDIA, BROAD = 100.0, 120.0
FAST, PERHAPS_BROAD = 120.0, 110.0
"""bpm from which on one without a P wave is likely; and the QRS in ms then, less by the error of measuring."""
FASTER = 150.0
"""bpm from which on a P wave says nothing: what seems one may be the end of the T wave or go backwards."""
PAUSE, PAUSE_RR = 2000.0, 1.6
"""ms without a QRS complex, and how many median RR intervals they last at least, from which on a pause is told."""
ALIKE = 0.95
"""Similarity of waves (`Beats.similarity`; 0.2 to 0.5 in noise) from which on what has no QRS complexes, and is as fast
as a tachycardia, may be a ventricular one; wander alone is as alike, but slow."""


@dataclass(frozen=True)
class Alarm:
    """One of them: `kind` is a stable slug, `text` says it with its numbers.

    Kinds are "only-waves", "fast-and-broad", "fast-run", "pause".

    `likely`: of "fast-and-broad", whether it looks much like a ventricular tachycardia.
    """

    kind: str
    text: str
    likely: bool = True

    def to_dict(self) -> dict[str, object]:
        """The JSON document."""
        return {"kind": self.kind, "text": self.text}


def alarms_of(measured: Measurements) -> tuple[Alarm, ...]:
    """All that hold, the most serious first.

    >>> import numpy as np
    >>> of = dict(heart_rate=150, rr_median=400, rr_spread=5, r_peaks=np.zeros(0, np.intp))
    >>> from einthoven.measurement import Measurements
    >>> [one.kind for one in alarms_of(Measurements(**of, qrs=140))], alarms_of(Measurements(**of, qrs=90, pr=120))
    (['fast-and-broad'], ())
    """
    found = (_only_waves(measured), _looks_broad(measured), _run(measured), pause(measured))
    return tuple(one for one in found if one is not None)


def fast_and_broad(measured: Measurements, says_broad: bool = False) -> Alarm | None:
    """Rate, QRS and P wave as a ventricular tachycardia may have them; None where nothing looks like one.

    The text is the measured part alone, a sentence without what follows from it.

    Args:
        says_broad: whether something else says that the QRS is broad, whatever it measures.
    """
    rate, qrs = measured.heart_rate, measured.qrs
    if rate is None or rate <= TACHYCARDIA:
        return None
    broad = qrs is None or qrs >= BROAD or says_broad
    likely = (rate >= FAST and measured.pr is None and (broad or (qrs or 0) >= PERHAPS_BROAD)) or (
        rate >= FASTER and broad
    )
    if not (likely or broad):
        return None
    width = "a QRS that cannot be measured" if qrs is None else f"a QRS of {qrs:.0f} ms"
    p = " and no P wave told before it" if measured.pr is None else ""
    return Alarm("fast-and-broad", f"Fast and broad: {rate:.0f} bpm with {width}{p}.", likely)


def pause(measured: Measurements) -> Alarm | None:
    """That no QRS complex was found for longer than the rhythm explains: a pause, at the ends of the recording too."""
    longest, median = measured.longest, measured.rr_median
    if longest is None or median is None or longest < max(PAUSE, PAUSE_RR * median):
        return None
    text = f"No QRS complex was found for {longest / 1000:.1f} s: a pause of the heart, or no ECG there."
    return Alarm("pause", text)


def waves_a_minute(beats: Beats, seconds: float) -> float | None:
    """How many waves a minute there are where no QRS complexes stand out, if they are alike and fast; else None."""
    rate = 60 * beats.indices.size / seconds
    return rate if not beats.credible and beats.similarity >= ALIKE and rate >= TACHYCARDIA else None


def only_waves(a_minute: float) -> str:
    """What is said of waves alone."""
    return (
        f"No QRS complexes stand out, only waves that look like each other, {a_minute:.0f} a minute: ventricular "
        "tachycardia or flutter can look so, and so can what is no ECG."
    )


def _only_waves(measured: Measurements) -> Alarm | None:
    return None if measured.waves is None else Alarm("only-waves", only_waves(measured.waves))


def _run(measured: Measurements) -> Alarm | None:
    run = measured.run
    if run is None:
        return None
    text = (
        f"{run.beats} beats in a row follow at {run.rate:.0f} bpm and have another shape than the others: "
        "a run of ventricular tachycardia can look so; so can aberrant conduction."
    )
    return Alarm("fast-run", text)


def _looks_broad(measured: Measurements) -> Alarm | None:
    found = fast_and_broad(measured)
    if found is None:
        return None
    what = "A ventricular tachycardia can look so; so can a fast rhythm with bundle branch block or pre-excitation."
    return Alarm(found.kind, f"{found.text} {what}", found.likely)
