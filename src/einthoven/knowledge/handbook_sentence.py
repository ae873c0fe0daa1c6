"""Whether a criterion's sentence and its braces say the same: numbers, units, relation and leads.

What stands before the first semicolon is compared; behind it there is room for what other authorities say. What
stands in parentheses is only a conversion: millimetres of a voltage.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from einthoven.ecg.leads import LEADS
from einthoven.knowledge.handbook_section import Criterion

_PARENTHESES = re.compile(r"\([^)]*\)")
_LEAD = r"(?:aV[RLF]|V[1-9]R?|I{1,3})"
_SPAN = re.compile(rf"(?<![\w:])({_LEAD})(?:(?: to |-|–)({_LEAD}))?(?![\w'])")
_NUMBERED = re.compile(r"(?:type|mobitz|grade|class|degree|part|phase)\s$", re.IGNORECASE)
_GROUPS = {
    r"inferior": ("II", "III", "aVF"),
    r"lateral": ("I", "aVL", "V5", "V6"),
    r"limb leads": LEADS[:6],
    r"(?:chest|precordial) leads?": LEADS[6:],
    r"anterior": LEADS[6:10],
    r"(?:all|any|two|other|contiguous|adjacent) (?:\w+ )?leads": LEADS,
}
# Numbers that measure nothing: ratios, codes, ages, years of print, counts of leads.
_NO_MEASURE = re.compile(
    r"\d+:\d+|\b\d+[A-Z][A-Z]\w*|\b\d+-lead\b|\b\d+ years?\b|\b\d+ (?:\w+ )?leads?\b"
    r"|\b(?:19|20)\d\d\b|\b\d+(?:st|nd|rd|th)\b"
)
_NUMBER = re.compile(r"(?<![\w.])-?\d+(?:\.\d+)?(?!\w)")
_UNITS = {
    "ms": r"ms\b|milliseconds?",
    "mV": r"mV\b",
    "mm": r"mm\b",
    "bpm": r"bpm\b|beats (?:per|a) minute|per minute",
    "degrees": r"degrees?\b|°",
    "s": r"s\b|seconds?\b",
    "beats": r"beats?\b",
    "percent": r"%|percent\b|per cent\b",
}
_ANY_UNIT = "|".join(_UNITS.values())
_MORE = "longer|wider|taller|deeper|greater|higher|faster|larger|later|broader"
_LESS = "shorter|narrower|smaller|lower|slower|fewer|earlier"
_BEFORE = {
    ">": rf"(?:(?:more|{_MORE}) than|over|above|exceeds|exceeding|exceed|beyond)",
    ">=": r"(?:at least|(?:not|no) less than|from)",
    "<": rf"(?:(?:less|{_LESS}) than|under|below)",
    "<=": r"(?:at most|up to|(?:not|no) more than|within|no later than)",
}
_DEEPER = r"(?:beyond|deeper than|from) ?$"
_OR_DEEPER = r"(?:or|and) (?:deeper|beyond|more)"
_AFTER = {
    ">=": rf"(?:or|and) (?:more|above|over|{_MORE})",
    "<=": rf"(?:or|and) (?:less|below|under|{_LESS})",
}


def disagreements(criterion: Criterion) -> Iterator[str]:
    """What the sentence and the braces do not say alike, a sentence each; nothing where they agree."""
    whole = criterion.sentence.replace("−", "-")
    plain = _PARENTHESES.sub("", whole)
    main = plain.split(";")[0]
    yield from _leads(criterion, main, plain)
    yield from _numbers(criterion, main)
    for millimetres in re.findall(r"\((\d+(?:\.\d+)?) mm\)", whole.split(";")[0]):
        if criterion.unit == "mV" and not any(abs(abs(mv) * 10 - float(millimetres)) < 1e-6 for mv in criterion.value):
            yield f"{millimetres} mm are not its mV"


def leads_in(sentence: str) -> set[str]:
    """The leads that a sentence names, spans such as "V1 to V3" in full.

    >>> sorted(leads_in("R waves in V4 to V6 and aVL, not in Mobitz I"))
    ['V4', 'V5', 'V6', 'aVL']
    """
    found: set[str] = set()
    for span in _SPAN.finditer(sentence):
        first, last = span.groups()
        if _NUMBERED.search(sentence[: span.start()]):
            continue
        found.add(first)
        if last in LEADS and first in LEADS:
            found |= set(LEADS[LEADS.index(first) : LEADS.index(last) + 1])
        elif last:
            found.add(last)
    return found


def _leads(criterion: Criterion, main: str, plain: str) -> Iterator[str]:
    said, braces = leads_in(main), set(criterion.leads)
    grouped = {lead for group, leads in _GROUPS.items() if re.search(group, plain) for lead in leads}
    if unnamed := said - braces:
        yield f"the sentence speaks of {', '.join(sorted(unnamed))}, the braces do not"
    if unsaid := braces - leads_in(plain) - grouped:
        yield f"the braces name {', '.join(sorted(unsaid))}, the sentence does not"


def _numbers(criterion: Criterion, main: str) -> Iterator[str]:
    text = re.sub(r"(?<=\d)\s?[-–]\s?(?=\d)", " to ", _NO_MEASURE.sub("", main))
    text = " ".join(_SPAN.sub("", text).split())
    found = list(_NUMBER.finditer(text))
    if criterion.op is None:
        if any(re.match(rf"\s?(?:{_ANY_UNIT})", text[number.end() :]) for number in found):
            yield "the sentence holds a number with a unit that no brace repeats"
        return
    if sorted(float(number[0]) for number in found) != sorted(criterion.value):
        shown = ", ".join(number[0] for number in found) or "no number"
        yield f"the sentence says {shown}, the braces {'..'.join(f'{end:g}' for end in criterion.value)}"
        return
    last = found[-1]
    unit = _UNITS.get(criterion.unit or "", "")
    if not re.match(rf"\s?(?:{unit})", text[last.end() :]):
        yield f"the number is not followed by its unit, {criterion.unit}"
    said = _relation(text, last, unit)
    if said != criterion.op and not (criterion.op in ("=", "in") and said is None):
        yield f"the sentence says {said or 'no relation'}, the braces {criterion.op}"


def _relation(text: str, number: re.Match[str], unit: str) -> str | None:
    """The operator that the words around a number stand for; further down is less."""
    if number[0].startswith("-"):
        if re.match(rf"\s?(?:{unit})(?:[ ,]\w+){{0,2}},? {_OR_DEEPER}\b", text[number.end() :]):
            return "<="
        if before := re.search(rf"\b{_DEEPER}", text[: number.start()], re.IGNORECASE):
            return "<=" if before[0].lower().startswith("from") else "<"
    for op, words in _AFTER.items():
        if re.match(rf"\s?(?:{unit})(?:[ ,]\w+){{0,2}},? {words}\b", text[number.end() :]):
            return op
    for op in (">=", "<=", ">", "<"):
        if re.search(rf"\b{_BEFORE[op]}(?: about| only)? ?$", text[: number.start()], re.IGNORECASE):
            return op
    return None
