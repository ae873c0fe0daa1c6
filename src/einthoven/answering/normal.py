"""Why an ECG may not be called normal, whatever similar ECGs are called."""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.answering.chances import codes_of
from einthoven.answering.meaning import YES, Meaning
from einthoven.answering.view import View
from einthoven.measurement.alarms import FAST
from einthoven.reporting.checks import contradiction, rhythm_doubts
from einthoven.reporting.compared import device_doubt
from einthoven.reporting.limits import voltage_doubts


def called_normal(meaning: Meaning, best: Sequence[str]) -> tuple[str, ...]:
    """The names among those that an answer about one ECG says, which mean that it is normal."""
    named = meaning.names if meaning.verb == "verify" and tuple(best) == (YES,) else best
    if meaning.pair:
        return ()
    return tuple(name for name in named if name in meaning.names and codes_of(meaning, name) == ("NORM",))


def not_normal(meaning: Meaning, best: Sequence[str], view: View) -> list[str]:
    """What was measured against an answer that calls one ECG normal; empty where nothing was, or nothing is called so.

    A report leaves "normal" out for the same reasons. Three beats in a row at 120 bpm and more amid a slower rhythm are
    one more here: 1% of PTB-XL's ECGs with NORM have them (3 of 250 of fold 8), and so has a run of tachycardia.
    """
    if not called_normal(meaning, best):
        return []
    found = view.measured
    reasons = []
    if said := contradiction("NORM", found, view.patient):
        reasons.append(f"{said[0].upper()}{said[1:]}: a report would not call it normal.")
    if found.fastest is not None and found.heart_rate is not None and found.fastest >= FAST > found.heart_rate:
        reasons.append(f"Three beats in a row follow at {found.fastest:.0f} bpm: somebody has to look at them.")
    if said := device_doubt(view.statements, {"NORM", "SR"}):
        reasons.append(said.removesuffix(" The draft does not."))
    return reasons


def beside_normal(meaning: Meaning, best: Sequence[str], view: View) -> tuple[str, ...]:
    """What asks for caution where one ECG is called normal, as in a draft: tall QRS complexes, an irregular rhythm."""
    if not called_normal(meaning, best):
        return ()
    return (*tall(view), *(_without_draft(said) for said in rhythm_doubts({"NORM"}, view.measured)))


def tall(view: View) -> list[str]:
    """The voltages of the QRS that are a sign of left ventricular hypertrophy."""
    return [_without_draft(said) for said in voltage_doubts({"NORM"}, view.measured, view.patient)]


def _without_draft(said: str) -> str:
    """A doubt about a draft, where there is none."""
    return said.split(", and ")[0].rstrip(".") + "."
