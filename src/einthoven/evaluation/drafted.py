"""What an archive drafts for the ECGs that an evaluation asks about."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from einthoven.collection import Row
from einthoven.ecg import ECG, Floats
from einthoven.metrics import Said
from einthoven.reporting import report
from einthoven.retrieval import Archive
from einthoven.statements import LANGUAGES, Finding, Language, write_report


@dataclass(frozen=True)
class Drafted:
    """One ECG with what is drafted for it.

    Args:
        outcome: "draft", "caution" or "none"; the last states nothing.
        said: codes with polarity. texts: the report by language, empty where nothing is drafted.
        neighbours, nearest_codes: the archive's most similar ECGs, nearest first, and what the nearest carries.
        codes, confidence: (codes,), of all codes of the archive.
    """

    outcome: str
    said: Said
    texts: Mapping[Language, str]
    neighbours: tuple[str, ...]
    nearest_codes: tuple[str, ...]
    codes: tuple[str, ...]
    confidence: Floats


def draft_all(archive: Archive, rows: Iterable[Row], progress: Callable[[int], None]) -> tuple[Drafted, ...]:
    """Drafts for each row, from the ECG alone; `progress` gets the number of those that are done."""
    found = []
    for row in rows:
        found.append(_drafted(archive, row.ecg().described(statements=())))
        progress(len(found))
    return tuple(found)


def _drafted(archive: Archive, ecg: ECG) -> Drafted:
    draft = report(ecg, archive)
    findings = [Finding(one.code, one.polarity) for one in draft.statements]
    evidence = archive.evidence(ecg)
    nearest = evidence.neighbours[0]
    return Drafted(
        draft.outcome,
        {one.code: one.polarity for one in findings},
        {language: write_report(findings, language) if findings else "" for language in LANGUAGES},
        tuple(one.record for one in evidence.neighbours),
        nearest.codes,
        evidence.codes,
        evidence.confidence,
    )
