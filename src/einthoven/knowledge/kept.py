"""Descriptions that a language model has written, in one SQLite file: an interrupted job goes on where it was."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from einthoven.ecg import FileError, UsageError
from einthoven.ecg.database import Database
from einthoven.knowledge.description import Described, Dropped, Quote
from einthoven.knowledge.passage import Passage

_TABLES = {
    "descriptions": "key TEXT PRIMARY KEY, statement TEXT NOT NULL, made TEXT NOT NULL, value TEXT NOT NULL",
    "edits": "key TEXT NOT NULL, text TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL",
}


@dataclass(frozen=True)
class Edit:
    """What a person made of a description: the text ("" where it was taken back), who, and when (ISO 8601, UTC)."""

    text: str
    who: str
    at: str

    def of(self, described: Described) -> Described:
        """The description as this edit leaves it."""
        reason = "" if self.text else f"Its description was taken back by {self.who}."
        return replace(described, text=self.text, reason=reason, edited=(self.who, self.at))


class Kept:
    """Descriptions by key, and what people made of them. The file is made for its owner alone (0600).

    Each description is written by itself, so that nothing done is lost. An edit is added and never overwrites one.

    Raises:
        FileError: the file cannot be made, or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path, self._open = path, Database(path, _TABLES).use

    @classmethod
    def open(cls, path: Path) -> Kept:
        """One that is there.

        Raises:
            FileError: it is not, or is no such file.
        """
        if not path.is_file():
            raise FileError(f"There is no file {path}.", "Name one that `einthoven describe --cache FILE` has made.")
        return cls(path)

    def get(self, key: str) -> Described | None:
        """What is kept under a key, with the last edit of it."""
        found = self.written(key)
        edits = self.edits(key)
        return found if found is None or not edits else edits[-1].of(found)

    def written(self, key: str) -> Described | None:
        """What the model made of it, whoever edited it since."""
        with self._open() as file:
            row = file.execute("SELECT value FROM descriptions WHERE key = ?", (key,)).fetchone()
        try:
            return None if row is None else _read(row[0])
        except (ValueError, KeyError, TypeError, AttributeError):
            raise FileError(
                f"{self.path} is damaged: what it keeps under {key[:12]} cannot be read.",
                "Restore a copy, or name a new file: its descriptions are then made anew.",
            ) from None

    def edits(self, key: str) -> list[Edit]:
        """All edits of a key, the last one last."""
        with self._open() as file:
            rows = file.execute("SELECT text, who, at FROM edits WHERE key = ? ORDER BY rowid", (key,)).fetchall()
        return [Edit(*row) for row in rows]

    def put(self, key: str, described: Described) -> None:
        """Keeps one; there is never an older one of the key that another one would be."""
        with self._open() as file:
            file.execute(
                "INSERT OR REPLACE INTO descriptions VALUES (?, ?, ?, ?)",
                (key, described.statement, now(), json.dumps(asdict(described), ensure_ascii=False)),
            )

    def edit(self, changes: Iterable[tuple[str, str, str]]) -> None:
        """Adds edits, all or none, each a key, the new text and who made it; an empty text takes a description back.

        Raises:
            UsageError: nothing is kept under a key, or nobody is named.
        """
        at = now()
        with self._open() as file:
            for key, text, who in changes:
                if not who.strip():
                    raise UsageError("An edit says who made it.", "Give a name.")
                if file.execute("SELECT 1 FROM descriptions WHERE key = ?", (key,)).fetchone() is None:
                    raise UsageError(f"Nothing is kept under {key[:64]}.", "Take the key from the list.")
                file.execute("INSERT INTO edits VALUES (?, ?, ?, ?)", (key, text, who, at))

    def listed(self) -> list[str]:
        """Every key, in the order in which descriptions were made."""
        with self._open() as file:
            return [row[0] for row in file.execute("SELECT key FROM descriptions ORDER BY made, rowid")]

    def all(self) -> Iterator[tuple[str, Described]]:
        """Every key with its description, in that order."""
        for key in self.listed():
            if (found := self.get(key)) is not None:
                yield key, found


def now() -> str:
    """This second, as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(value: str) -> Described:
    table: dict[str, Any] = json.loads(value)
    table["quotes"] = tuple(_quote(one) for one in table["quotes"])
    table["dropped"] = tuple(Dropped(**one) for one in table["dropped"])
    table |= {"beyond": (), "unread": (), "withheld": 0}  # a statement's own, whichever it is
    table["codes"], table["tokens"] = tuple(table["codes"]), tuple(table["tokens"])
    return Described(**table)


def _quote(table: dict[str, Any]) -> Quote:
    passage = table["passage"]
    return Quote(Passage(**{**passage, "codes": tuple(passage["codes"])}), table["text"], table["about"])
