"""Words to items: the longest phrase of `tables/phrases.csv` at each place."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from einthoven.statements.parse.split import Word
from einthoven.statements.table import rows

_MEANS = ""
_ACUTE = "age:acute"
_NOT = ("cue", "absent", "")


@dataclass(frozen=True, slots=True)
class Item:
    """A phrase: its kind and value as the table has them, or a wall, lead, number, severity or unknown word.

    Args:
        mention: what it says beside its value. acute: whether one of its words does.
    """

    kind: str
    value: str
    start: int
    end: int
    mention: str = ""
    acute: bool = False


def items(sentence: Sequence[Word]) -> list[Item]:
    """The items of a sentence, in order; each word is in one.

    >>> from einthoven.statements.parse.lexicon import lexicon
    >>> from einthoven.statements.parse.split import sentences
    >>> [(item.kind, item.value) for item in items(sentences("Hinterwandinfarkt möglich", lexicon())[0])]
    [('wall', 'inferior'), ('core', 'infarct'), ('cue', 'post')]
    """
    found, place = [], 0
    while place < len(sentence):
        size, meant = _longest(sentence, place)
        if meant and meant[1] == "NORM?" and sentence[place].means == "not" and _is_wave(sentence, place + size):
            size, meant = 1, _NOT  # "no abnormal Q waves" is no verdict
        first, last = sentence[place], sentence[place + size - 1]
        kind, value, mention = meant or (*_single(first.means), "")
        acute = any(word.means == _ACUTE for word in sentence[place : place + size])
        found.append(Item(kind, value, first.start, last.end, mention, acute))
        place += size
    return found


def _is_wave(sentence: Sequence[Word], place: int) -> bool:
    meant = _longest(sentence, place)[1] if place < len(sentence) else None
    return meant is not None and meant[0] == "subject"


def _longest(sentence: Sequence[Word], place: int) -> tuple[int, tuple[str, str, str] | None]:
    node: dict[str, Any] = _phrases()
    best: tuple[int, tuple[str, str, str] | None] = (1, None)
    for at in range(place, len(sentence)):
        means = sentence[at].means
        following = node.get("age" if means == _ACUTE else means)
        if following is None:
            break
        node = following
        if _MEANS in node:
            best = (at + 1 - place, node[_MEANS])
    return best


def _single(means: str) -> tuple[str, str]:
    kind, _, value = means.partition(":")
    if kind == "synonym":
        return "finding" if value else "none", value
    if value and kind in ("wall", "lead", "number", "severity", "code"):
        return kind, value
    return ("unknown", means[1:]) if means.startswith("?") and len(means) > 1 else ("none", "")


@cache
def _phrases() -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for row in rows("phrases"):
        for pattern in _spelled_out(tuple(row["pattern"].split())):
            node = tree
            for part in pattern:
                node = node.setdefault(part, {})
            node.setdefault(_MEANS, (row["kind"], row["value"] or "", row["mention"] or ""))
    return tree


def _spelled_out(pattern: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The pattern with and without each part that a "?" ends."""
    if not pattern:
        yield ()
        return
    for rest in _spelled_out(pattern[1:]):
        if pattern[0].endswith("?") and len(pattern[0]) > 1:
            yield rest
            yield (pattern[0][:-1], *rest)
        else:
            yield (pattern[0], *rest)
