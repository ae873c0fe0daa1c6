"""Reads the handbook's Markdown strictly: a line that does not fit is an error with its file and number."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from einthoven.ecg import EinthovenError
from einthoven.ecg.leads import LEADS
from einthoven.knowledge.handbook_section import MEASURES, OPERATORS, UNITS, Criterion, Section

EXTRA_LEADS = ("V7", "V8", "V9", "V3R", "V4R", "V5R", "V6R")
"""Leads that a standard recording does not have, and that some criteria ask for."""
NO_CODE = "none"
PARTS = ("On the ECG", "Criteria", "Tell apart from")
_CODE = re.compile(r"(aha:[1-9]\d*|snomed:[1-9]\d+|[A-Z0-9_/()]+)")
_ITEM = re.compile(r"- (?P<sentence>[^{}]+?\.)(?: \{(?P<braces>[^{}]*)\})?")
_PAIR = re.compile(r'([a-z_]+)=("[^"]+"|\S+)')
_KEYS = {"measure", "op", "value", "unit", "leads", "source", "verified", "verified_by"}


class HandbookError(EinthovenError):
    """A line of the handbook that is not in its format."""

    kind = "handbook"


@dataclass
class _Draft:
    """A section while it is read; `part` is the number of sub-headings passed."""

    title: str
    line: int
    codes: tuple[str, ...] | None = None
    names: tuple[str, ...] | None = None
    paragraphs: dict[int, list[str]] = field(default_factory=lambda: {0: [], 1: []})
    items: dict[int, list[Criterion]] = field(default_factory=lambda: {2: [], 3: []})
    part: int = 0


def parse(text: str, file: str, sources: frozenset[str]) -> tuple[Section, ...]:
    """The sections of one file.

    Args:
        text: Markdown in the handbook's format.
        file: its name, for errors.
        sources: keys that a criterion may name.

    Raises:
        HandbookError: a line that does not fit, or a section that lacks a part.
    """
    found: list[_Draft] = []
    chapter = ""
    for number, line in _lines(text):
        where = _Place(file, number, line)
        if line.startswith("# "):
            where.need(not chapter, "a second heading of the file")
            chapter = line[2:].strip()
        elif line.startswith("## "):
            where.need(bool(chapter), "a section before the file's heading")
            found.append(_Draft(line[3:].strip(), number))
        else:
            where.need(bool(found), "text before the first section")
            _add(found[-1], where, sources)
    return tuple(_finished(draft, chapter, file) for draft in found)


@dataclass(frozen=True)
class _Place:
    file: str
    number: int
    line: str

    def need(self, fits: bool, wrong: str) -> None:
        if not fits:
            raise HandbookError(f"{self.file}, line {self.number}: {wrong}.", f"The line is: {self.line[:120]}")


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Lines that hold something; one that begins with two blanks goes on with the item before it."""
    held: tuple[int, str] | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        if line.startswith("  ") and line.strip() and held:
            held = (held[0], f"{held[1]} {line.strip()}")
            continue
        if held:
            yield held
        held = (number, line.rstrip()) if line.strip() else None
    if held:
        yield held


def _add(draft: _Draft, where: _Place, sources: frozenset[str]) -> None:
    line = where.line
    if line.startswith("### "):
        where.need(draft.part < len(PARTS) and line[4:] == PARTS[draft.part], f"not the next of {', '.join(PARTS)}")
        draft.part += 1
    elif line.startswith("codes:"):
        where.need(draft.codes is None and draft.part == 0, "a second line of codes")
        draft.codes = tuple(code for code in _listed(line, ",") if code != NO_CODE)
        for code in draft.codes:
            where.need(_CODE.fullmatch(code) is not None, f"'{code}' is no code")
    elif line.startswith("names:"):
        where.need(draft.names is None and draft.part == 0, "a second line of names")
        draft.names = _listed(line, ";")
        where.need(bool(draft.names), "no name")
    elif draft.part < 2:
        where.need(not line.startswith(("-", "#", "*")), "an item or a heading where sentences are expected")
        where.need(draft.codes is not None and draft.names is not None, "sentences before the codes and names")
        where.need("{" not in line and "}" not in line, "braces outside of a criterion")
        draft.paragraphs[draft.part].append(line)
    else:
        draft.items[draft.part].append(_criterion(where, sources, bare=draft.part == 3))


def _listed(line: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in line.partition(":")[2].split(mark) if part.strip())


def _criterion(where: _Place, sources: frozenset[str], bare: bool) -> Criterion:
    """An item; `bare`: it may go without braces."""
    item = _ITEM.fullmatch(where.line)
    where.need(item is not None, "not an item: '- A sentence. {key=value ...}'")
    assert item is not None
    braces = item["braces"]
    where.need(braces is not None or bare, "a criterion without braces")
    if braces is None:
        return Criterion(item["sentence"], line=where.number)
    pairs = {key: value.strip('"') for key, value in _PAIR.findall(braces)}
    where.need(not _PAIR.sub("", braces).strip(), f"braces that are not key=value: {braces}")
    where.need(
        len(pairs) == len(_PAIR.findall(braces)) and set(pairs) <= _KEYS, "a key that is unknown or stands twice"
    )
    where.need(pairs.get("source") in sources, f"source '{pairs.get('source')}' is not in sources.toml")
    where.need(pairs.get("verified") in ("true", "false"), "verified is neither true nor false")
    where.need(
        (pairs["verified"] == "true") == ("verified_by" in pairs), "verified by nobody, or unverified by somebody"
    )
    leads = tuple(pairs["leads"].split(",")) if "leads" in pairs else ()
    where.need(
        set(leads) <= {*LEADS, *EXTRA_LEADS} and len(set(leads)) == len(leads), "leads that are unknown or twice"
    )
    number = {"measure", "op", "value", "unit"} & set(pairs)
    where.need(len(number) in (0, 4), "measure, op, value and unit go together")
    if number:
        where.need(pairs["measure"] in MEASURES, f"'{pairs['measure']}' is no measure")
        where.need(pairs["op"] in OPERATORS, f"'{pairs['op']}' is no operator")
        where.need(pairs["unit"] in UNITS, f"'{pairs['unit']}' is no unit")
    return Criterion(
        item["sentence"],
        pairs.get("measure"),
        pairs.get("op"),
        _value(where, pairs["value"], pairs["op"] == "in") if number else (),
        pairs.get("unit"),
        leads,
        pairs["source"],
        pairs["verified"] == "true",
        pairs.get("verified_by"),
        where.number,
    )


def _value(where: _Place, text: str, is_range: bool) -> tuple[float, ...]:
    ends = text.split("..")
    where.need(len(ends) == (2 if is_range else 1), "a range goes with 'in', and one number with the others")
    where.need(all(re.fullmatch(r"-?\d+(\.\d+)?", end) for end in ends), f"'{text}' is no number")
    value = tuple(float(end) for end in ends)
    where.need(value[0] < value[-1] or not is_range, "a range that goes backwards")
    return value


def _finished(draft: _Draft, chapter: str, file: str) -> Section:
    what, looks = (" ".join(draft.paragraphs[part]) for part in (0, 1))
    where = _Place(file, draft.line, f"## {draft.title}")
    where.need(draft.codes is not None and draft.names is not None, "a section without a line of codes or names")
    where.need(bool(what and looks), "a section that does not say what it is or what it looks like")
    return Section(
        draft.title,
        draft.codes or (),
        draft.names or (),
        what,
        looks,
        tuple(draft.items[2]),
        tuple(draft.items[3]),
        chapter,
        file,
        draft.line,
    )
