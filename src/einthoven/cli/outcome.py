"""What became of the files of one import: counted, grouped by reason, and listed."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.cli.terminal import print_json, say
from einthoven.ecg import FormatError
from einthoven.ecg.counted import counted

if TYPE_CHECKING:
    from einthoven.ecg import ECG, EinthovenError
    from einthoven.quality import Finding

EXAMPLES = 3
UNFIT = "not fit"
"""The kind of what could be read and was not taken: nothing may be concluded from it."""


@dataclass(frozen=True)
class Refused:
    """A file that was not taken: its name, the kind of error or `UNFIT`, the reason, and what can be done."""

    name: str
    kind: str
    reason: str
    mend: str = ""

    @property
    def group(self) -> tuple[str, str]:
        """The reason without names and numbers, by which it is grouped."""
        return self.kind, re.sub(r"(?<!\w)'[^']*'(?!\w)", "'...'", re.sub(r"\d(?:[\d.,]*\d)?", "N", self.reason))


@dataclass
class Outcome:
    """What became of the files of one run; `seen` counts those that were tried to read."""

    seen: int = 0
    added: int = 0
    refused: list[Refused] = field(default_factory=list)
    passed_over: list[tuple[str, str]] = field(default_factory=list)
    notices: Counter[str] = field(default_factory=Counter)
    repaired: int = 0
    repairs: Counter[str] = field(default_factory=Counter)
    there_before: int = 0
    same_samples: Counter[tuple[str, str]] = field(default_factory=Counter)
    reports: dict[str, Any] | None = None
    notes: list[str] = field(default_factory=list)
    _unread: int = 0
    _reported: set[str] = field(default_factory=set)

    def refuse(self, name: str, fault: EinthovenError) -> None:
        """A file that was found and cannot be taken."""
        self.refused.append(Refused(name, fault.kind, fault.message, fault.mend))

    def pass_over(self, name: str, what: str) -> None:
        """A file that is no ECG."""
        self.passed_over.append((name, what))

    def fail(self, name: str, fault: EinthovenError) -> None:
        """An ECG file that cannot be read; it was counted among those seen."""
        self._unread += 1
        self.refuse(name, fault)

    def fits(self, name: str, findings: Iterable[Finding]) -> bool:
        """Whether nothing severe is wrong with a recording; else it is refused: its statements would support drafts."""
        worst = next((one for one in findings if one.severe), None)
        if worst is not None:
            self._unread += 1
            self.refused.append(Refused(name, UNFIT, worst.text))
        return worst is None

    def count_report(self, what: str, sha256: str) -> bool:
        """Counts what became of the report of a recording, which may lie in several files: whether it is the first."""
        first = self.reports is not None and sha256 not in self._reported
        if first and self.reports is not None:
            self._reported.add(sha256)
            self.reports[what] += 1
        return first

    def note(self, ecg: ECG) -> None:
        """The notices of an ECG that is added."""
        from einthoven.formats.repairs import is_repair

        self.notices.update({notice.kind for notice in ecg.notices})
        repairs = {notice.kind for notice in ecg.notices if is_repair(notice)}
        self.repaired += bool(repairs)
        self.repairs.update(repairs)

    @property
    def files(self) -> int:
        """All that was found: added, duplicates and refused; of a refused archive also itself."""
        return self.seen + len(self.refused) - self._unread

    @property
    def nothing_taken(self) -> EinthovenError | None:
        """The fault where every file was refused."""
        if not self.refused or len(self.refused) < self.files:
            return None
        first = " ".join(f"{one.name}: {one.reason}" for one in self.refused[:EXAMPLES])
        what = "the file was" if self.files == 1 else f"all {self.files} files were"
        mends = {one.mend for one in self.refused}
        mend = mends.pop() if len(mends) == 1 else "Name files of a format that `einthoven read` reads."
        return FormatError(
            f"No ECG was added: {what} refused. {first}", f"{mend} --refused FILE.csv lists all, with reasons."
        )

    @property
    def duplicates(self) -> int:
        """Recordings that were in the archive already, or twice among the sources."""
        return self.seen - self._unread - self.added

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `archive build` and `archive add`."""
        return {
            "files": self.files,
            "added": self.added,
            "repaired": {"ecgs": self.repaired, "kinds": dict(self.repairs)},
            "duplicates": self.duplicates,
            "there_before": self.there_before,
            "same_samples": [{"formats": list(pair), "ecgs": count} for pair, count in self.same_samples.most_common()],
            "refused": [{"file": one.name, "kind": one.kind, "reason": one.reason} for one in self.refused],
            "passed_over": [{"file": name, "looks_like": what} for name, what in self.passed_over],
            "notices": dict(self.notices),
            "reports": self.reports,
            "notes": self.notes,
        }

    def save(self, path: Path) -> None:
        """Writes all that was not taken to a table, safe to open in a spreadsheet."""
        from einthoven.ingest.table import write_table

        rows = [("refused", one.name, one.kind, one.reason) for one in self.refused]
        rows += [("passed over", name, "no-ecg", f"It looks like {what}.") for name, what in self.passed_over]
        write_table(path, ("what", "file", "kind", "reason"), rows)


def tell(outcome: Outcome, as_json: bool) -> None:
    """Prints what became of the files."""
    if as_json:
        print_json(outcome.to_dict() | (outcome.nothing_taken.to_dict() if outcome.nothing_taken else {}))
        return
    say(f"files        {outcome.files}")
    say(f"added        {outcome.added}")
    if outcome.repaired:
        say(f"repaired     {outcome.repaired}: {_counted(outcome.repairs)}")
    say(f"duplicates   {outcome.duplicates}, of which {outcome.there_before} were in the archive before")
    for (one, other), count in outcome.same_samples.most_common():
        say(f"  {count:>6} with the samples of another file, {f'both {one}' if one == other else f'{one} and {other}'}")
    say(f"refused      {len(outcome.refused)}")
    groups = Counter(one.group for one in outcome.refused)
    for group, count in groups.most_common():
        say(f"  {count:>6} {group[0]:<10} {group[1]}")
        members = [refused.name for refused in outcome.refused if refused.group == group]
        for name in members[:EXAMPLES]:
            say(f"         {name}")
    if any(one.kind == UNFIT for one in outcome.refused):
        say(f"             '{UNFIT}': nothing can be concluded from the recording, so it may not support a draft")
    if outcome.passed_over:
        say(f"passed over  {len(outcome.passed_over)} other files, which are no ECGs")
        for what, count in Counter(what for _, what in outcome.passed_over).most_common():
            say(f"  {count:>6} {what}")
    if len(outcome.refused) > EXAMPLES or outcome.passed_over:
        say("             --refused FILE.csv or --json lists them all")
    for kind, count in outcome.notices.most_common():
        say(f"notice       {kind}: {counted(count)}")
    if outcome.reports:
        _tell_reports(outcome.reports)
    for note in outcome.notes:
        say(f"note         {note}")


UNSURE = "not read, because nobody confirmed them"


def _tell_reports(found: dict[str, Any]) -> None:
    joined = f"{found['joined']} joined by {found['on']}, {found['texts_kept']} texts kept"
    say(f"reports      {found['rows']} rows: {joined}")
    for key, what in (
        ("there_before", "joined to ECGs that were in the archive before, and not stored"),
        ("not_fit", "joined to ECGs that were not fit and not taken"),
    ):
        if found[key]:
            say(f"  {found[key]:>6} of them {what}")
    if "read" in found:
        say(f"  {found['read']:>6} read into codes, {found['unread_phrases']} phrases in them that no rule covers")
        for key, what in (("read_without_statement", "of them state nothing that has a code"), ("not_read", UNSURE)):
            if found[key]:
                say(f"  {found[key]:>6} {what}")
        for what, count in sorted(found.get("uncoded", {}).items()):
            say(f"  {count:>6} tell of {what}, which has no code of its own")
    for key, what in (
        ("ambiguous_files", "ECGs with more than one possible report"),
        ("unmatched_files", "ECGs without a report"),
    ):
        if found[key]:
            say(f"  {len(found[key]):>6} {what}, such as {_some(found[key])}")
    for key, what in (
        ("ambiguous_rows", "reports with more than one possible ECG"),
        ("unmatched_rows", "reports without an ECG"),
    ):
        if found[key]:
            say(f"  {len(found[key]):>6} {what}, such as row {_some(found[key])}")
    for why, rows in _by_reason(found["unusable_rows"]).items():
        say(f"  {len(rows):>6} rows that are no report ({why}), such as row {_some(rows)}")


def _by_reason(rows: Iterable[dict[str, Any]]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for one in rows:
        groups.setdefault(one["reason"], []).append(one["row"])
    return groups


def _some(values: list[Any]) -> str:
    return ", ".join(map(str, values[:EXAMPLES]))


def _counted(counter: Counter[str]) -> str:
    return ", ".join(f"{what} ({count})" for what, count in counter.most_common())
