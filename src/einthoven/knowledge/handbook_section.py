"""What the handbook is made of: sections, their criteria, and the documents that criteria name."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

MEASURES = (
    *("rate", "rr_variation", "p_duration", "p_amplitude", "pr", "qrs", "qt", "qtc", "axis_p", "axis_qrs", "axis_t"),
    *("q_duration", "q_amplitude", "r_amplitude", "s_amplitude", "rs_ratio", "r_peak_time", "st", "t_amplitude"),
    *("voltage", "count", "duration", "other"),
)
OPERATORS = (">=", ">", "<=", "<", "=", "in")
UNITS = ("ms", "mV", "mm", "bpm", "degrees", "s", "beats", "percent", "none")


@dataclass(frozen=True)
class Criterion:
    """One sentence, and its number in a form that a program can compare.

    Args:
        sentence: as it stands in the handbook, without braces.
        measure, op, unit: of `MEASURES`, `OPERATORS` and `UNITS`; None where the sentence holds no number.
        value: in that unit: one number, the two ends for "in", nothing where there is no number.
        leads: canonical names of the leads that it speaks of.
        source: key of the document that it is believed to stand in, or "general".
        verified, verified_by: whether a named person has held it against that document, and who.
        line: where it stands in its file, from 1.
    """

    sentence: str
    measure: str | None = None
    op: str | None = None
    value: tuple[float, ...] = ()
    unit: str | None = None
    leads: tuple[str, ...] = ()
    source: str = "general"
    verified: bool = False
    verified_by: str | None = None
    line: int = 0

    def holds(self, value: float) -> bool:
        """Whether a measured value, in the criterion's unit, meets it; ValueError where it has no number.

        >>> Criterion("", "qrs", "in", (110, 119), "ms").holds(119)
        True
        """
        if self.op is None:
            raise ValueError("the criterion holds no number")
        first = self.value[0]
        return {
            ">=": value >= first,
            ">": value > first,
            "<=": value <= first,
            "<": value < first,
            "=": value == first,
            "in": first <= value <= self.value[-1],
        }[self.op]

    @property
    def range(self) -> tuple[float, float]:
        """Least and greatest value that meet it; an end that ">" or "<" leaves out is moved by the least step."""
        first, last = self.value[0], self.value[-1]
        return {
            ">=": (first, math.inf),
            ">": (math.nextafter(first, math.inf), math.inf),
            "<=": (-math.inf, first),
            "<": (-math.inf, math.nextafter(first, -math.inf)),
            "=": (first, first),
            "in": (first, last),
        }[self.op or "="]

    def anyone(self) -> Criterion:
        """The same without its sentence, and so without whom it speaks of."""
        return replace(self, sentence="")

    def compatible(self, other: Criterion) -> bool:
        """Whether one value can meet both; they are of the same measure and unit."""
        (low, high), (least, most) = self.range, other.range
        return max(low, least) <= min(high, most)

    def same_quantity(self, other: Criterion) -> bool:
        """Whether both are about one measure in one unit and the same leads; "other" is never the same."""
        return (
            self.measure is not None
            and self.measure != "other"
            and (self.measure, self.unit) == (other.measure, other.unit)
            and set(self.leads) == set(other.leads)
        )


@dataclass(frozen=True)
class Section:
    """One statement: what it is, what it looks like, its criteria, what to tell it apart from.

    Args:
        title: its heading.
        codes: SCP codes, `aha:NUMBER`, `snomed:NUMBER`; empty where no vocabulary has one.
        names: other wordings, English and German.
        what, looks: paragraphs.
        criteria, apart: one sentence each.
        chapter: the heading of its file.
        file, line: where it begins.
    """

    title: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    what: str
    looks: str
    criteria: tuple[Criterion, ...]
    apart: tuple[Criterion, ...]
    chapter: str = ""
    file: str = ""
    line: int = 0


@dataclass(frozen=True)
class Document:
    """A published document; `doi` is empty where it is not known for certain."""

    key: str
    title: str
    authors: str
    journal: str
    year: int
    doi: str
