"""A draft against what the file itself states: the device's sentences, or those of whoever read it before.

They add no statement and take none away. Where they contradict the draft, or hold an alarm that it lacks, the draft
says so in their own words. What a sentence means is taken from `einthoven.statements.parse`; what counts as an alarm
from the critical codes and `tables/alarms.csv`; which codes of a draft say the same in other words from
`tables/counterparts.csv`. Codes without words are let be: they are labels of data sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from einthoven.ecg import Statement
from einthoven.formats.text import clean
from einthoven.statements import VOCABULARY, overall_of
from einthoven.statements.elsewhere import Meaning
from einthoven.statements.table import rows

if TYPE_CHECKING:
    from einthoven.statements.parse import Parsed

MOST_QUOTED = 5
LONGEST_QUOTE = 160
_NO_SINUS = ("escape", "trifascicular-block")


def device_doubt(statements: Iterable[Statement], drafted: set[str]) -> str | None:
    """What the file states and the draft does not, quoted; None where nothing is known to differ.

    Args:
        statements: of the file.
        drafted: codes of the draft, present or possible.

    >>> device_doubt([Statement("Ventricular-paced rhythm")], {"NORM", "SR"})
    "The file's own statements say: 'Ventricular-paced rhythm'. The draft does not."
    >>> device_doubt([Statement("Normal sinus rhythm"), Statement("Normal ECG")], {"NORM", "SR"})
    """
    stated = list(_read(statements))
    verdict = any(said.polarities().get("NORM") == "present" for _, said in stated)
    differ = (text for text, said in stated if _differs(said, drafted) or (not verdict and _spoils(said, drafted)))
    quotes = list(dict.fromkeys(_quote(text) for text in differ))
    if not quotes:
        return None
    more = f" and {len(quotes) - MOST_QUOTED} more" if len(quotes) > MOST_QUOTED else ""
    return f"The file's own statements say: {'; '.join(quotes[:MOST_QUOTED])}{more}. The draft does not."


@dataclass(frozen=True)
class StatedCodes:
    """One of the file's own statements, quoted, with the codes that are there, or may be, if it is right."""

    quote: str
    codes: frozenset[str]


def stated_codes(statements: Iterable[Statement]) -> tuple[StatedCodes, ...]:
    """What the file itself states, as codes with all that they imply; an acute infarct without a wall may be any.

    >>> [sorted(one.codes) for one in stated_codes([Statement("Second degree AV block")])]
    [['2AVB']]
    """
    found = []
    for text, said in _read(statements):
        codes = {code for code, polarity in said.polarities().items() if polarity in ("present", "possible")}
        codes |= {parent for code in codes for parent in VOCABULARY.ancestors(code)} - {"NORM"}
        infarcts = {code for code in VOCABULARY if VOCABULARY[code].superclass == "MI"}
        if "acute-infarct" in said.mentions and not codes & infarcts:
            codes |= infarcts
        if codes:
            found.append(StatedCodes(_quote(text), frozenset(codes)))
    return tuple(found)


def _read(statements: Iterable[Statement]) -> Iterator[tuple[str, Parsed]]:
    """The texts and what they state, up to a comparison with an earlier ECG."""
    texts = [statement.text for statement in statements if statement.text]
    if not texts:
        return
    from einthoven.statements.parse import parse_report  # its tables take a tenth of a second, and few files need them

    for text in texts:
        said = parse_report(text)
        if "comparison" in said.mentions:
            return
        yield text, said


def _differs(said: Parsed, drafted: set[str]) -> bool:
    for any_of, firm in _meant(said):
        if _lacks(any_of, drafted) and (_alarming(any_of) or (firm and _clash(any_of, drafted))):
            return True
    if any(_alarming((mention,)) and _lacks((mention,), drafted) for mention in said.mentions):
        return True
    return "NORM" in drafted and _worse(said, drafted)


def _meant(said: Parsed) -> Iterator[tuple[tuple[str, ...], bool]]:
    """Codes of which one is meant, and whether more than weighed: "probable" is, "possible" is not.

    Possible codes of one phrase are alternatives ("high degree AV block"), present ones are all meant. The verdict
    on the whole ECG is no finding, and neither is ST elevation that is called a normal variant.
    """
    variant = "normal-variant" in said.mentions
    for (_, polarity), group in groupby(said.statements, key=lambda one: (one.span, one.polarity)):
        found = [one for one in group if one.code != "NORM"]
        if polarity == "present":
            yield from (((one.code,), True) for one in found)
        elif polarity == "possible" and found and not (variant and found[0].code == "STE_"):
            yield tuple(one.code for one in found), found[0].likely


def _lacks(any_of: tuple[str, ...], drafted: set[str]) -> bool:
    """Whether no drafted code says or implies one of these, or says it in other words."""
    same = [one for said in any_of for one in (said, *_counterparts().get(said, ())) if one in VOCABULARY]
    return not Meaning(tuple(same)).covered & drafted


def _alarming(any_of: Iterable[str]) -> bool:
    """Whether somebody has to know of it at once, or nothing else can be concluded beside it."""
    return any(one in _alarms() or (one in VOCABULARY and VOCABULARY[one].critical) for one in any_of)


def _clash(any_of: Iterable[str], drafted: set[str]) -> bool:
    return all(VOCABULARY[code].excludes & drafted for code in any_of)


def _worse(said: Parsed, drafted: set[str]) -> bool:
    """Whether what the text says of the ECG as a whole is worse than the draft, which has NORM."""
    abnormal = said.polarities().get("NORM") == "absent" or "verdict-abnormal-rhythm" in said.mentions
    if abnormal or "verdict-borderline" in said.mentions:
        return True
    return "verdict-otherwise-normal" in said.mentions and overall_of(drafted) == "normal"


def _spoils(said: Parsed, drafted: set[str]) -> bool:
    """Whether the text states what leaves no normal ECG, but an otherwise normal one, beside a draft with NORM.

    Sinus rhythms that are slow, fast or irregular do not count: rate and regularity are measured.
    """
    if "NORM" not in drafted or "normal-variant" in said.mentions:
        return False
    if any(mention in _NO_SINUS for mention in said.mentions):
        return True
    found = {code for any_of, firm in _meant(said) if firm and _lacks(any_of, drafted) for code in any_of}
    return any(VOCABULARY[code].severity != "normal" and "SR" not in VOCABULARY.ancestors(code) for code in found)


@cache
def _alarms() -> frozenset[str]:
    return frozenset(row["said"] for row in rows("alarms"))


@cache
def _counterparts() -> dict[str, tuple[str, ...]]:
    return {said: tuple(row["drafted"].split()) for row in rows("counterparts") for said in row["said"].split()}


def _quote(text: str) -> str:
    return f"'{clean(text, LONGEST_QUOTE)}'"
