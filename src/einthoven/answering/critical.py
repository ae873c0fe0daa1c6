"""Critical findings that an answer would deny: it may, only below the bound that the archive was calibrated for.

"No" denies what was asked, a class or group all that it holds, "the ECG is normal" every critical finding, and a
choice or list the names that it leaves out.
"""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.answering.chances import codes_of
from einthoven.answering.decide import Judged
from einthoven.answering.meaning import NO, YES, Meaning
from einthoven.answering.view import View
from einthoven.statements import VOCABULARY

OpenNames = tuple[tuple[str, float], ...]
"""Names with their probability, the likeliest first."""


def denied(meaning: Meaning, best: Sequence[str]) -> tuple[str, ...]:
    """Codes of critical findings that an answer would deny; of lists about two ECGs none, which tell of both."""
    if meaning.verb in ("verify", "any"):
        says_no = tuple(best) == (NO if meaning.change in ("", "new", "kept") else YES,)
        if says_no:
            return _critical(meaning, meaning.names or ("",))
        normal = [codes_of(meaning, name) for name in meaning.names] == [("NORM",)]
        return tuple(code for code in VOCABULARY if VOCABULARY[code].critical) if normal and not meaning.pair else ()
    return () if meaning.pair else _critical(meaning, [name for name in meaning.names if name not in best])


def not_ruled_out(codes: Sequence[str], view: View) -> list[str]:
    """Why these critical findings may not be called absent; empty where they may, or there are none."""
    if not codes:
        return []
    if view.critical is None:
        return ["A critical finding is called absent only by an archive that is calibrated for it."]
    chance = max((view.confidences[view.places[code]] for code in codes if code in view.places), default=0.0)
    if chance < view.critical:
        return []
    limit = f"below {view.critical:.1%} keeps those that are missed within the calibrated level"
    return [f"A critical finding is not ruled out: its probability is {chance:.1%}, and only one {limit}."]


def open_names(meaning: Meaning, judged: Judged, views: Sequence[View], sure: float) -> OpenNames:
    """Of a list, the names that are neither sure to be there nor sure not to be."""
    bound = not meaning.pair and views[-1].critical is not None
    left = [
        (name, chance)
        for name, chance in judged.chances.items()
        if 1 - sure < chance < sure
        or (chance < sure and bound and not_ruled_out(_critical(meaning, [name]), views[-1]))
    ]
    return tuple(sorted(left, key=lambda one: -one[1]))


def _critical(meaning: Meaning, names: Sequence[str]) -> tuple[str, ...]:
    codes = dict.fromkeys(code for name in names for code in codes_of(meaning, name))
    return tuple(code for code in codes if code in VOCABULARY and VOCABULARY[code].critical)
