"""Texts that a text side learns from, and what each of them states.

Labels and descriptions are our own words (`einthoven.statements`, the handbook); reports are the data set's. What a
tokenizer may be made of is our own words alone: no report can be read out of its vocabulary.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from einthoven.knowledge.handbook import passages, sections
from einthoven.statements import LANGUAGES, VOCABULARY, subclass, superclass, wordings
from einthoven.statements.labels import label_map, label_set
from einthoven.statements.table import rows
from einthoven.statements.withheld import told_of, withheld

Kind = Literal["label", "description", "report", "list"]
MOST_STATED = 4
"""Statements of one list that is said in our wordings."""


@dataclass(frozen=True)
class Saying:
    """A text and the SCP codes that it states: of a report or list all of them, of a label or description any."""

    text: str
    codes: frozenset[str]
    kind: Kind


def labels() -> list[Saying]:
    """Every name of every code and class, English and German: wordings, the handbook's names, other vocabularies'."""
    found: dict[tuple[str, frozenset[str]], None] = {}

    def add(text: str, *codes: str) -> None:
        found.setdefault((text, frozenset(codes)))

    for code in VOCABULARY:
        for language in LANGUAGES:
            for text in wordings(code, language):
                add(text, code)
    for section in sections():
        own = [code for code in section.codes if code in VOCABULARY]
        for text in (section.title, *section.names) if own else ():
            add(text, *own)
    for row in rows("snomed"):
        if row["relation"] == "same":
            add(row["name"], row["code"])
    for row in rows("aha"):
        term = VOCABULARY.from_aha(int(row["aha"]))
        if term:
            add(row["statement"], term.code)
    for level, called in (("super", superclass), ("sub", subclass)):
        for label in label_set(level):
            members = [code for code, one in label_map(level).items() if one == label]
            for language in LANGUAGES:
                add(called(label).text(language), *members)
    return [Saying(text, codes, "label") for text, codes in found]


def descriptions() -> list[Saying]:
    """What the handbook says that statements are, and what they look like."""
    return [
        Saying(passage.text, frozenset(own), "description")
        for section in sections()
        if (own := [code for code in section.codes if code in VOCABULARY])
        for passage in passages(section)[:2]
    ]


def reports(texts: Iterable[tuple[str, Iterable[str]]]) -> list[Saying]:
    """Reports with the codes that the data set gives their ECGs, each pair once; those without text or code not."""
    found = dict.fromkeys((text.strip(), frozenset(c for c in codes if c in VOCABULARY)) for text, codes in texts)
    return [Saying(text, codes, "report") for text, codes in found if text and codes]


def lists(carried: Iterable[Sequence[str]], seed: int) -> list[Saying]:
    """For each ECG some of its statements in our wordings, one language a list, in any order."""
    rng = np.random.default_rng(seed)
    found: dict[tuple[str, frozenset[str]], None] = {}
    for codes in carried:
        known = [code for code in codes if code in VOCABULARY]
        if len(known) < 2:
            continue
        some = rng.permutation(known)[: rng.integers(2, MOST_STATED + 1)].tolist()
        language = LANGUAGES[rng.integers(len(LANGUAGES))]
        said = [wordings(code, language) for code in some]
        found.setdefault((", ".join(each[rng.integers(len(each))] for each in said), frozenset(some)))
    return [Saying(text, codes, "list") for text, codes in found]


def own_words() -> list[str]:
    """All that a tokenizer's vocabulary is learned from."""
    return [one.text for one in (*labels(), *descriptions())]


def without(sayings: Sequence[Saying], group: str, progress: Callable[[str], None] = lambda line: None) -> list[Saying]:
    """The sayings that neither state a code of a withheld group nor tell of one in any wording.

    Raises:
        UsageError: there is no such group.
    """
    gone = withheld(group)
    told: dict[str, bool] = {}
    kept = []
    for one in sayings:
        if one.codes & set(gone):
            continue
        if one.text not in told:
            told[one.text] = bool(told_of(one.text, gone))
            if len(told) % 1000 == 0:
                progress(f"without {group}: {len(told)} texts read")
        if not told[one.text]:
            kept.append(one)
    return kept
