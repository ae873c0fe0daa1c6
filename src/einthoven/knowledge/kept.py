"""Descriptions that a language model has written, in one SQLite file: an interrupted job goes on where it was."""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from einthoven.ecg import FileError
from einthoven.knowledge.description import Described, Dropped, Quote
from einthoven.knowledge.passage import Passage

_TABLES = """
CREATE TABLE IF NOT EXISTS descriptions
    (key TEXT PRIMARY KEY, statement TEXT NOT NULL, made TEXT NOT NULL, value TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS edits (key TEXT NOT NULL, text TEXT NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL);
"""


class Kept:
    """Descriptions by key, and what people made of them. The file is made for its owner alone (0600).

    Each description is written by itself, so that nothing done is lost. An edit is added and never overwrites one.

    Raises:
        FileError: the file cannot be made, or is no such file.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise FileError(f"{path} cannot be made ({error.strerror}).", "Choose a file that you may write.") from None
        with self._open() as file:
            file.executescript(_TABLES)

    def get(self, key: str) -> Described | None:
        """What is kept under a key, with the last edit of it."""
        with self._open() as file:
            row = file.execute("SELECT value FROM descriptions WHERE key = ?", (key,)).fetchone()
            edit = file.execute("SELECT text, who, at FROM edits WHERE key = ? ORDER BY rowid DESC", (key,)).fetchone()
        return None if row is None else _edited(_read(row[0]), edit)

    def put(self, key: str, described: Described) -> None:
        """Keeps one; there is never an older one of the key that another one would be."""
        with self._open() as file:
            file.execute(
                "INSERT OR REPLACE INTO descriptions VALUES (?, ?, ?, ?)",
                (key, described.statement, now(), json.dumps(asdict(described), ensure_ascii=False)),
            )

    def edit(self, key: str, text: str, who: str, at: str | None = None) -> None:
        """Adds an edit; an empty text takes the description back."""
        with self._open() as file:
            file.execute("INSERT INTO edits VALUES (?, ?, ?, ?)", (key, text, who, at or now()))

    def all(self) -> Iterator[tuple[str, Described]]:
        """Every key with its description, in the order in which they were made."""
        with self._open() as file:
            keys = [row[0] for row in file.execute("SELECT key FROM descriptions ORDER BY rowid")]
        for key in keys:
            if (found := self.get(key)) is not None:
                yield key, found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as file, file:
                yield file
        except sqlite3.Error as error:
            raise FileError(f"{self.path} cannot be used ({error}).", "Name a file that describe has made.") from None


def now() -> str:
    """This second, as ISO 8601 in UTC."""
    return datetime.now(UTC).isoformat(timespec="seconds")


def _read(value: str) -> Described:
    table: dict[str, Any] = json.loads(value)
    table["quotes"] = tuple(_quote(one) for one in table["quotes"])
    table["dropped"] = tuple(Dropped(**one) for one in table["dropped"])
    table["codes"], table["tokens"] = tuple(table["codes"]), tuple(table["tokens"])
    return Described(**table)


def _quote(table: dict[str, Any]) -> Quote:
    passage = table["passage"]
    return Quote(Passage(**{**passage, "codes": tuple(passage["codes"])}), table["text"], table["about"])


def _edited(described: Described, edit: tuple[str, str, str] | None) -> Described:
    if edit is None:
        return described
    text, who, at = edit
    reason = "" if text else f"Its description was taken back by {who}."
    return replace(described, text=text, reason=reason, edited=(who, at))
