"""A hash of what an evaluation reads, so that two tables can be told to be of the same data."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from einthoven.collection import Row


def hash_of(lines: Iterable[str]) -> str:
    """SHA-256 of lines, where what is read is no row of a collection: questions, labels."""
    return hashlib.sha256("".join(f"{line}\n" for line in lines).encode()).hexdigest()


class Fingerprint:
    """SHA-256 over records, their signals and their codes, in the order in which they are read."""

    def __init__(self) -> None:
        self._digest = hashlib.sha256()

    def of(self, rows: Iterable[Row]) -> Iterator[Row]:
        """The rows, each noted as it passes."""
        for row in rows:
            said = ",".join(statement.code or "" for statement in row.statements)
            self._digest.update(f"{row.record}|{row.sha256}|{said}\n".encode())
            yield row

    def hexdigest(self) -> str:
        """Of the rows so far."""
        return self._digest.hexdigest()
