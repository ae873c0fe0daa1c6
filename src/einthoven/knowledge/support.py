"""Whether a passage supports a sentence that a language model wrote.

A check of words, numbers, leads and directions, not of meaning: what it lets through may still be wrong, and what it
drops may be right. How often, docs/describe.md says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain

from einthoven.knowledge.bounds import misplaced, side
from einthoven.knowledge.handbook_sentence import leads_in
from einthoven.knowledge.placed import elsewhere
from einthoven.knowledge.polarity import LEVEL, contrary
from einthoven.knowledge.sentences import sentences_of
from einthoven.knowledge.stems import COMMON, OPPOSED, meaning_of
from einthoven.knowledge.words import search_words

COVERED = 0.65
"""The share of a sentence's own words that a passage must hold."""

_UNIT = (
    r"ms|msec|milliseconds?|mV|millivolts?|mm|millimet(?:er|re)s?|bpm|beats? per minute|/min|degrees?|°|s|sec|seconds?"
    r"|%|percent|per cent"
)
_QUANTITY = re.compile(
    rf"(?<![\w.])(-?\d+(?:[.,]\d+)?)(?:\s?(?:-|–|to|and)\s?(-?\d+(?:[.,]\d+)?))?\s?({_UNIT})?(?![\w])"
)
_SCALES = {"s": ("ms", 1000.0), "ms": ("ms", 1.0), "mm": ("mV", 0.1), "mV": ("mV", 1.0)}
_NAMES = {
    **dict.fromkeys(("sec", "second", "seconds"), "s"),
    **dict.fromkeys(("msec", "millisecond", "milliseconds"), "ms"),
    **dict.fromkeys(("millivolt", "millivolts"), "mV"),
    **dict.fromkeys(("millimeter", "millimeters", "millimetre", "millimetres"), "mm"),
    **dict.fromkeys(("beat per minute", "beats per minute", "/min"), "bpm"),
    **dict.fromkeys(("degree", "degrees", "°"), "degrees"),
    **dict.fromkeys(("percent", "per cent"), "%"),
}
_EVERY = re.compile(r"\b(?:every|all|always|invariably)\b", re.I)
_ADVICE = re.compile(
    r"\b(?:treat\w*|therap\w*|drugs?|medicat\w*|ablat\w*|cardiover\w*|implant\w*|adenosine|should|must be|stopped|"
    r"prognos\w*|mortality|survival|risk)\b",
    re.I,
)
_SAME_WAY = re.compile(r"\bsame (?:way|direction)(?: as)?\b", re.I)
_DENIES = re.compile(
    r"\b(?:no|not|nor|without|never|neither|absent|absence|lacks?|lacking|missing|lost|cannot)\b", re.I
)


def unsupported(sentence: str, passages: Sequence[str]) -> str:
    """Why the passages together do not support a sentence, in words; empty where they do.

    >>> unsupported("The QRS complex lasts at least 0.12 s.", ["The QRS duration is 120 ms or more."])
    ''
    >>> unsupported("The QRS complex lasts at least 140 ms.", ["The QRS duration is 120 ms or more."])
    'no passage has 140 ms'
    """
    if not passages:
        return "it rests on no passage"
    whole = " ".join(passages)
    if strange := [shown for shown, value in quantities(sentence) if value not in _values_of(whole)]:
        return f"no passage has {strange[0]}"
    if wrong := next(_misplaced(sentence, whole), ""):
        return wrong
    if leads := leads_in(sentence) - leads_in(whole):
        return f"no passage speaks of {', '.join(sorted(leads))}"
    if turned := contrary(sentence, whole) or elsewhere(sentence, whole):
        return turned
    if (every := _EVERY.search(sentence)) and not _EVERY.search(whole):
        return f"no passage says {every[0].lower()}"
    if (advice := _ADVICE.search(sentence)) and advice[0].lower() not in whole.lower():
        return f"no passage says {advice[0].lower()}"
    words = _words(sentence)
    nearest = max(sentences_of(whole) or [whole], key=lambda one: _shared(words, one))
    if opposite := next(chain(_opposed(words, whole), _opposed(words, nearest)), ""):
        return opposite
    new = sorted(words - _words(whole) - {"absent"})
    if words and len(new) > (1 - COVERED) * len(words):
        return f"no passage has {', '.join(new[:4])}"
    if bool(_DENIES.search(sentence)) != bool(_DENIES.search(nearest)) and not _turned(sentence, nearest):
        return "the passage denies something else, or says the contrary"
    return ""


def quantities(text: str) -> list[tuple[str, tuple[float, str]]]:
    """Numbers as they stand, and as a value and unit that 0.12 s and 120 ms share, 1 mm and 0.1 mV."""
    return [(shown, value) for shown, value, _ in _sided(text)]


def _sided(text: str) -> list[tuple[str, tuple[float, str], str]]:
    """The same, each with the side on which the text stands of it."""
    found = []
    plain = _without_leads(text)
    for match in _QUANTITY.finditer(plain):
        unit = match[3] or ""
        where = "" if match[2] else side(plain, *match.span())
        for number in (match[1], match[2]):
            if number:
                found.append((f"{number} {unit}".strip(), _value(number, unit), where))
    return found


def _misplaced(sentence: str, whole: str) -> Iterator[str]:
    """Numbers that the passages give of another wave, or of which they say the contrary."""
    there = [(value, where, one) for one in sentences_of(whole) for _, value, where in _sided(one)]
    for shown, value, mine in _sided(sentence):
        same = [(where, one) for other, where, one in there if other[0] == value[0] and value[1] in ("", other[1])]
        if same and (why := misplaced(shown, (mine, sentence), same)):
            yield why
        ways = _directions(sentence) & LEVEL
        others = [_directions(one) & LEVEL for _, one in same]
        if len(ways) == 1 and others and all(other and not other & ways for other in others):
            yield f"the passages give {shown} the other way"


def _turned(sentence: str, other: str) -> bool:
    """Whether a denial of one is a contrary in the other: "not widened" beside "narrow"."""
    mine, yours = _directions(sentence), _directions(other)
    return any(group & mine and group & yours and not group & mine & yours for group in OPPOSED)


def _directions(text: str) -> frozenset[str]:
    return frozenset(meaning_of(word) for word in search_words(_SAME_WAY.sub("concordant", text)))


def _values_of(text: str) -> set[tuple[float, str]]:
    """All values of a text, each also without its unit: a sentence may leave it out."""
    found = quantities(text)
    return {value for _, value in found} | {_value(shown.split()[0], "") for shown, _ in found}


def _value(number: str, unit: str) -> tuple[float, str]:
    name = _NAMES.get(unit.lower(), unit)
    base, scale = _SCALES.get(name, (name, 1.0))
    return round(float(number.replace(",", ".")) * scale, 6), base


def _without_leads(text: str) -> str:
    text = re.sub(r"\b(?:at )?(?:10 mm/mV|25 mm/s|50 mm/s)", " ", text)  # paper, not findings
    return re.sub(r"\bV[1-9](?:\s?[-–]\s?V?[1-9])?\b|\b12[- ](?:lead|Kanal)\w*|\b\d(?:st|nd|rd|th)\b", " ", text)


def _words(text: str) -> frozenset[str]:
    """What the words of a text mean, but for common ones, numbers and leads."""
    plain = _QUANTITY.sub(" ", _without_leads(_SAME_WAY.sub("concordant", text)))
    return frozenset(meaning_of(word) for word in search_words(plain) if not word[0].isdigit() and word not in COMMON)


@cache
def _cached_words(text: str) -> frozenset[str]:
    return _words(text)


def _shared(words: frozenset[str], other: str) -> float:
    return len(words & _cached_words(other)) / max(len(words), 1)


def _opposed(words: frozenset[str], whole: str) -> Iterator[str]:
    """Directions of the sentence whose contrary is all that the passages know, as "up" beside "down"."""
    there = _directions(whole)
    for group in OPPOSED:
        for direction in group & words - there:
            if contrary := group & there:
                yield f"the passages say {' and '.join(sorted(contrary))}, not {direction}"
