"""Questions about rhythms that no statement says (`reporting.unsaid`) and about pauses: by measurement, or not sure.

That no similar ECG carries one denies nothing. "No" needs evidence in the recording itself: no three beats in a row
that are as fast as a tachycardia, a narrow QRS, and no stretch without a QRS complex that the rhythm does not explain,
whether it was recorded or not.
"Yes" is never said: what looks like one is "possible".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from einthoven.answering.ground import Ground
from einthoven.answering.meaning import NO, PAUSE, POSSIBLE, YES, Meaning, plain
from einthoven.answering.view import View
from einthoven.measurement.alarms import PAUSE as PAUSE_MS
from einthoven.measurement.alarms import PAUSE_RR, PERHAPS_BROAD, TACHYCARDIA
from einthoven.reporting.unsaid import why_unsaid

SLOW = 0.95 * TACHYCARDIA
"""bpm that the fastest three beats in a row stay below where no tachycardia is: less by the error of measuring."""
SILENT = (PAUSE, "asystole")
LOOKS_SO = (*SILENT, "ventricular tachycardia", "broad complex tachycardia")
"""Those that a rule looks for; what else is fast and broad (fibrillation is chaos, torsades turn) is not told apart."""
LEAVES_OPEN = "Measurement leaves it open: what it does not see rules nothing out."
ONLY_POSSIBLE = "Possible, and not more: only somebody who looks at the ECG can tell."


def judged(meaning: Meaning, view: View) -> tuple[str, tuple[Ground, ...], tuple[str, ...]]:
    """An answer to a question about one of these rhythms: "possible", "no", or "" for not sure; grounds and reasons."""
    grounds = _measured(view)
    if meaning.verb == "choose":
        unsaid = [name for name in meaning.names if name not in meaning.groups]
        why = [why_unsaid(name) for name in unsaid] + ["It cannot be weighed against the other name."]
        return "", (*dict.fromkeys(ground for name in unsaid for ground in _seen(name, view)), *grounds), tuple(why)
    (name,) = meaning.names
    reason = [why_unsaid(name)] if name != PAUSE else []
    seen = _seen(name, view)
    if seen and name in LOOKS_SO:
        return POSSIBLE, (*seen, *grounds), (ONLY_POSSIBLE, *reason)
    if _excluded(name, view):
        return NO, grounds, ()
    return "", (*seen, *grounds), (*reason, LEAVES_OPEN)


def leaning(said: str, allowed: Sequence[str]) -> tuple[str, ...] | None:
    """What is leant to where "possible" is no option: yes, if that is one."""
    return tuple(one for one in allowed if said == POSSIBLE and plain(one) == YES) or None


def _seen(name: str, view: View) -> tuple[Ground, ...]:
    """What in the recording makes one be thought of."""
    kind = "pause" if name in SILENT else "fast-run"
    seen = tuple(Ground(alarm.text) for alarm in view.measured.alarms if alarm.kind == kind)
    return seen if name in SILENT or view.fast is None else (Ground(view.fast.text), *seen)


def _excluded(name: str, view: View) -> bool:
    found = view.measured
    if found.longest is None or found.rr_median is None:
        return False
    if max(found.longest, found.unseen or 0) >= min(PAUSE_MS, PAUSE_RR * found.rr_median):
        return False
    if name in SILENT:
        return True
    return found.fastest is not None and found.fastest < SLOW and found.qrs is not None and found.qrs < PERHAPS_BROAD


def _measured(view: View) -> tuple[Ground, ...]:
    """What was measured that speaks for or against them."""
    found = view.measured
    if found.heart_rate is None or found.fastest is None or found.longest is None:
        return (Ground(f"the heart rate was not measured: {found.reasons.get('heart_rate', 'no beats')}"),)
    values: Mapping[str, float | None] = {
        "heart rate": found.heart_rate,
        "fastest three beats": found.fastest,
        "qrs duration": found.qrs,
        "longest stretch": found.longest,
    }
    width = "a QRS that could not be measured" if found.qrs is None else f"a QRS of {found.qrs:.0f} ms"
    text = (
        f"measured {found.heart_rate:.0f} bpm, {found.fastest:.0f} bpm in the fastest three beats, with {width}; "
        f"the longest stretch without a QRS complex lasts {found.longest / 1000:.1f} s"
    )
    if found.unseen is not None and found.unseen > found.longest:
        text += f", and {found.unseen / 1000:.1f} s with what was not recorded"
    return (Ground(text, (), tuple((key, value) for key, value in values.items() if value is not None)),)
