"""What the facts of one ECG show of a subject: names that are present, in doubt, or left open."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from einthoven.datasets.ecg_qa.facts import RANGES, Facts
from einthoven.datasets.ecg_qa.tables import names
from einthoven.statements import VOCABULARY

LOCATED = frozenset(
    ("NDT", "NST_", "DIG", "STD_", "VCLVH", "QWAVE", "LOWT", "NT_", "INVT", "LVOLT", "HVOLT", "TAB_", "STE_")
)
"""Wave shapes that ECG-QA looks for in single leads."""


@dataclass(frozen=True)
class Seen:
    """Names of one subject; those in none of the three sets are absent.

    Args:
        doubtful: stated with a likelihood below 100%.
        unknown: the facts do not decide.
    """

    present: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()
    unknown: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Subject:
    """Something that is asked about.

    Args:
        options: the names that an answer may hold, in their order.
        look: facts and place to what is seen; None where the facts say nothing of the subject at all.
        places: where or of what it is asked (leads, a wave shape, a measured value); "" for the whole ECG.
        slot: what the place is called in a template's text.
    """

    options: tuple[str, ...]
    look: Callable[[Facts, str], Seen | None]
    places: tuple[str, ...] = ("",)
    slot: str = ""


def _of_kind(kind: str) -> dict[str, str]:
    return {code: name for code, name in names("statement").items() if kind in VOCABULARY[code].kinds}


def sure(likelihood: float | None) -> bool:
    """Whether a likelihood leaves no doubt: PTB-XL's 0 is "not stated", and then the statement holds."""
    return likelihood is None or likelihood in (0, 100)


def _codes(wanted: Mapping[str, str], certain: bool = False) -> Callable[[Facts, str], Seen | None]:
    """Statements by their names; in doubt are diagnoses that are likely only, which `certain` leaves out instead."""
    likely = {code for code in VOCABULARY if "diagnostic" in VOCABULARY[code].kinds}

    def look(facts: Facts, place: str) -> Seen | None:
        if facts.statements is None:
            return None
        stated = {code: sure(value) or code not in likely for code, value in facts.statements.items()}
        doubtful = frozenset(wanted[code] for code, held in stated.items() if code in wanted and not held)
        return Seen(
            frozenset(wanted[code] for code, held in stated.items() if code in wanted and held),
            frozenset() if certain else doubtful,
        )

    return look


def _some(holds: Callable[[str, float | None], bool]) -> Callable[[Facts, str], Seen | None]:
    """For "any": the codes themselves, for which it holds."""

    def look(facts: Facts, place: str) -> Seen | None:
        if facts.statements is None:
            return None
        return Seen(frozenset(code for code, likelihood in facts.statements.items() if holds(code, likelihood)))

    return look


def _diagnosis(code: str) -> bool:
    return code != "NORM" and code in VOCABULARY and "diagnostic" in VOCABULARY[code].kinds


def _kind(kind: str) -> Callable[[str, float | None], bool]:
    return lambda code, likelihood: code in VOCABULARY and kind in VOCABULARY[code].kinds


def _superclass(facts: Facts, place: str) -> Seen | None:
    if facts.statements is None:
        return None
    classes = {VOCABULARY[code].superclass for code in facts.statements if code in VOCABULARY}
    return Seen(frozenset(names("superclass")[one] for one in classes if one))


def _form_in_lead(facts: Facts, place: str) -> Seen | None:
    if facts.statements is None:
        return None
    shapes = LOCATED & set(facts.statements)
    named = names("statement")
    return Seen(
        frozenset(named[code] for code in shapes if place in _leads(facts.forms.get(code, ()))),
        unknown=frozenset(named[code] for code in shapes if code not in facts.forms),
    )


def _leads_of_form(facts: Facts, place: str) -> Seen | None:
    code = _CODE_OF_FORM[place]
    if facts.statements is None or (code in facts.statements and code not in facts.forms):
        return None
    return Seen(_leads(facts.forms[code]) if code in facts.statements else frozenset())


def _leads(leads: Iterable[str]) -> frozenset[str]:
    return frozenset(names("lead")[lead] for lead in leads)


def _noise(facts: Facts, place: str) -> Seen | None:
    if facts.noise is None:
        return None
    named = names("noise")
    return Seen(
        frozenset(named[kind] for kind, marks in facts.noise.items() if marks.there),
        unknown=frozenset(named[kind] for kind, marks in facts.noise.items() if marks.there is None),
    )


def _noise_in_lead(facts: Facts, place: str) -> Seen | None:
    if facts.noise is None:
        return None
    named = names("noise")
    here = frozenset(named[kind] for kind, marks in facts.noise.items() if place in _leads(marks.leads))
    return Seen(here, unknown=frozenset(named[k] for k, marks in facts.noise.items() if not marks.complete) - here)


def _leads_of_noise(facts: Facts, place: str) -> Seen | None:
    if facts.noise is None:
        return None
    marks = next(marks for kind, marks in facts.noise.items() if names("noise")[kind] == place)
    return Seen(_leads(marks.leads)) if marks.complete else None


def _axis(facts: Facts, place: str) -> Seen | None:
    return None if facts.axis is None else Seen(frozenset({names("axis")[facts.axis]}))


def _stage(facts: Facts, place: str) -> Seen | None:
    if facts.stage in (None, "unknown"):
        return None
    return Seen(frozenset() if facts.stage == "none" else frozenset({names("stage")[str(facts.stage)]}))


def _every_stage(facts: Facts, place: str) -> Seen | None:
    return None if facts.stage is None else Seen(frozenset({names("stage")[facts.stage]}))


def _extra(facts: Facts, place: str) -> Seen | None:
    return None if facts.extra is None else Seen(frozenset(names("extra")[kind] for kind in facts.extra))


def _level(facts: Facts, place: str) -> Seen | None:
    return Seen(frozenset({names("level")[facts.levels[place]]})) if place in facts.levels else None


def _features(facts: Facts, place: str) -> Seen | None:
    there = frozenset(name for name, level in facts.levels.items() if names("level")[level] == place)
    return Seen(there, unknown=frozenset(RANGES) - set(facts.levels)) if facts.levels else None


def _outside(facts: Facts, place: str) -> Seen | None:
    there = frozenset(name for name, level in facts.levels.items() if level != "within")
    return Seen(there, unknown=frozenset(RANGES) - set(facts.levels)) if facts.levels else None


_CODE_OF_FORM = {name: code for code, name in names("statement").items() if code in LOCATED}
_LEADS, _NOISE, _STAGES = (tuple(names(kind).values()) for kind in ("lead", "noise", "stage"))
_FORMS, _LEVELS, _FEATURES = tuple(_CODE_OF_FORM), tuple(names("level").values()), tuple(names("feature").values())
_AXES, _EXTRA, _CLASSES = (tuple(names(kind).values()) for kind in ("axis", "extra", "superclass"))

SUBJECTS: Mapping[str, Subject] = {
    "statement": Subject(tuple(names("statement").values()), _codes(names("statement"))),
    "superclass": Subject(_CLASSES, _superclass),
    "abnormal-superclass": Subject(
        tuple(name for name in _CLASSES if name != names("superclass")["NORM"]), _superclass
    ),
    "diagnosis": Subject(tuple(_of_kind("diagnostic").values()), _codes(_of_kind("diagnostic"))),
    "certain-diagnosis": Subject(tuple(_of_kind("diagnostic").values()), _codes(_of_kind("diagnostic"), certain=True)),
    "form": Subject(tuple(_of_kind("form").values()), _codes(_of_kind("form"))),
    "rhythm": Subject(tuple(_of_kind("rhythm").values()), _codes(_of_kind("rhythm"))),
    "abnormal": Subject((), _some(lambda code, likelihood: code not in ("NORM", "SR"))),
    "any-diagnosis": Subject((), _some(lambda code, likelihood: _diagnosis(code))),
    "any-certain-diagnosis": Subject((), _some(lambda code, likelihood: _diagnosis(code) and sure(likelihood))),
    "any-form": Subject((), _some(_kind("form"))),
    "any-rhythm": Subject((), _some(_kind("rhythm"))),
    "form-in-lead": Subject(_FORMS, _form_in_lead, _LEADS, "lead"),
    "leads-of-form": Subject(_LEADS, _leads_of_form, _FORMS, "name"),
    "axis": Subject(_AXES, _axis),
    "stage": Subject(_STAGES[:3], _stage),
    "every-stage": Subject(_STAGES, _every_stage),
    "noise": Subject(_NOISE, _noise),
    "noise-in-lead": Subject(_NOISE, _noise_in_lead, _LEADS, "lead"),
    "leads-of-noise": Subject(_LEADS, _leads_of_noise, _NOISE, "name"),
    "extra": Subject(_EXTRA, _extra),
    "level-of-feature": Subject(_LEVELS, _level, _FEATURES, "feature"),
    "features-at-level": Subject(_FEATURES, _features, _LEVELS, "level"),
    "outside": Subject(_FEATURES, _outside),
}
