"""Whether ECGs that carry a statement measure as the handbook's criteria for it say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from einthoven.datasets import PTBXL
from einthoven.datasets.ptbxl import Entry
from einthoven.evaluation.cells import Rows, Share, Value
from einthoven.knowledge.handbook import Criterion, Section, sections
from einthoven.measurement import Measurements, measure

FEWEST = 20
"""ECGs with the code, measured, that a criterion is judged on."""
MEASURED: dict[str, tuple[str, Callable[[Measurements], float | None]]] = {
    "rate": ("bpm", lambda found: found.heart_rate),
    "pr": ("ms", lambda found: found.pr),
    "qrs": ("ms", lambda found: found.qrs),
    "qt": ("ms", lambda found: found.qt),
    "qtc": ("ms", lambda found: found.qtc.get("bazett")),
    "p_duration": ("ms", lambda found: found.p),
    "axis_qrs": ("degrees", lambda found: found.qrs_axis),
    "axis_p": ("degrees", lambda found: found.p_axis),
}
WITH, WITHOUT, LACKS = "with the code", "without it", "with the code, not measured"
_SEXES = {"female": re.compile(r"\bwom[ae]n\b|\bfemales?\b", re.I), "male": re.compile(r"\bm[ae]n\b|\bmales?\b", re.I)}
_YOUNG = re.compile(r"\b(?:child|children|infants?|newborns?|months?)\b", re.I)


@dataclass(frozen=True)
class Measured:
    """An ECG's codes, its patient's sex, and what was measured, by the criteria's measures."""

    codes: frozenset[str]
    sex: str | None
    values: dict[str, float]


def measured(source: PTBXL, entries: Sequence[Entry], progress: Callable[[str], None]) -> Iterator[Measured]:
    """Each ECG measured by `einthoven measure`."""
    for number, entry in enumerate(entries, 1):
        found = measure(source.row(entry).ecg())
        values = {name: value for name, (_, of) in MEASURED.items() if (value := of(found)) is not None}
        yield Measured(frozenset(one.code for one in entry.statements if one.code), entry.sex, values)
        if number % 50 == 0:
            progress(f"{number} of {len(entries)} ECGs measured")


def judged_criteria() -> Iterator[tuple[Section, Criterion]]:
    """The criteria with a number that `einthoven measure` gives, each by itself, but for those of children."""
    for section in sections():
        for one in section.criteria:
            unit = MEASURED.get(one.measure or "", ("", None))[0]
            if one.op is not None and unit and one.unit == unit and not _YOUNG.search(one.sentence):
                yield section, one


def sex_of(criterion: Criterion) -> str | None:
    """The sex that a criterion is for, by its words; None where it is for both."""
    meant = [sex for sex, words in _SEXES.items() if words.search(criterion.sentence)]
    return meant[0] if len(meant) == 1 else None


def agreement_cells(ecgs: Sequence[Measured]) -> Rows:
    """Of each criterion, the share of ECGs with one of its section's codes that meet it, and of those without.

    Criteria of a section are not joined: one of several alternatives need not be met by all. A criterion that names
    one sex is judged on ECGs of that sex. Those with fewer than `FEWEST` measured ECGs are left out.
    """
    rows: dict[str, dict[str, Value]] = {}
    for section, one in judged_criteria():
        assert one.measure is not None
        sex = sex_of(one)
        of_sex = [ecg for ecg in ecgs if sex is None or ecg.sex == sex]
        codes = set(section.codes)
        carrying = [ecg for ecg in of_sex if codes & ecg.codes]
        met = [one.holds(ecg.values[one.measure]) for ecg in carrying if one.measure in ecg.values]
        others = [
            one.holds(ecg.values[one.measure]) for ecg in of_sex if not codes & ecg.codes and one.measure in ecg.values
        ]
        if len(met) >= FEWEST and others:
            rows[f"{' '.join(section.codes)}: {_short(one, sex)}"] = {
                WITH: Share.of_count(sum(met), len(met)),
                WITHOUT: Share.of_count(sum(others), len(others)),
                LACKS: len(carrying) - len(met),
            }
    return rows


def _short(one: Criterion, sex: str | None) -> str:
    value = " to ".join(f"{value:g}" for value in one.value)
    said = f"{one.measure} {value if one.op == 'in' else f'{one.op} {value}'} {one.unit}"
    return f"{said}, {sex}" if sex else said
