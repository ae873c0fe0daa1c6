"""What a search answers with."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import Floats, Statement


@dataclass(frozen=True)
class Neighbour:
    """One ECG of an archive that is near to another. `similarity` is the cosine of their embeddings."""

    record: str
    similarity: float
    statements: tuple[Statement, ...]
    patient: str | None
    age: float | None
    sex: str | None

    @property
    def codes(self) -> tuple[str, ...]:
        """The SCP codes among the statements."""
        return tuple(s.code for s in self.statements if s.code is not None)


@dataclass(frozen=True)
class Evidence:
    """What an archive and its model say of one ECG, before anything is drafted.

    `votes`, `head` and `confidence` are (codes,): the smoothed share of the neighbours that carry a code,
    the statement head's probability, and the calibrated probability, or the bare vote where
    nothing is calibrated for so many neighbours (`calibrated` False).
    """

    neighbours: tuple[Neighbour, ...]
    codes: tuple[str, ...]
    votes: Floats
    head: Floats
    confidence: Floats
    calibrated: bool
