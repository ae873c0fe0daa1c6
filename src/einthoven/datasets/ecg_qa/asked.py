"""A template with its blanks filled in; and how that is read back from a question, a published one too."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from einthoven.datasets.ecg_qa.seen import SUBJECTS, Subject
from einthoven.datasets.ecg_qa.template import Template, templates
from einthoven.datasets.ecgqa import QuestionAnswer

_LEAD = re.compile(r"\blead (III|II|I|aVR|aVL|aVF|V[1-6])\b", re.IGNORECASE)
_OF = " of "


@dataclass(frozen=True)
class Asked:
    """What is asked.

    Args:
        names: one to verify, two to choose of, none otherwise.
        place: the lead, wave shape, kind of interference, measured value or level it is about; "" for none.
    """

    template: Template
    names: tuple[str, ...] = ()
    place: str = ""

    @property
    def subject(self) -> Subject:
        """What it is about."""
        return SUBJECTS[self.template.about]

    @property
    def text(self) -> str:
        """The question in our words."""
        blanks = dict(zip(("a", "b") if len(self.names) == 2 else ("name",), self.names, strict=False))
        return self.template.text.format_map(blanks | ({self.subject.slot: self.place} if self.place else {}))

    @property
    def attributes(self) -> tuple[str, ...]:
        """As ECG-QA's `attribute` has it, but for queries, which list every option there."""
        if self.subject.slot == "feature":
            return tuple(f"{name}{_OF}{self.place}" for name in self.names or self.subject.options)
        if self.subject.slot == "level":
            return tuple(f"{self.place}{_OF}{feature}" for feature in self.subject.options)
        return self.names or ((self.place,) if self.subject.slot == "name" else ())


def asked_of(question: QuestionAnswer) -> Asked | None:
    """What a question asks, by its template, its attributes and the lead or name in its text; None if these do not say.

    Only the attributes and the template tell what is asked; a paraphrase is not understood.
    """
    template = templates().get(question.template)
    if template is None:
        return None
    subject, given = SUBJECTS[template.about], question.attributes
    place = ""
    if subject.slot == "lead":
        found = _LEAD.search(question.question)
        place = _canonical(found[1]) if found else ""
    elif subject.slot == "name":
        place = given[0] if given else ""
    elif subject.slot == "feature" and given:
        place = given[0].rpartition(_OF)[2]
    elif subject.slot == "level" and given:
        place = given[0].rpartition(_OF)[0]
    wanted = {"verify": 1, "choose": 2}.get(template.verb, 0)
    names = tuple(one.rpartition(_OF)[0] if subject.slot == "feature" else one for one in given)[:wanted]
    if wanted and not names:
        names = _named(question.question.lower(), template.about)
    if len(names) != wanted or not set(names) <= set(subject.options) or place not in subject.places:
        return None
    return Asked(template, names, place)


def _named(text: str, about: str) -> tuple[str, ...]:
    """The longest option that a text holds, for "ventricular extrasystoles" are extrasystoles by name as well."""
    found = [name for name in _longest_first(about) if name in text]
    return tuple(found[:1])


@cache
def _longest_first(about: str) -> tuple[str, ...]:
    return tuple(sorted(SUBJECTS[about].options, key=len, reverse=True))


def _canonical(lead: str) -> str:
    return next(name for name in SUBJECTS["leads-of-noise"].options if name.lower() == f"lead {lead.lower()}")
