"""How likely each name of a subject is for one ECG, and what that rests on."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from einthoven.answering.ground import Ground
from einthoven.answering.meaning import STATEMENTS, Meaning, code_of, name_of
from einthoven.answering.scales import Scales, odds
from einthoven.answering.values import axis_chances, level_chances, measured_ground
from einthoven.answering.view import View
from einthoven.datasets.ecg_qa.tables import names
from einthoven.ecg import LEADS
from einthoven.statements import VOCABULARY

SHOWN = 3
OF_EXTRA = {"VES": ("PVC",), "SVES": ("PAC",), "ES": ("PVC", "PAC", "PRC(S)")}
"""The codes whose confidence tells of extra beats; PTB-XL's marks of them and its codes are kept apart."""
OF_NOISE = {
    "baseline_drift": "wander",
    "static_noise": "noise",
    "burst_noise": "noise",
    "electrodes_problems": "trouble",
}
"""What of a lead's quality tells of each kind of interference."""
LEAST = 1e-3


@dataclass(frozen=True)
class Chance:
    """Probability of a name; `tell` gives what it rests on, never empty (few of many names are told)."""

    value: float
    tell: Callable[[], tuple[Ground, ...]]


def chances(view: View, meaning: Meaning, scales: Scales) -> Mapping[str, Chance]:
    """Each name of what is asked of one ECG (`meaning.names`, or for "any" one entry) with its probability.

    A name of which nothing is known is left out: a measured value that could not be measured.
    """
    about, place = meaning.about, meaning.place
    if about in STATEMENTS or about == "leads-of-form":
        return _statements(view, meaning, scales)
    if about in ("superclass", "abnormal-superclass"):
        return {name: _of_codes(view, codes_of(meaning, name), scales, "superclass", name) for name in meaning.names}
    if about in _ANY:
        return {"": _of_codes(view, _ANY[about], scales, about, "any of what is asked for")}
    if about in ("noise", "noise-in-lead"):
        kinds = {name: kind for kind, name in names("noise").items()}
        wanted = meaning.names or tuple(kinds)
        each = {name: _noise(view, kinds[name], place, scales) for name in wanted}
        return each if meaning.verb != "any" else {"": _any_of(each.values())}
    if about == "leads-of-noise":
        kind = next(kind for kind, name in names("noise").items() if name == place)
        return {lead: _noise(view, kind, lead, scales) for lead in meaning.names}
    if about == "extra":
        kinds = {name: kind for kind, name in names("extra").items()}
        each = {
            name: _of_codes(view, OF_EXTRA[kinds[name]], scales, f"extra {kinds[name]}", name)
            for name in meaning.names or tuple(kinds)
        }
        return each if meaning.verb != "any" else {"": each[names("extra")["ES"]]}
    if about in ("stage", "every-stage"):
        stages = {name: stage for stage, name in names("stage").items()}
        codes = _of_class("MI")
        return {
            name: _of_codes(view, codes, scales, f"stage {stages[name]}", "an infarct", stages[name] == "none")
            for name in meaning.names
        }
    if about == "axis":
        return _measured(axis_chances(view), meaning.names, partial(_grounds_of, view, "axis"))
    return _levels(view, meaning)


def _statements(view: View, meaning: Meaning, scales: Scales) -> Mapping[str, Chance]:
    if meaning.about == "leads-of-form":
        code = code_of(meaning.place)
        one = _of_codes(view, (code,) if code else (), scales, "form-in-lead", meaning.place)
        return {lead: one for lead in meaning.names}
    key = meaning.about if meaning.about in ("form-in-lead", "certain-diagnosis") else None
    return {name: _of_codes(view, codes_of(meaning, name), scales, key, name) for name in meaning.names}


def codes_of(meaning: Meaning, name: str) -> tuple[str, ...]:
    """The SCP codes of which one makes a name of a question true; none for what is not told by codes."""
    if meaning.about in _ANY:
        return _ANY[meaning.about]
    if meaning.about in ("superclass", "abnormal-superclass"):
        return _of_class(next(code for code, one in names("superclass").items() if one == name))
    code = code_of(name)
    return tuple(meaning.groups.get(name) or ((code,) if code else ()))


def _of_codes(
    view: View, codes: Sequence[str], scales: Scales, key: str | None, said: str, absent: bool = False
) -> Chance:
    """Any of these codes (or none of them), as if they were independent; scaled by what was learnt for `key`.

    Args:
        said: what several codes are called together.
    """
    at = [view.places[code] for code in codes if code in view.places]
    left = math.prod(1 - min(view.confidences[place], 1 - 1e-9) for place in at)
    return Chance(
        scales.chance(key, odds(left if absent else 1 - left)), lambda: (_neighbour_ground(view, codes, at, said),)
    )


def _neighbour_ground(view: View, codes: Sequence[str], at: Sequence[int], said: str) -> Ground:
    near = view.found.neighbours
    carrying = [one for one in near if set(codes) & set(one.codes)]
    listed = ", ".join(f"{one.record} ({one.similarity:.3f})" for one in carrying[:SHOWN])
    head = max((float(view.found.head[place]) for place in at), default=0.0)
    what = name_of(codes[0]) if len(codes) == 1 else said
    verb = "carries" if len(carrying) == 1 else "carry"
    text = f"{len(carrying)} of the {len(near)} nearest ECGs {verb} {what}" + (f": {listed}" if listed else "")
    records = tuple(one.record for one in (carrying or near)[:SHOWN])
    if not at:
        return Ground(f"no ECG of the archive carries {what}: neighbours cannot tell", records)
    numbers = (("votes", float(len(carrying))), ("neighbours", float(len(near))), ("head", head))
    return Ground(f"{text}; statement head {head:.2f}", records, numbers)


def _noise(view: View, kind: str, place: str, scales: Scales) -> Chance:
    """Interference of one kind, in a lead or (place "") in the worst one, from the quality of leads."""
    what = OF_NOISE[kind]
    leads = [lead for lead in LEADS if not place or place == names("lead")[lead]]
    known = {lead: getattr(view.quality.leads.get(lead), what, None) for lead in leads}
    each = {lead: float(value) for lead, value in known.items() if value is not None}
    if not each:
        worst, value = leads[0], 10.0  # a lead that is missing or flat
        ground = Ground(f"lead {worst} was not judged: it is missing, flat or without beats")
    else:
        worst = max(each, key=lambda lead: each[lead])
        value = each[worst]
        ground = Ground(f"{what} of lead {worst}: {value:.3f} QRS heights", (), ((f"{what} {worst}", value),))
        if what == "trouble":
            ground = Ground(f"trouble of lead {worst}: {value:.2f} of its limit", (), ((f"{what} {worst}", value),))
    scale = f"{kind} in lead" if place else kind
    return Chance(scales.chance(scale, math.log(max(value, LEAST))), lambda: (ground,))


def _levels(view: View, meaning: Meaning) -> Mapping[str, Chance]:
    if meaning.about == "level-of-feature":
        return _measured(level_chances(view, meaning.place), meaning.names, partial(_grounds_of, view, meaning.place))
    found: dict[str, Chance] = {}
    for feature in meaning.names:
        levels = level_chances(view, feature)
        if levels is not None:
            inside = levels[names("level")["within"]]
            value = 1 - inside if meaning.about == "outside" else levels[meaning.place]
            found[feature] = Chance(value, partial(_grounds_of, view, feature))
    return found


def _measured(
    found: Mapping[str, float] | None, wanted: Iterable[str], tell: Callable[[], tuple[Ground, ...]]
) -> Mapping[str, Chance]:
    return {} if found is None else {name: Chance(found[name], tell) for name in wanted}


def _grounds_of(view: View, feature: str) -> tuple[Ground, ...]:
    return (measured_ground(view, feature),)


def _any_of(each: Iterable[Chance]) -> Chance:
    listed = sorted(each, key=lambda one: -one.value)
    left = math.prod(1 - min(one.value, 1 - 1e-9) for one in listed)
    return Chance(1 - left, listed[0].tell)


def _of_class(superclass: str) -> tuple[str, ...]:
    return tuple(code for code in VOCABULARY if VOCABULARY[code].superclass == superclass)


def _of_kind(kind: str, *but: str) -> tuple[str, ...]:
    return tuple(code for code in VOCABULARY.codes(kind) if code not in but)


_ANY: Mapping[str, tuple[str, ...]] = {
    "abnormal": tuple(code for code in VOCABULARY if code not in ("NORM", "SR")),
    "any-diagnosis": _of_kind("diagnostic", "NORM"),
    "any-certain-diagnosis": _of_kind("diagnostic", "NORM"),
    "any-form": _of_kind("form"),
    "any-rhythm": _of_kind("rhythm"),
}
