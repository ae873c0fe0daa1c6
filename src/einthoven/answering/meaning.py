"""What a question asks: a verb, a subject, names, and for two ECGs a change; whoever put it, and in whatever words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from einthoven.datasets.ecg_qa import Asked
from einthoven.datasets.ecg_qa.tables import names
from einthoven.datasets.ecg_qa.template import Change
from einthoven.ecg import UsageError
from einthoven.statements import VOCABULARY

Verb = Literal["verify", "any", "choose", "query", "value"]
YES, NO, NOT_SURE, NONE = "yes", "no", "not sure", "none"
POSSIBLE = "possible"
UNSAID, PAUSE = "unsaid", "a pause of 2 s and more"
"""What questions are about that no statement answers (`answering.unsaid`), and one of their names."""
REGULARITY, REGULAR, IRREGULAR = "regularity", "regular", "irregular"
"""What questions about the distances of beats are about (`answering.regularity`), and their names."""
ONE_OF_MANY = ("axis", "every-stage", "level-of-feature")
GERMAN = {
    "ja": YES,
    "nein": NO,
    "nicht sicher": NOT_SURE,
    "unsicher": NOT_SURE,
    "möglich": POSSIBLE,
    "keine": NONE,
    "keiner": NONE,
    "keines": NONE,
}
"""Answers that are no names, as German options have them."""
STATEMENTS = ("statement", "diagnosis", "certain-diagnosis", "form", "rhythm", "form-in-lead")


@dataclass(frozen=True)
class Meaning:
    """What is asked.

    Args:
        verb: verify one name, ask whether any holds, choose among names, query for all, or ask for a measured value.
        about: a key of ECG-QA's subjects (`datasets.ecg_qa.seen.SUBJECTS`), "value", "unsaid", or "regularity".
        names: those to verify or to choose among; of a query those that may be named.
        place: the lead, wave shape, kind of interference, measured value or level it is about; "" for none.
        change: between two ECGs; "" for a question about one.
        groups: SCP codes of a name that stands for several ("bundle branch block").
        template: the number of ECG-QA's template, where the question is one of its.
    """

    verb: Verb
    about: str
    names: tuple[str, ...] = ()
    place: str = ""
    change: Change | Literal["any"] = ""
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    template: int | None = None

    @property
    def pair(self) -> bool:
        """Whether it is about two ECGs."""
        return self.change != ""

    @property
    def options(self) -> tuple[str, ...]:
        """The answers that are possible; none for a measured value."""
        if self.verb == "value":
            return ()
        if self.about == UNSAID and self.verb == "verify":
            return (NO, POSSIBLE)
        if self.verb in ("verify", "any"):
            return (NO, NOT_SURE, YES) if self.template == 1 else (NO, YES)
        every = self.names
        if self.change == "any":
            every = tuple(f"{name} {change}" for name in self.names for change in ("gone", "new"))
        one = self.about in ONE_OF_MANY and self.verb == "query"
        return every if one else (*every, NONE)


@cache
def name_of(code: str) -> str:
    """What a statement is called in answers: as in ECG-QA where that has a name for it.

    >>> name_of("CLBBB"), name_of("WPW")
    ('complete left bundle branch block', 'ventricular pre-excitation (WPW pattern)')
    """
    return names("statement").get(code) or VOCABULARY[code].english


@cache
def code_of(name: str) -> str | None:
    """The code that a name stands for; None for a name of none."""
    return {name_of(code): code for code in VOCABULARY}.get(name)


def meaning_of(asked: Asked) -> Meaning:
    """What one of ECG-QA's questions asks, from its template and attributes."""
    template = asked.template
    listed = asked.names or (asked.subject.options if template.verb == "query" else ())
    return Meaning(template.verb, template.about, listed, asked.place, template.change, template=template.number)


def plain(option: str) -> str:
    """An option, folded; yes, no and their like in German are the English ones.

    >>> plain("Ja"), plain("Sinus rhythm")
    ('yes', 'sinus rhythm')
    """
    folded = " ".join(option.casefold().split())
    return GERMAN.get(folded, folded)


def narrowed(meaning: Meaning, options: tuple[str, ...]) -> Meaning:
    """The same question, with no other answers than these.

    Raises:
        UsageError: options that the question cannot have, or none that it can.
    """
    if meaning.verb == "value" or meaning.change == "any":
        what = "a measured value" if meaning.verb == "value" else "all that has changed"
        raise UsageError(f"The question asks for {what}.", "Ask it without options.")
    further = (YES,) if meaning.verb == "verify" else ()  # where "possible" is all that is said, yes may be asked for
    allowed = {plain(one): one for one in (*meaning.options, NOT_SURE, NONE, *further)}
    strange = [one for one in options if plain(one) not in allowed]
    if strange:
        raise UsageError(
            f"'{strange[0]}' is no answer to this question.", f"It can be answered by: {', '.join(meaning.options)}."
        )
    kept = [allowed[plain(one)] for one in options]
    if meaning.verb in ("verify", "any"):
        if not {YES, NO} & set(kept):
            raise UsageError("The options hold neither yes nor no.", "Give --options yes,no.")
        return meaning
    named = tuple(one for one in meaning.options if one in kept and one not in (NONE, NOT_SURE))
    if not named:
        raise UsageError("The options name nothing that is asked.", f"Known: {', '.join(meaning.options)}.")
    return Meaning(meaning.verb, meaning.about, named, meaning.place, meaning.change, meaning.groups, meaning.template)
