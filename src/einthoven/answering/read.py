"""Reading a question: English or German words to what is asked. What it cannot read whole it does not guess."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from einthoven.answering.meaning import NONE, Meaning, meaning_of, name_of
from einthoven.answering.phrases import Item, QuestionLanguage, Word, fillers, language_of, phrases_in, untold, words_of
from einthoven.answering.understood import Found, meaning_from
from einthoven.datasets.ecg_qa import Asked, templates
from einthoven.datasets.ecg_qa.seen import SUBJECTS
from einthoven.statements import VOCABULARY
from einthoven.statements.parse import parse_report

LONGEST = 400
"""Characters of a question; what is longer is none."""


class NotUnderstoodError(Exception):
    """A question that cannot be read; `why` in a sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class UntoldError(NotUnderstoodError):
    """A question that is understood, and that nothing here can answer; `ask` are some that can be."""

    def __init__(self, key: str, what: str = "") -> None:
        self.key = key
        why, self.ask = untold()[key]
        super().__init__(f"{what}: {why}" if what else why)


@dataclass
class _Reading:
    words: Sequence[Word]
    language: QuestionLanguage
    items: list[Item]
    taken: set[int] = field(default_factory=set)


def read_question(text: str, options: Sequence[str] = ()) -> Meaning:
    """What a question asks.

    Args:
        options: answers that were given with it; findings among them are what a list is asked of.

    Raises:
        NotUnderstoodError: it is empty, too long, in another language, or holds words that are not known here.
        UntoldError: it asks for what nothing here can tell.

    >>> one = read_question("Liegt ein Linksschenkelblock vor?")
    >>> one.verb, one.groups["left bundle branch block"]
    ('verify', ('CLBBB', 'ILBBB'))
    >>> read_question("What is the heart rate?").verb
    'value'
    """
    if not text.strip() or len(text) > LONGEST:
        raise NotUnderstoodError("There is no question." if not text.strip() else "The question is too long.")
    if known := _as_template(" ".join(text.split())):
        return known
    text = text.replace("?", " ")  # in a report it is doubt
    words = words_of(text)
    language = language_of(words) or _of_findings(text)
    if language is None:
        raise NotUnderstoodError("It is neither English nor German, or asks of nothing that is known here.")
    reading = _Reading(words, language, list(phrases_in(words, language)))
    if key := next((item.value for item in reading.items if item.kind == "untold"), None):
        raise UntoldError(key)
    _prefer_statements(text, reading)
    for item in reading.items:
        reading.taken |= set(range(item.first, item.last + 1))
    _read_statements(text, reading)
    strange = [
        word.form
        for place, word in enumerate(words)
        if place not in reading.taken and word.form not in fillers(language)
    ]
    if strange:
        raise NotUnderstoodError(f"These words are not known here: {', '.join(dict.fromkeys(strange))}.")
    items = sorted(reading.items, key=lambda item: item.first)
    found = Found(items, frozenset(word.form for word in words), len(reading.taken) == len(words))
    meaning = meaning_from(found, tuple(_named(option) for option in options))
    if meaning is None:
        raise NotUnderstoodError("It is not clear what it asks.")
    return meaning


def _of_findings(text: str) -> QuestionLanguage | None:
    """The language of a question that is nothing but findings: "Vorhofflimmern?"."""
    parsed = parse_report(text)
    if not parsed.statements or parsed.unparsed:
        return None
    return "de" if parsed.language == "de" else "en"  # short ones are of no language: "WPW?"


def _prefer_statements(text: str, reading: _Reading) -> None:
    """A finding that the parser reads from more words than a group's: "inferior infarct", "third degree AV block"."""
    for one in parse_report(text).statements:
        first, last = one.span
        within = [p for p, word in enumerate(reading.words) if word.start >= first and word.end <= last]
        if not within or one.polarity != "present":
            continue
        inside = [item for item in reading.items if within[0] <= item.first and item.last <= within[-1]]
        longer = all(item.last - item.first + 1 < len(within) for item in inside)
        if inside and longer and all(item.kind in ("group", "superclass") for item in inside):
            reading.items = [item for item in reading.items if item not in inside]


def _read_statements(text: str, reading: _Reading) -> None:
    """Findings that the parser of reports reads in what no phrase took, each side of an "or" by itself."""
    run: list[int] = []
    for place in [*range(len(reading.words)), None]:
        if place is not None and place not in reading.taken:
            run.append(place)
            continue
        if run:
            _read_run(text, reading, run)
        run = []


def _read_run(text: str, reading: _Reading, run: Sequence[int]) -> None:
    start, end = reading.words[run[0]].start, reading.words[run[-1]].end
    parsed = parse_report(text[start:end])
    if parsed.mentions:  # a finding without a code, or an infarct that is acute: what is asked is more than a code says
        return
    spans: dict[tuple[int, int], list[str]] = {}
    for one in parsed.statements:
        if one.polarity != "present":
            return
        spans.setdefault(one.span, []).append(one.code)
    blood = [word.form for word in reading.words[run[0] : run[-1] + 1] if word.form.startswith(("hyperkal", "hypokal"))]
    if blood:  # its code is of what the ST segment and the T wave look like, and denies no disturbance
        raise UntoldError("electrolyte", blood[0])
    for (first, last), codes in spans.items():
        places = [p for p in run if reading.words[p].start >= start + first and reading.words[p].end <= start + last]
        if places:
            reading.items.append(Item("statement", " ".join(codes), places[0], places[-1]))
            reading.taken |= set(places)


def _named(option: str) -> tuple[str, tuple[str, ...]]:
    """An option with the codes that it names; none where it names no finding."""
    folded = option.casefold().strip()
    for code in VOCABULARY:
        if folded in (code.casefold(), name_of(code).casefold()):
            return option, (code,)
    parsed = parse_report(option)
    codes = [one.code for one in parsed.statements if one.polarity == "present"]
    whole = not parsed.unparsed and not parsed.mentions and len(codes) == len(parsed.statements)
    return option, tuple(codes) if whole and folded != NONE else ()


def _as_template(text: str) -> Meaning | None:
    for pattern, number in _patterns():
        if found := pattern.fullmatch(text):
            blanks = {name: value for name, value in found.groupdict().items() if value}
            meaning = _filled(number, {name: value.strip() for name, value in blanks.items()})
            if meaning is not None:  # else a blank holds more words than its own, and another template's they are
                return meaning
    return None


def _filled(number: int, blanks: Mapping[str, str]) -> Meaning | None:
    template = templates()[number]
    subject = SUBJECTS[template.about]
    slot = subject.slot
    place = blanks.get(slot, "") if slot else ""
    names = tuple(blanks[key] for key in ("a", "b", "name") if key in blanks and key != slot)
    known = {one.casefold(): one for one in (*subject.options, *subject.places)}
    if any(one.casefold() not in known for one in (*names, *([place] if place else []))):
        return None
    return meaning_of(Asked(template, tuple(known[one.casefold()] for one in names), known.get(place.casefold(), "")))


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], int], ...]:
    """The templates' own texts, with anything in their blanks."""
    return tuple(
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(template.text)), re.IGNORECASE), number)
        for number, template in templates().items()
    )
