"""What is the case: the answer that facts give to what is asked, or None where they leave it open."""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.datasets.ecg_qa.asked import Asked
from einthoven.datasets.ecg_qa.facts import Facts
from einthoven.datasets.ecg_qa.seen import Seen
from einthoven.datasets.ecg_qa.template import Change
from einthoven.ecg import UsageError

YES, NO, NOT_SURE, NONE = "yes", "no", "not sure", "none"


def answer(asked: Asked, subjects: Sequence[Facts]) -> tuple[str, ...] | None:
    """The answers in the order of the template's options; "none" where there is none, None where it is undecided.

    Args:
        subjects: one ECG, or two where the template compares.

    Raises:
        UsageError: another number of ECGs than the template takes.

    >>> from einthoven.datasets.ecg_qa.template import templates
    >>> ecg = Facts("a/1", "a", statements={"IMI": 35.0, "SR": None})
    >>> answer(Asked(templates()[1], ("myocardial infarction in inferior leads",)), [ecg])
    ('not sure',)
    """
    shown = seen_by(asked, subjects)
    return None if shown is None else answer_to(asked, shown)


def options(asked: Asked) -> tuple[str, ...]:
    """The answers that are allowed: of a choice its two names and "none"."""
    verb = asked.template.verb
    if verb == "any" or (verb == "verify" and asked.template.number != 1):
        return (NO, YES)
    if verb == "verify":
        return (NO, NOT_SURE, YES)
    one_of_many = asked.template.about in ("axis", "every-stage", "level-of-feature")
    named = asked.names or asked.subject.options
    return named if verb == "query" and one_of_many else (*named, NONE)


def seen_by(asked: Asked, subjects: Sequence[Facts]) -> Seen | None:
    """What is seen of the subject, in one ECG or in the change between two; None where nothing is known of it.

    Raises:
        UsageError: another number of ECGs than the template takes.
    """
    template, look = asked.template, asked.subject.look
    if len(subjects) != (2 if template.pair else 1):
        raise UsageError(
            f"Template {template.number} asks about {2 if template.pair else 1} ECG(s), not {len(subjects)}.",
            "Give as many.",
        )
    each = [look(facts, asked.place) for facts in subjects]
    if not template.pair:
        return each[0]
    first, second = each
    if first is None or second is None:
        return None
    return changed(first, second, template.change, asked.subject.options, template.verb == "verify")


def changed(first: Seen, second: Seen, change: Change, named: Sequence[str], verify: bool) -> Seen:
    """Which names have gone, come, been kept or lacking. What is in doubt counts as present, as in ECG-QA.

    Something can only go or stay if the first ECG has it, and only come or stay away if that lacks it: to verify it of
    other names is idle, and they are unknown here.
    """
    before, after = first.present | first.doubtful, second.present | second.doubtful
    every = frozenset(named)
    unknown = first.unknown | second.unknown
    if verify:
        unknown |= every - before if change in ("gone", "kept") else before
    found = {
        "gone": before - after,
        "new": after - before,
        "kept": before & after,
        "lacking": every - before - after,
    }[change]
    return Seen(found - unknown, unknown=unknown)


def answer_to(asked: Asked, shown: Seen) -> tuple[str, ...] | None:
    """The answer to what is asked of a subject that was looked at."""
    verb = asked.template.verb
    held = shown.present if asked.template.number == 1 else shown.present | shown.doubtful
    if verb == "any":
        return (YES,) if held else None if shown.unknown else (NO,)
    if verb == "query":
        if shown.unknown:
            return None
        return tuple(name for name in asked.subject.options if name in held) or (NONE,)
    if shown.unknown & set(asked.names):
        return None
    if verb == "choose":
        return tuple(name for name in asked.names if name in held) or (NONE,)
    (name,) = asked.names
    return (YES,) if name in held else (NOT_SURE,) if name in shown.doubtful else (NO,)
