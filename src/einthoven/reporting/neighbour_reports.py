"""The reports of the nearest ECGs, where an archive keeps them: quoted as evidence, for they say what no code does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from einthoven.collection import quoted
from einthoven.formats.text import clean
from einthoven.retrieval import Archive, Neighbour

LONGEST = 300
"""Characters of a report that are quoted."""


@dataclass(frozen=True)
class NeighbourReport:
    """What the report of another patient's ECG says of the ECG.

    Args:
        text: on one line and printable, without what it says of its patient alone (`reporting.others`), names among it.
        removed: how many passages that were.
    """

    record: str
    text: str
    removed: int

    def __str__(self) -> str:
        gone = f" ({self.removed} passage{'s' * (self.removed != 1)} on that patient alone left out)"
        return f'"{self.text}"{gone if self.removed else ""}'


def neighbour_reports(archive: Archive, neighbours: Sequence[Neighbour], most: int) -> tuple[NeighbourReport, ...]:
    """The kept reports of the nearest neighbours, in their order; none of those without, or with nothing left of it.

    Args:
        most: how many neighbours are looked at.
    """
    near = neighbours[:most]
    if not near or not archive.keeps_reports:
        return ()
    names = ", ".join(quoted(one.record) for one in near)
    rows = archive.collection.rows(["text"], where=f"record IN ({names})")
    texts = {row.record: row.text for row in rows if row.text}
    if not texts:
        return ()
    from einthoven.reporting.others import without_others  # brings the parser, which most archives need not

    kept = {record: without_others(text) for record, text in texts.items()}
    return tuple(
        NeighbourReport(one.record, clean(own.text, LONGEST), sum(own.removed.values()))
        for one in near
        if (own := kept.get(one.record)) is not None and own.text
    )
