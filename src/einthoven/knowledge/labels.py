"""A label as somebody writes it, a code or words: which SCP codes it means, and what a text side shall read."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

from einthoven.ecg import UsageError
from einthoven.formats.text import clean
from einthoven.knowledge.gate import sort_statement
from einthoven.statements import LABEL_SETS, LANGUAGES, VOCABULARY, label_map, label_set, subclass, superclass, wordings
from einthoven.statements.suggest import unknown

PREFIX = "ptbxl-"
VOCABULARIES = tuple(f"{PREFIX}{name}" for name in LABEL_SETS)
SHOWN = 80
READ = 0.5
"""The share of a text's letters in words that a text side has read, below which it does not know the text."""


@dataclass(frozen=True)
class Label:
    """What is asked of an ECG.

    Args:
        asked: as it was written, on one line.
        text: what a text side reads.
        codes: the SCP codes that it means; none where the vocabulary has none.
        any: whether one of the codes is enough, as for a class of them; else all of them are meant.
        refused: why it is no finding that an ECG could be asked for; empty where it is one.
        known: whether it is a finding that is known here, with a code or without.
    """

    asked: str
    text: str
    codes: tuple[str, ...] = ()
    any: bool = False
    refused: str = ""
    known: bool = True


def read_label(asked: str) -> Label:
    """What a label means. Codes are SCP-ECG's and the superclasses'; words are English or German.

    >>> read_label("clbbb").text, read_label("Linksschenkelblock").codes, read_label("MI").any
    ('complete left bundle branch block', ('CLBBB',), True)
    >>> read_label("no atrial fibrillation").refused
    'It denies atrial fibrillation: ask for the finding itself.'
    """
    shown = clean(asked, SHOWN)
    if not shown:
        raise UsageError("A label is empty.", "Write a code, or words.")
    upper = shown.upper()
    if upper in VOCABULARY:
        return Label(shown, VOCABULARY[upper].text(), (upper,))
    if upper in label_set("super"):
        return _of_class(shown, "super", upper)
    if found := _named().get(shown.casefold()):
        label, level = found
        return Label(shown, shown, (label,)) if level == "all" else _of_class(shown, level, label, shown)
    sorted_as = sort_statement(asked)
    if sorted_as.kind == "unknown":
        return Label(shown, shown, known=False)
    if sorted_as.abstains:
        what, denies, _ = sorted_as.reason.partition(": a description would")
        return Label(shown, shown, refused=f"{what}: ask for the finding itself." if denies else sorted_as.reason)
    return Label(shown, shown, tuple(code for code in sorted_as.codes if code in VOCABULARY))


def read_labels(asked: Sequence[str | Label]) -> tuple[Label, ...]:
    """Labels in the order in which they are asked.

    Raises:
        UsageError: there is none, an empty one, or two that mean the same.
    """
    if isinstance(asked, str):
        raise UsageError("Labels are given in a list.", "Pass [label], not label.")
    if strange := [one for one in asked if not isinstance(one, str | Label)]:
        raise UsageError(f"A label is a word, not a {type(strange[0]).__name__}.", "Pass words or codes.")
    found = tuple(one if isinstance(one, Label) else read_label(one) for one in asked)
    if not found:
        raise UsageError("There is no label to ask for.", "Give one or more, as --labels 'LBBB,atrial fibrillation'.")
    meant: dict[object, Label] = {}
    for one in found:
        meaning = (frozenset(one.codes), one.any and len(one.codes) > 1) if one.codes else one.asked.casefold()
        if other := meant.get(meaning):
            raise UsageError(f"The labels '{other.asked}' and '{one.asked}' mean the same.", "Leave one of them out.")
        meant[meaning] = one
    return found


def readable(label: Label, read: Callable[[str], float]) -> str | None:
    """What a text side shall read for a label: its own words; the report wording of the codes that they mean, where it
    does not know the words; None where it knows neither.

    Args:
        read: text to the share of it that the text side can read.
    """
    if read(label.text) >= READ:
        return label.text
    return ", ".join(VOCABULARY[code].text() for code in label.codes) if label.codes and not label.any else None


def vocabulary_labels(name: str) -> tuple[Label, ...]:
    """All labels of a set of PTB-XL's benchmark, as "ptbxl-super".

    Raises:
        UsageError: there is no such set.
    """
    if name not in VOCABULARIES:
        raise unknown("vocabulary", name, VOCABULARIES)
    level = name.removeprefix(PREFIX)
    if level in ("super", "sub"):
        return tuple(_of_class(label, level, label) for label in label_set(level))
    return tuple(Label(code, VOCABULARY[code].text(), (code,)) for code in label_set(level))


def _of_class(asked: str, level: str, label: str, text: str = "") -> Label:
    members = tuple(code for code, one in label_map(level).items() if one == label)
    return Label(asked, text or (superclass if level == "super" else subclass)(label).text(), members, any=True)


@cache
def _named() -> dict[str, tuple[str, str]]:
    """Label and set by name: the classes', then what means a code, which goes first."""
    found: dict[str, tuple[str, str]] = {}
    for level, called in (("sub", subclass), ("super", superclass)):
        for label in label_set(level):
            found |= {called(label).text(language).casefold(): (label, level) for language in LANGUAGES}
    for language in LANGUAGES[::-1]:
        found |= {text.casefold(): (code, "all") for code in VOCABULARY for text in wordings(code, language)}
    return found
