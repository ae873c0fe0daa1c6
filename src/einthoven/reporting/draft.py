"""A draft report as data: what it says, what each statement rests on, and whether it may be used."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from einthoven.knowledge.handbook import SOURCE, section_of
from einthoven.measurement import Measurements
from einthoven.reporting.neighbour_reports import NeighbourReport
from einthoven.reporting.outcomes import DISCLAIMER, Outcome, Polarity
from einthoven.retrieval import Neighbour
from einthoven.retrieval.guarantee import Verdict
from einthoven.statements import Language

if TYPE_CHECKING:
    from einthoven.knowledge.description import Quote
    from einthoven.reporting.refine import Refined

SHOWN = 5


@dataclass(frozen=True)
class NeighbourEvidence:
    """A similar ECG that carries the same statement."""

    record: str
    similarity: float

    def to_dict(self) -> dict[str, Any]:
        return {"record": self.record, "similarity": round(self.similarity, 4)}

    def __str__(self) -> str:
        return f"{self.record} ({self.similarity:.3f})"


@dataclass(frozen=True)
class MeasurementEvidence:
    """A measurement of the ECG itself that supports the statement."""

    measurement: str
    value: float
    unit: str

    def to_dict(self) -> dict[str, Any]:
        return {"measurement": self.measurement, "value": round(self.value, 1), "unit": self.unit}

    def __str__(self) -> str:
        return f"{self.measurement.replace('_', ' ')} {self.value:.0f} {self.unit}"


@dataclass(frozen=True)
class DraftStatement:
    """One statement of a draft.

    Args:
        code: SCP code.
        text: its wording in the draft's language.
        polarity: "present", or "possible" for a critical finding that is not likely but must not be missed.
        confidence: calibrated probability that the statement holds; the bare vote in an archive without calibration.
        votes: how many of the neighbours carry it.
        evidence: what it rests on; never empty.
        guarantee: of a statement that is present: whether its confidence keeps false calls within the level that the
            archive was calibrated for ("kept"), does not ("open"), or has no bound, for too few patients ("none").
        described: what a knowledge base of the user's says that it looks like; None leaves that to the handbook.
    """

    code: str
    text: str
    polarity: Polarity
    confidence: float
    votes: int
    evidence: tuple[NeighbourEvidence | MeasurementEvidence, ...]
    guarantee: Verdict | None = None
    described: tuple[Quote, ...] | None = None

    def to_dict(self) -> dict[str, Any]:
        return {
            "code": self.code,
            "text": self.text,
            "polarity": self.polarity,
            "confidence": round(self.confidence, 3),
            "evidence": [item.to_dict() for item in self.evidence],
            "described_in": _described_in(self),
        }


@dataclass(frozen=True)
class Quoted:
    """Where the text of a draft by the paper's method comes from: the report of the nearest ECG, another patient's.

    Args:
        record: that ECG. language: of its text, "de", "en", "sv", or None where it does not show.
        written: the archive keeps no text of it, and its coded statements are written out instead.
        removed: passages that were taken out, by kind (`reporting.others`).
    """

    record: str
    language: str | None
    written: bool
    removed: Mapping[str, int]

    @property
    def heading(self) -> str:
        """What stands before the text."""
        if self.written:
            return (
                f"Of the nearest ECG, {self.record}, another patient's: its coded statements, for it has no text here"
            )
        cut = sum(self.removed.values())
        gone = f"; {cut} passage{'s' * (cut != 1)} on that patient alone left out" if cut else ""
        return f"Report of the nearest ECG, {self.record}, another patient's, as it stands{gone}"

    def to_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "record": self.record,
            "language": self.language,
            "written_from_codes": self.written,
            "removed": dict(self.removed),
        }


@dataclass(frozen=True)
class Draft:
    """A draft report. `str(draft)` is for people, `to_dict()` for programs.

    Args:
        outcome: "draft", "caution" (usable with the `reasons` in mind), or "none" (nearest ECGs only).
        reasons: why the outcome is not "draft".
        statements: what is drafted, the surest first; no two of them contradict each other.
        report: the statements as a report text, empty where nothing is drafted.
        overall: the overall line of the report, empty where nothing is drafted.
        measurements: of the ECG itself.
        neighbours: the ECGs that voted, nearest first.
        neighbour_reports: what the kept reports of the nearest of them say; empty where the archive keeps none.
        notices: what reading and preparing the ECG did that its user should know.
        model, archive: which ones were asked, as in `to_dict`.
        recorded: when the ECG was, with its offset from UTC if the file states one.
        refined: the report as a language model rewords it, where one was asked.
        quoted: whose report `report` is, where it is that of the nearest ECG as it stands (the paper's method).
        knowledge: the user's knowledge base that describes the statements; empty for the handbook.
        language: of its texts, and of `str(draft)`.
    """

    outcome: Outcome
    reasons: tuple[str, ...]
    statements: tuple[DraftStatement, ...]
    report: str
    overall: str
    measurements: Measurements
    neighbours: tuple[Neighbour, ...]
    notices: tuple[str, ...]
    model: Mapping[str, str]
    archive: Mapping[str, Any]
    disclaimer: str = DISCLAIMER
    recorded: datetime | None = None
    refined: Refined | None = None
    quoted: Quoted | None = None
    knowledge: str = ""
    neighbour_reports: tuple[NeighbourReport, ...] = ()
    language: Language = "en"

    @property
    def k(self) -> int:
        """How many neighbours voted."""
        return len(self.neighbours)

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven report --json`."""
        told = {one.record: one for one in self.neighbour_reports}
        return {
            "recorded": self.recorded.isoformat() if self.recorded else None,
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "statements": [
                statement.to_dict() | ({"confidence": None} if self.quoted else {}) for statement in self.statements
            ],
            "report": self.report,
            "measurements": self.measurements.to_dict(),
            "neighbours": [
                {"record": n.record, "similarity": round(n.similarity, 4), "statements": list(n.codes)}
                | ({"report": told[n.record].text} if n.record in told else {})
                for n in self.neighbours
            ],
            "notices": list(self.notices),
            "model": dict(self.model),
            "archive": dict(self.archive),
            **({"refined": self.refined.to_dict()} if self.refined else {}),
            **({"quoted": self.quoted.to_dict()} if self.quoted else {}),
            "disclaimer": self.disclaimer,
        }

    def __str__(self) -> str:
        from einthoven.reporting.told import lines

        return "\n".join(lines(self))


def percent(chance: float) -> str:
    """A probability for the terminal: nothing here is certain, whatever a number is rounded to.

    >>> percent(0.874), percent(0.999), percent(0.001)
    ('87%', '>99%', '<1%')
    """
    return ">99%" if chance > 0.99 else "<1%" if chance < 0.01 else f"{chance:.0%}"


def _described_in(statement: DraftStatement) -> dict[str, Any] | None:
    """Where the handbook, or the user's own knowledge base, describes a statement, as JSON."""
    if statement.described is not None:
        first = statement.described[0].to_dict() if statement.described else None
        return first and {name: first[name] for name in ("source", "page", "section") if name in first}
    section = section_of(statement.code)
    return None if section is None else {"source": SOURCE, "section": section.title}


def key_values(found: Measurements) -> tuple[tuple[str, float | None, str], ...]:
    """What the head of a report states: name, value and unit; QTc by Fridericia, and by Bazett as devices print it."""
    return (
        ("heart_rate", found.heart_rate, "bpm"),
        ("pr", found.pr, "ms"),
        ("qrs", found.qrs, "ms"),
        ("qt", found.qt, "ms"),
        ("qtc_fridericia", found.qtc.get("fridericia"), "ms"),
        ("qtc_bazett", found.qtc.get("bazett"), "ms"),
        ("p_axis", found.p_axis, "°"),
        ("qrs_axis", found.qrs_axis, "°"),
        ("t_axis", found.t_axis, "°"),
    )


def reason(found: Measurements, name: str) -> str:
    """Why one of `key_values` is not there; empty if nothing says so."""
    return found.reasons.get("qtc" if name.startswith("qtc_") else name, "")
