"""What is wrong with the handbook: what lacks, what says two things at once, what contradicts something else.

It compares the handbook with itself, with the vocabularies, and with what the measurements can give. Whether its
sentences are true is for a physician.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from einthoven.knowledge.handbook_section import Criterion, Section
from einthoven.knowledge.handbook_sentence import disagreements
from einthoven.measurement import p_wave, qrs, t_wave
from einthoven.measurement.beats import RATE
from einthoven.statements import VOCABULARY
from einthoven.statements.table import rows

PARTED = (
    ("rate", "SR", "SBRAD"),
    ("rate", "SR", "STACH"),
    ("rate", "SBRAD", "STACH"),
    ("qrs", "CLBBB", "ILBBB"),
    ("qrs", "CRBBB", "IRBBB"),
    ("qrs", "NORM", "CLBBB"),
    ("qrs", "NORM", "CRBBB"),
    ("pr", "NORM", "LPR"),
    ("pr", "NORM", "aha:80"),
    ("pr", "LPR", "aha:80"),
    ("pr", "1AVB", "aha:80"),
    ("qtc", "NORM", "LNGQT"),
    ("qtc", "LNGQT", "aha:149"),
    ("axis_qrs", "NORM", "aha:120"),
    ("axis_qrs", "NORM", "aha:121"),
    ("axis_qrs", "aha:120", "aha:121"),
    ("rate", "aha:33", "aha:53"),
    ("rate", "aha:35", "aha:53"),
    ("rate", "aha:38", "aha:39"),
    ("rate", "aha:39", "aha:54"),
    ("rate", "aha:63", "aha:64"),
    ("rate", "aha:64", "aha:70"),
    ("rate", "aha:65", "aha:75"),
    ("qrs", "aha:56", "aha:76"),
    ("duration", "aha:70", "aha:71"),
)
"""What parts two statements: where both have a criterion of this measure, no value may meet both."""
MEASURABLE = {
    "qrs": qrs.FURTHEST * 2 * 1000 / RATE,
    "p_duration": p_wave.LONGEST * 1000 / RATE,
    "qtc": t_wave.LATEST_QTC_S * 1000,
}
"""The greatest value in ms that our measurements give; what asks for more can never be seen to hold."""
_WHOM = re.compile(r"\b(men|women|children|adults|boys|girls)\b")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong.

    Args:
        kind: "criteria", "coverage", "code", "name", "braces", "contradiction" or "measurement".
        text: what, in one sentence.
        file, line: where; empty and 0 for what stands nowhere.
        section: title of the section.
    """

    kind: str
    text: str
    file: str = ""
    line: int = 0
    section: str = ""

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}: {self.section}: " if self.file else ""
        return f"{place}{self.text} [{self.kind}]"


def check(sections: Iterable[Section]) -> tuple[Fault, ...]:
    """All faults, in the order of the handbook; coverage last."""
    known = tuple(sections)
    return (
        *_criteria(known),
        *_braces(known),
        *_codes(known),
        *_names(known),
        *_within(known),
        *_parted(known),
        *_apart(known),
        *_measurable(known),
        *uncovered(known),
    )


def required() -> dict[str, str]:
    """Every code that needs a section, to its name: SCP, AHA/ACC/HRS 2007 (primary), Challenge 2021, CPSC2018."""
    codes = {code: VOCABULARY[code].english for code in VOCABULARY}
    codes |= {f"aha:{row['aha']}": row["statement"] for row in rows("aha") if not row["group"].startswith("secondary")}
    codes |= {f"snomed:{row['snomed']}": row["name"] for row in rows("snomed")}
    return codes | {
        f"snomed:{row['snomed']}": row["cpsc"] for row in rows("cpsc") if f"snomed:{row['snomed']}" not in codes
    }


def uncovered(sections: Iterable[Section]) -> tuple[Fault, ...]:
    """Statements that no section is about."""
    there = {code for section in sections for code in section.codes}
    return tuple(
        Fault("coverage", f"{code} ({name}) has no section") for code, name in required().items() if code not in there
    )


def _fault(kind: str, text: str, section: Section, criterion: Criterion | None = None) -> Fault:
    return Fault(kind, text, section.file, criterion.line if criterion else section.line, section.title)


def _criteria(sections: tuple[Section, ...]) -> Iterator[Fault]:
    for section in sections:
        if not section.criteria:
            yield _fault("criteria", "has no criteria", section)
        if not section.apart:
            yield _fault("criteria", "is told apart from nothing", section)
        for each in section.apart:
            if ":" not in each.sentence:
                yield _fault("criteria", "does not begin with another statement and a colon", section, each)


def _braces(sections: tuple[Section, ...]) -> Iterator[Fault]:
    for section in sections:
        for each in (*section.criteria, *section.apart):
            bare = each in section.apart and each.op is None and not each.leads
            for said in disagreements(each):
                if not (bare and "speaks of" in said):
                    yield _fault("braces", said, section, each)


def _codes(sections: tuple[Section, ...]) -> Iterator[Fault]:
    elsewhere = {f"snomed:{row['term']}" for row in rows("challenge")} | {f"aha:{row['aha']}" for row in rows("aha")}
    allowed, seen = set(required()) | elsewhere, dict[str, Section]()
    for section in sections:
        for code in section.codes:
            if code not in allowed:
                yield _fault("code", f"{code} is in none of the vocabularies", section)
            if code in seen:
                yield _fault("code", f"{code} also has the section {seen[code].title}", section)
            seen[code] = section


def _names(sections: tuple[Section, ...]) -> Iterator[Fault]:
    seen = dict[str, Section]()
    for section in sections:
        for name in sorted({name.lower() for name in (section.title, *section.names)}):
            if name in seen:
                yield _fault("name", f"'{name}' also names the section {seen[name].title}", section)
            seen[name] = section


def _clash(one: Criterion, other: Criterion) -> bool | None:
    """Whether no value meets both; None where they are not about the same quantity of the same people."""
    if not one.same_quantity(other) or set(_WHOM.findall(one.sentence)) != set(_WHOM.findall(other.sentence)):
        return None
    return not one.compatible(other)


def _within(sections: tuple[Section, ...]) -> Iterator[Fault]:
    for section in sections:
        for one, other in combinations(section.criteria, 2):
            if _clash(one, other) and not other.sentence.startswith("Or "):
                yield _fault("contradiction", f"no {other.measure} meets this and line {one.line}", section, other)


def _parted(sections: tuple[Section, ...]) -> Iterator[Fault]:
    by_code = {code: section for section in sections for code in section.codes}
    for measure, first, second in PARTED:
        if first in by_code and second in by_code:
            here, there = by_code[first], by_code[second]
            for one in here.criteria:
                for other in there.criteria:
                    overlap = one.measure == measure and _clash(one.anyone(), other.anyone()) is False
                    if overlap and _same_people(one, other) and not _touching_axes(one, other):
                        text = f"a {one.measure} can meet this and line {other.line} of {there.file} ({there.title})"
                        yield _fault("contradiction", text, here, one)


def _touching_axes(one: Criterion, other: Criterion) -> bool:
    """Ranges of the axis are published with their common end in both: -30 degrees is normal and deviates."""
    (low, high), (least, most) = one.range, other.range
    return one.measure == "axis_qrs" and max(low, least) >= min(high, most)


def _same_people(one: Criterion, other: Criterion) -> bool:
    """Whether both may speak of one person: a criterion of nobody in particular speaks of all."""
    who, whom = (set(_WHOM.findall(each.sentence)) - {"adults"} for each in (one, other))
    return not who or not whom or bool(who & whom)


def _apart(sections: tuple[Section, ...]) -> Iterator[Fault]:
    named = {code: section for section in sections for code in section.codes}
    named |= {name.lower(): section for section in sections for name in (*section.names, section.title)}
    for section in sections:
        for each in section.apart:
            names = each.sentence.partition(":")[0].split(",")
            for other in {id(found): found for name in names if (found := _named(named, name))}.values():
                for criterion in other.criteria:
                    if _clash(each.anyone(), criterion.anyone()) and _same_people(each, criterion):
                        text = f"contradicts line {criterion.line} of {other.file} ({other.title})"
                        yield _fault("contradiction", text, section, each)


def _named(named: dict[str, Section], name: str) -> Section | None:
    return named.get(name.strip()) or named.get(name.strip().lower())


def _measurable(sections: tuple[Section, ...]) -> Iterator[Fault]:
    for section in sections:
        for each in section.criteria:
            most = MEASURABLE.get(each.measure or "")
            if most is not None and each.unit == "ms" and each.range[0] >= most:
                yield _fault(
                    "measurement", f"our measurements give no {each.measure} beyond {most:g} ms", section, each
                )
