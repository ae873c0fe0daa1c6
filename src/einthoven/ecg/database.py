"""A small SQLite file of our own: made for its owner alone, and refused where it is another program's."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from einthoven.ecg.errors import FileError


class Database:
    """Tables in one file (0600). Each use is one transaction of its own, so that threads and processes may share it.

    Args:
        path: made, with its folder, if it is not there.
        tables: their columns, as `CREATE TABLE` words them, by name.

    Raises:
        FileError: the file cannot be made, or is no database with these tables.
    """

    def __init__(self, path: Path, tables: Mapping[str, str]) -> None:
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
        except OSError as error:
            raise FileError(f"{path} cannot be made ({error.strerror}).", "Choose a file that you may write.") from None
        with self.use() as file:
            there = {row[0] for row in file.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            if there and not there >= tables.keys():
                raise FileError(f"{path} is a database of another program.", "Name another file.")
            for name, columns in tables.items():
                file.execute(f"CREATE TABLE IF NOT EXISTS {name} ({columns})")

    @contextmanager
    def use(self) -> Iterator[sqlite3.Connection]:
        """One transaction: committed at its end, rolled back where it raises.

        Raises:
            FileError: the file cannot be used.
        """
        try:
            with closing(sqlite3.connect(self.path, timeout=30)) as file, file:
                yield file
        except sqlite3.Error as error:
            raise FileError(f"{self.path} cannot be used ({error}).", "Name a file that this has made.") from None
