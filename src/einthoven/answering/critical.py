"""Critical findings that an answer would deny: it may, only below the bound that the archive was calibrated for.

"No" denies what was asked, a class or group all that it holds, "the ECG is normal" every critical finding, and a
choice or list the names that it leaves out. Of two ECGs, "gone" and "still lacking" deny what they name in the later
one; what is left out of "new" is denied there unless the first ECG surely had it, and what is left out of "kept" where
both may have it.
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


def denied(meaning: Meaning, best: Sequence[str], views: Sequence[View], sure: float) -> tuple[str, ...]:
    """Codes of critical findings that an answer would deny, of two ECGs in the later one.

    Args:
        sure: probability from which on a finding of the first ECG is taken to have been there.
    """
    if meaning.verb in ("verify", "any"):
        says_no = tuple(best) == (NO if meaning.change in ("", "new", "kept") else YES,)
        if says_no:
            return _critical(meaning, meaning.names or ("",))
        normal = [codes_of(meaning, name) for name in meaning.names] == [("NORM",)]
        return tuple(code for code in VOCABULARY if VOCABULARY[code].critical) if normal and not meaning.pair else ()
    if not meaning.pair:
        return _critical(meaning, [name for name in meaning.names if name not in best])
    changes = [(name, change) for name in meaning.names for change in _changes(meaning)]
    codes = [
        code
        for name, change in changes
        for code in _critical(meaning, [name])
        if _denies(code, change, _said(meaning, name, change) in best, views, sure)
    ]
    return tuple(dict.fromkeys(codes))


def _changes(meaning: Meaning) -> tuple[str, ...]:
    return ("gone", "new") if meaning.change == "any" else (meaning.change,)


def _said(meaning: Meaning, name: str, change: str) -> str:
    """What the name of a change is called among the options."""
    return f"{name} {change}" if meaning.change == "any" else name


def _denies(code: str, change: str, named: bool, views: Sequence[View], sure: float) -> bool:
    """Whether to name a change, or to leave it out, is to say that the later ECG lacks what it may have."""
    if change in ("gone", "lacking"):
        return named
    if named:
        return False
    first = views[0]
    before = first.confidences[first.places[code]] if code in first.places else 0.0
    return before < sure if change == "new" else bool(not_ruled_out((code,), first))


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
    bound = views[-1].critical is not None
    left = [
        (name, chance)
        for name, chance in judged.chances.items()
        if 1 - sure < chance < sure or ((bound or chance >= sure) and _open(meaning, name, chance >= sure, views, sure))
    ]
    return tuple(sorted(left, key=lambda one: -one[1]))


def _open(meaning: Meaning, said: str, named: bool, views: Sequence[View], sure: float) -> bool:
    """Whether a name of a list denies a critical finding that is not ruled out: by being there, or by lacking."""
    if not meaning.pair:
        return not named and bool(not_ruled_out(_critical(meaning, [said]), views[-1]))
    name, change = said.rsplit(" ", 1) if meaning.change == "any" else (said, meaning.change)
    codes = [code for code in _critical(meaning, [name]) if _denies(code, change, named, views, sure)]
    return bool(not_ruled_out(codes, views[-1]))


def _critical(meaning: Meaning, names: Sequence[str]) -> tuple[str, ...]:
    codes = dict.fromkeys(code for name in names for code in codes_of(meaning, name))
    return tuple(code for code in codes if code in VOCABULARY and VOCABULARY[code].critical)
