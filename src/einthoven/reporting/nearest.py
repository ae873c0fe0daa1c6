"""A draft by ECG-ReGen's method (Tang 2024): the report of the one nearest ECG, as it stands (k = 1).

The text is another patient's and stays in its own language; what it says of that patient alone is taken out (`others`).
Nothing weighs it, so the outcome is never more than "caution". What it states is read back into codes, each of which
rests on that one ECG; where a measurement of this ECG contradicts one, the draft says so and lets it stand.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from einthoven.collection import quoted
from einthoven.ecg import ECG
from einthoven.reporting.checks import contradiction, supporting
from einthoven.reporting.draft import DraftStatement, NeighbourEvidence, Quoted
from einthoven.reporting.look import Look
from einthoven.reporting.others import without_others
from einthoven.reporting.outcomes import Polarity
from einthoven.retrieval import Archive, Neighbour
from einthoven.statements import VOCABULARY, Finding, Language, conflicts, write_report
from einthoven.statements.parse import parse_report

CAUTION = (
    "This is the report of the nearest ECG alone, another patient's, as it stands (the paper's method, k = 1): "
    "nothing weighs it, and 1 vote of 1 is no probability."
)


@dataclass(frozen=True)
class Taken:
    """What is taken over from the nearest ECG."""

    text: str
    statements: tuple[DraftStatement, ...]
    quoted: Quoted
    doubts: tuple[str, ...]


def taken(ecg: ECG, nearest: Neighbour, archive: Archive, seen: Look, language: Language) -> Taken:
    """The report of the nearest ECG and what it states.

    Args:
        language: of the statements' wordings; the text itself stays as it is.
    """
    stored = next(iter(archive.collection.rows(["text"], where=f"record = {quoted(nearest.record)}")), None)
    own = without_others(stored.text) if stored is not None and stored.text else None
    if own is not None and own.text:
        read = parse_report(own.text)
        found = [(code, stance) for code, stance in read.polarities().items() if stance in ("present", "possible")]
        text, spoken = own.text, read.language
    else:
        found = [(code, "present") for code in _compatible(nearest.codes)]
        text, spoken = write_report([Finding(code) for code, _ in found], language) if found else "", language
    where = Quoted(nearest.record, spoken, own is None or not own.text, own.removed if own else {})
    statements = tuple(
        DraftStatement(
            code,
            VOCABULARY[code].text(language),
            polarity,
            1.0,
            1,
            (*supporting(code, seen.measured), NeighbourEvidence(nearest.record, nearest.similarity)),
        )
        for code, stance in found
        if code in VOCABULARY
        for polarity in (_polarity(stance),)
    )
    return Taken(text, statements, where, tuple(_doubts(statements, ecg, seen)))


def _doubts(statements: Sequence[DraftStatement], ecg: ECG, seen: Look) -> Iterator[str]:
    yield CAUTION
    for one in statements:
        why = contradiction(one.code, seen.measured, ecg.patient)
        if why:
            yield f"'{one.text}' stands in that report, and here {why}."


def _compatible(codes: Sequence[str]) -> list[str]:
    """The codes that can stand in one report; of two that exclude each other the first."""
    kept: list[str] = []
    for code in codes:
        if code in VOCABULARY and not conflicts([Finding(one) for one in (*kept, code)]):
            kept.append(code)
    return kept


def _polarity(stance: str) -> Polarity:
    return "present" if stance == "present" else "possible"
