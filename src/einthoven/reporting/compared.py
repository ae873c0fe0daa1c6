"""A draft against what the file itself states: the device's sentences, or those of whoever read it before.

They add no statement and take none away. Where they contradict the draft, or hold an alarm that it lacks, the draft
says so in their own words. What a sentence means is taken from `einthoven.statements.stated`, which knows few phrases;
only the verdict on the whole ECG ("abnormal ECG") is compared beyond them. Codes without words are let be: they are
labels of data sets.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from einthoven.ecg import Statement
from einthoven.formats.text import clean
from einthoven.statements import overall_of
from einthoven.statements.stated import compares, stated, verdict

MOST_QUOTED = 5
LONGEST_QUOTE = 160


def device_doubt(statements: Iterable[Statement], drafted: set[str]) -> str | None:
    """What the file states and the draft does not, quoted; None where nothing is known to differ.

    Args:
        statements: of the file.
        drafted: codes of the draft, present or possible.

    >>> device_doubt([Statement("Ventricular-paced rhythm")], {"NORM", "SR"})
    "The file's own statements say: 'Ventricular-paced rhythm'. The draft does not."
    >>> device_doubt([Statement("Normal sinus rhythm"), Statement("Normal ECG")], {"NORM", "SR"})
    """
    quotes = list(dict.fromkeys(_quote(text) for text in _sentences(statements) if _differs(text, drafted)))
    if not quotes:
        return None
    more = f" and {len(quotes) - MOST_QUOTED} more" if len(quotes) > MOST_QUOTED else ""
    return f"The file's own statements say: {'; '.join(quotes[:MOST_QUOTED])}{more}. The draft does not."


def _sentences(statements: Iterable[Statement]) -> Iterator[str]:
    """The texts up to a comparison with an earlier ECG."""
    for statement in statements:
        if compares(statement.text):
            return
        if statement.text:
            yield statement.text


def _differs(text: str, drafted: set[str]) -> bool:
    for one in stated(text):
        if one.lacks(drafted) and (one.alarming or (one.clashes(drafted) and not one.weighed)):
            return True
    return "NORM" in drafted and _worse(verdict(text), drafted)


def _worse(found: str | None, drafted: set[str]) -> bool:
    """Whether a verdict is worse than that of the draft."""
    if found in {None, "normal"}:
        return False
    return found != "otherwise-normal" or overall_of(drafted) == "normal"


def _quote(text: str) -> str:
    return f"'{clean(text, LONGEST_QUOTE)}'"
