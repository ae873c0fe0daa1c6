"""What single words mean: `tables/words.csv`, with compounds, slips of the pen, lost letters and cut ends.

A form stands for the words that are equal to it, or with "*" for all that begin with it; "_" joins a form of
several words, and a full stop at its end says that it is an abbreviation, which ends no sentence.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import product

from einthoven.statements.parse.normalise import LOST, fold
from einthoven.statements.table import rows

IGNORED = "~"
"""The meaning of words that say nothing here."""

SHORTEST_SLIP = 7
"""Letters that a word needs to be corrected by one."""

SHORTEST_HEAD, LONGEST_HEAD = 5, 14
"""Letters of a compound's first part that may be corrected."""

SHORTEST_PART = 4
ENDING = 3
"""Letters that may follow a stem before a compound is looked for."""

LONGEST_WORD = 48
MOST_LOST = 3


@dataclass(frozen=True)
class Entry:
    """The meanings of a form, the language that it tells (none where many share it), and its kind."""

    meanings: tuple[str, ...]
    language: str = ""
    abbreviation: bool = False


@dataclass
class Lexicon:
    """Forms with their meanings.

    Args:
        exact: whole words. stems: beginnings of words. phrases: forms of several words, by the first.
    """

    exact: dict[str, Entry] = field(default_factory=dict)
    stems: dict[str, Entry] = field(default_factory=dict)
    phrases: dict[str, list[tuple[tuple[str, ...], Entry]]] = field(default_factory=dict)
    _known: dict[str, Entry | None] = field(default_factory=dict)

    def add(self, form: str, meanings: tuple[str, ...], language: str) -> None:
        """Adds a form as the table writes it."""
        parts = tuple(fold(part) for part in form.split("_"))
        entry = Entry(meanings, language, parts[-1].endswith("."))
        last = parts[-1].rstrip(".")
        if len(parts) > 1:
            self.phrases.setdefault(parts[0].rstrip("*"), []).append(((*parts[:-1], last), entry))
        elif last.endswith("*"):
            self.stems.setdefault(last[:-1], entry)
        else:
            known = self.exact.get(last)
            if known is None or (entry.abbreviation and known.meanings == meanings):
                self.exact[last] = entry

    def phrase(self, words: list[str]) -> tuple[int, Entry] | None:
        """The longest form of several words that these begin with, and how many of them it takes."""
        for form, entry in self.phrases.get(words[0], ()):
            if len(form) <= len(words) and all(map(_fits, form, words)):
                return len(form), entry
        return None

    def whole(self, word: str) -> Entry | None:
        """What a word means that is a form of the table to the letter."""
        return self.exact.get(word) or self.stems.get(word)

    def meaning(self, word: str, cut: bool = False) -> Entry | None:
        """What a word means; None for a word that is not known.

        Args:
            cut: the text ends with it, so that it may be the beginning of a word.
        """
        if word not in self._known:
            if len(self._known) > 50_000:  # a text without any words must not fill the memory
                self._known.clear()
            self._known[word] = self._find(word)
        found = self._known[word]
        return found or (self._completed(word) if cut else None)

    def _find(self, word: str) -> Entry | None:
        if LOST in word:
            return self._restored(word)
        if len(word) > LONGEST_WORD:
            return None
        return (
            self._simple(word, ENDING)
            or self._compound(word)
            or self._slipped_compound(word)
            or self._simple(word)
            or self._corrected(word)
        )

    def _simple(self, word: str, ending: int = LONGEST_WORD) -> Entry | None:
        """The whole word, or the longest stem and an ending of so many letters at most."""
        if word in self.exact:
            return self.exact[word]
        for size in range(len(word), max(1, len(word) - ending - 1), -1):
            if word[:size] in self.stems:
                return self.stems[word[:size]]
        return None

    def _compound(self, word: str) -> Entry | None:
        """German and Swedish write words together, with an s between some: all parts must be known."""
        best: list[tuple[Entry, ...] | None] = [()] + [None] * len(word)
        for end in range(SHORTEST_PART, len(word)):
            before = [
                (start, joint)
                for start in range(max(0, end - 20), end - SHORTEST_PART + 1)
                for joint in (0, 1)
                if best[start] is not None and (not joint or (start and word[start] == "s"))
            ]
            for start, joint in before:
                part = self.exact.get(word[start + joint : end]) or self.stems.get(word[start + joint : end])
                if part and part.meanings != (IGNORED,) and end - start - joint >= SHORTEST_PART:
                    head = best[start]
                    if head is not None and (best[end] is None or len(head) + 1 < len(best[end] or ())):
                        best[end] = (*head, part)
        heads = [(start, head) for start, head in enumerate(best[: len(word) - SHORTEST_PART + 1]) if head]
        for ending in (ENDING, LONGEST_WORD):
            for start, head in heads:
                for joint in (0, 1) if word[start] == "s" else (0,):
                    tail = self._simple(word[start + joint :], ending)
                    if tail and tail.meanings != (IGNORED,):
                        parts = (*head, tail)
                        language = next((part.language for part in parts if part.language), "")
                        return Entry(tuple(one for part in parts for one in part.meanings), language)
        return None

    def _restored(self, word: str) -> Entry | None:
        """The lost letters are most often umlauts, or nothing was lost."""
        if word.count(LOST) > MOST_LOST:
            return None
        pieces = word.split(LOST)
        for filled in product(("a", "o", "u", "", "ss"), repeat=len(pieces) - 1):
            tried = "".join(piece + letter for piece, letter in zip(pieces, (*filled, ""), strict=True))
            found = tried and (self._simple(tried, ENDING) or self._compound(tried) or self._simple(tried))
            if found:
                return found
        return None

    def _slipped_compound(self, word: str) -> Entry | None:
        """A compound of two known parts, one of which needs correction."""
        for start in range(SHORTEST_HEAD, min(len(word) - SHORTEST_HEAD, LONGEST_HEAD)):
            tail = self._simple(word[start:], ENDING)
            if tail and tail.meanings != (IGNORED,) and (head := self._one_slip(word[:start])):
                return Entry((*head.meanings, *tail.meanings), head.language or tail.language)
        for start in range(SHORTEST_PART, len(word) - SHORTEST_SLIP + 1):
            head = self.exact.get(word[:start]) or self.stems.get(word[:start])
            tail = self._corrected(word[start:]) if head and head.meanings != (IGNORED,) else None
            if head and tail and tail.meanings != (IGNORED,):
                return Entry((*head.meanings, *tail.meanings), head.language or tail.language)
        return None

    def _one_slip(self, word: str) -> Entry | None:
        """The form that the whole word is but for one letter."""
        for shorter in {word, *_shortened(word)}:
            for form in self._deletions.get(shorter, ()):
                entry = self.exact.get(form) or self.stems[form]
                if _one_apart(word, form) and entry.meanings != (IGNORED,):
                    return entry
        return None

    def _corrected(self, word: str) -> Entry | None:
        """The form that one letter more, less, other or exchanged makes of it."""
        if len(word) < SHORTEST_SLIP:
            return None
        by_deletion = self._deletions
        for size in range(len(word), max(SHORTEST_SLIP - 2, len(word) - 12), -1):
            whole = size == len(word)
            for shorter in {word[:size], *_shortened(word[:size])}:
                for form in by_deletion.get(shorter, ()):
                    long_enough = len(form) >= SHORTEST_SLIP and (whole or form in self.stems)
                    if long_enough and _one_apart(word[:size], form):
                        return self.exact.get(form) or self.stems[form]
        return None

    def _completed(self, word: str) -> Entry | None:
        """The only meaning of the forms that begin with it."""
        if len(word) < 4:
            return None
        found = {entry for table in (self.exact, self.stems) for form, entry in table.items() if form.startswith(word)}
        meanings = {entry.meanings for entry in found}
        return found.pop() if len(meanings) == 1 else None

    @property
    def _deletions(self) -> dict[str, list[str]]:
        if not hasattr(self, "_by_deletion"):
            self._by_deletion: dict[str, list[str]] = {}
            for form in {*self.exact, *self.stems}:
                if len(form) >= SHORTEST_HEAD:
                    for shorter in {form, *_shortened(form)}:
                        self._by_deletion.setdefault(shorter, []).append(form)
        return self._by_deletion


@cache
def lexicon() -> Lexicon:
    """The words of the table."""
    made = Lexicon()
    for row in rows("words"):
        for form in row["forms"].split():
            made.add(form, tuple(row["lemma"].split()), row["language"])
    for found in made.phrases.values():
        found.sort(key=lambda pair: -len(pair[0]))
    return made


def _fits(form: str, word: str) -> bool:
    return word.startswith(form[:-1]) if form.endswith("*") else word == form


def _shortened(word: str) -> Iterator[str]:
    return (word[:place] + word[place + 1 :] for place in range(len(word)))


def _one_apart(one: str, other: str) -> bool:
    """Whether one letter more, less or other, or two exchanged, make the one of the other."""
    if one == other:
        return True
    start = next((at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]), None)
    if start is None:
        return abs(len(one) - len(other)) == 1
    rest, others = one[start:], other[start:]
    return (
        (start > 0 and rest[1:] == others[1:])  # another first letter makes another word
        or rest[1:] == others
        or rest == others[1:]
        or (rest[:2] == others[1::-1] and rest[2:] == others[2:])
    )
