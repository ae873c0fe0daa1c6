"""A page of results: sections one below the other, each with the command that prints it alone."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

from einthoven.ecg import DataError, EinthovenError, UsageError
from einthoven.ecg.commit import HOUSE, commit_of
from einthoven.evaluation.table import Table

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Section:
    """One part of a page.

    Args:
        title: its heading.
        command: what prints it alone.
        make: computes its tables; None where they cannot be computed here.
        lacks: why they cannot, or what a reader must know before the numbers.
        tables: how the titles begin of the tables that the page shows beside the first; its command prints them all.
        taken: what an earlier page says of it, in Markdown, where making it anew would train networks.
    """

    title: str
    command: str
    make: Callable[[], Table] | None = None
    lacks: str = ""
    tables: Sequence[str] = ()
    taken: str = ""


@dataclass(frozen=True)
class Made:
    """What became of a section: its table, or why there is none, and the minutes that it took."""

    section: Section
    table: Table | None
    fault: str
    minutes: float

    def markdown(self) -> str:
        """Heading, tables, facts; in place of tables, what is missing."""
        lines = [f"## {self.section.title}", "", f"`{self.section.command}`", ""]
        if self.section.lacks:
            lines += [self.section.lacks, ""]
        if self.section.taken:
            lines.append(self.section.taken)
        elif self.table is None:
            lines.append(f"**Not computed**: {self.fault}" if self.fault else "**Not built here.**")
        else:
            lines.append(chosen(self.table, self.section.tables).markdown())
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """For the JSON document."""
        return {
            "title": self.section.title,
            "command": self.section.command,
            "lacks": self.section.lacks or None,
            "taken": self.section.taken or None,
            "table": None if self.table is None else self.table.to_dict(),
            "fault": self.fault or None,
            "minutes": round(self.minutes, 1),
        }


@dataclass(frozen=True)
class Page:
    """All sections that were made, and the facts that hold for all of them."""

    title: str
    facts: Mapping[str, object]
    made: Sequence[Made]
    day: str = field(default_factory=lambda: date.today().isoformat())
    commit: str = field(default_factory=lambda: commit_of(HOUSE))

    @property
    def minutes(self) -> float:
        """That the whole page took."""
        return sum(each.minutes for each in self.made)

    def markdown(self) -> str:
        """The page."""
        facts = "; ".join(f"{key} {value}" for key, value in self.facts.items() if value is not None)
        head = [f"# {self.title}", "", f"{facts}; {self.day}, commit {self.commit}, {self.minutes:.0f} minutes."]
        return "\n\n".join(["\n".join(head), *(each.markdown() for each in self.made)]) + "\n"

    def save(self, path: Path) -> None:
        """Writes the page in Markdown.

        Raises:
            UsageError: the file cannot be written.
        """
        try:
            path.write_text(self.markdown(), encoding="utf-8")
        except OSError as fault:
            raise UsageError(f"{path} cannot be written ({fault.strerror}).", "Name another file.") from None

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven evaluate all --json`."""
        return {
            "title": self.title,
            "facts": dict(self.facts),
            "sections": [each.to_dict() for each in self.made],
            "date": self.day,
            "commit": self.commit,
            "minutes": round(self.minutes, 1),
        }


def chosen(table: Table, beginnings: Sequence[str]) -> Table:
    """The table with those parts alone whose titles begin so, and a note of how many its command prints beside them."""
    shown = [part for part in table.parts if part.shown]
    kept = [part for part in shown if part.title.startswith(tuple(beginnings))]
    more = len(shown) - len(kept)
    note = f"The command prints {more} more table{'s' * (more > 1)}."
    return replace(table, parts=kept, notes=(*table.notes, *([note] if more else [])))


def part_of(page: Path, title: str) -> str:
    """What a page in Markdown says under the heading of the second level that begins with `title`, without the heading.

    Raises:
        DataError: the page cannot be read, or has no such heading.
    """
    try:
        text = page.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise DataError(f"{page} cannot be read.", "Name a page in Markdown.") from None
    for part in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
        heading, _, body = part.partition("\n")
        if heading.startswith(title):
            return body.strip()
    raise DataError(f"{page} has no part {title!r}.", "Name the page that has: docs/regen.md of this project.")


def make_page(title: str, facts: Mapping[str, object], sections: Sequence[Section], progress: Progress) -> Page:
    """Makes one section after the other; one that fails with an error of ours is marked, and the others go on."""
    return Page(title, facts, tuple(_made(sections, progress)))


def _made(sections: Sequence[Section], progress: Progress) -> Iterator[Made]:
    for number, section in enumerate(sections, 1):
        progress(f"{number} of {len(sections)}: {section.title}")
        start, table, fault = time.monotonic(), None, ""
        try:
            table = section.make() if section.make else None
        except EinthovenError as error:
            fault = f"{error.message} {error.mend}"
        yield Made(section, table, fault, (time.monotonic() - start) / 60)
