"""The review queue: which descriptions of a language model a person should look at first, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from einthoven.ecg import FileError, UsageError
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.knowledge.description import Described
from einthoven.knowledge.kept import Edit, Kept
from einthoven.knowledge.sentences import sentences_of

LONGEST = 4000
"""Characters of an edited description."""
_KEY = 12  # characters of a key that are shown, and enough to name it


@dataclass(frozen=True)
class Item:
    """One description that is kept.

    Args:
        key: what it is kept under.
        written: as the model wrote it, without what had no support.
        edits: what people made of it, the last one last.
    """

    key: str
    written: Described
    edits: tuple[Edit, ...] = ()

    @property
    def supported(self) -> int:
        """Sentences that have support."""
        return len(sentences_of(self.written.text))

    @property
    def share(self) -> float:
        """Of the model's sentences, the part that has support; 0 where it wrote none."""
        every = self.supported + len(self.written.dropped)
        return self.supported / every if every else 0.0

    @property
    def now(self) -> Described:
        """The description as it is shown."""
        return self.edits[-1].of(self.written) if self.edits else self.written

    def to_dict(self) -> dict[str, Any]:
        """As JSON; `text` is to be edited and `by` to be filled in."""
        shown = self.now
        return {
            "key": self.key,
            "statement": self.written.statement,
            "text": shown.text,
            "by": None,
            "supported": self.supported,
            "dropped": [{"sentence": one.sentence, "reason": one.reason} for one in self.written.dropped],
            "sources": [quote.to_dict() for quote in self.written.quotes],
            "model": self.written.model,
            "written": self.written.text,
            "edits": [{"text": one.text, "by": one.who, "at": one.at} for one in self.edits],
        }

    def __str__(self) -> str:
        said = f"{self.supported} sentences with support, {len(self.written.dropped)} without"
        lines = [f"{self.key[:_KEY]}  {said}", str(self.now)]
        lines += [f"  left out: {one.sentence} ({one.reason})" for one in self.written.dropped]
        lines += [f"  edit of {one.at[:10]} by {one.who}: {one.text or '(taken back)'}" for one in self.edits]
        return "\n".join(lines)


def queue(kept: Kept, every: bool = False) -> list[Item]:
    """What needs a look, the least supported first: sentences were dropped, or none is left, and nobody edited it.

    Args:
        every: also what is fully supported, and what somebody has edited.
    """
    items = [Item(key, found, tuple(kept.edits(key))) for key in kept.listed() if (found := kept.written(key))]
    wanted = [one for one in items if every or (one.share < 1 and not one.edits)]
    return sorted(wanted, key=lambda one: (one.share, -len(one.written.dropped)))


def whole_key(kept: Kept, beginning: str) -> str:
    """The key that begins so.

    Raises:
        UsageError: none does, or several do.
    """
    found = [key for key in kept.listed() if beginning and key.startswith(beginning)]
    if len(found) != 1:
        raise UsageError(
            f"{len(found) or 'No'} descriptions have a key that begins with {clean(beginning, 64)!r}.",
            "Give one of those that the review lists, with more of its characters.",
        )
    return found[0]


def edits_in(lines: Iterable[str], kept: Kept) -> list[tuple[str, str, str]]:
    """Key, text and name of each line of an edited export that names a person.

    A line that repeats the last edit changes nothing and is left out, so that a file may be taken twice.

    Raises:
        FileError: a line that is not of that form, or changes a text without a name; nothing is taken then.
    """
    found: list[tuple[str, str, str]] = []
    for number, line in enumerate(lines, 1):
        if line.strip():
            found += _edit_in(line, number, kept)
    return found


def _edit_in(line: str, number: int, kept: Kept) -> Sequence[tuple[str, str, str]]:
    try:
        row = json.loads(line)
        key, text, by = row["key"], row["text"], row.get("by")
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise _wrong(number, "is no JSON object with key, text and by") from None
    if not isinstance(key, str) or not isinstance(text, str) or not isinstance(by, str | None):
        raise _wrong(number, "has a key, text or by that is no text")
    current = kept.get(key)
    if current is None:
        raise _wrong(number, f"has a key that is not kept here, {clean(key, _KEY + 1)}")
    text, who = checked(text), clean(by or "", NAME_LENGTH)
    if not who:
        if text != current.text:
            raise _wrong(number, "changes the text and does not say who did (by)")
        return []
    last = kept.edits(key)[-1:]
    return [] if last and (last[0].text, last[0].who) == (text, who) else [(key, text, who)]


def checked(text: str) -> str:
    """An edited text on one line.

    Raises:
        UsageError: it is too long to be kept whole.
    """
    if len(text) > LONGEST:
        raise UsageError(f"An edited description has {len(text):,} characters.", f"Write at most {LONGEST:,}.")
    return clean(text, LONGEST)


def _wrong(number: int, what: str) -> FileError:
    return FileError(f"Line {number} {what}.", "Mend it; no edit of the file has been taken.")
