"""Every format on real files, as docs/formats.md: which are read, how exactly, and how fast beside the bare library.

    python benchmarks/formats.py [--shared ../shared] [--out docs/formats.md] [--fuzz docs/fuzz.json]

Each ECG file below fixtures/ and data/, and those that installed packages carry as examples, is read and compared, lead
by lead, with what another library reads (of CardioSoft ecg2dcm: pip install --no-deps ecg2dcm). Times are medians of
processor time, both sides in turns in one process. Exit code 1: an ECG was not read, or not exactly.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import statistics
import sys
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from formats_rows import NO_ECG, ROWS, Row

from einthoven.ecg import ECG, EinthovenError
from einthoven.formats import find, read
from einthoven.formats.registry import FORMATS

sys.path.append(str(Path(__file__).parents[1] / "tests" / "fuzz"))
from readers import fingerprint

EXACT_LSB = 0.01  # float32 of a 16-bit sample leaves 0.004
TIMED_FILES, TIMED_READS = 20, 60
PACKAGED = (
    ("pydicom", "data/test_files/waveform_ecg.dcm"),
    ("ecgprocess", "example_data/example_datasets/example-DICOM*.dcm"),
    ("ecgprocess", "example_data/example_datasets/example-XML*.xml"),
)
TABLE = ("format", "files", "read", "not read", "real files", "compared with", "largest difference, LSB", "fuzz cases")


@dataclass
class Found:
    """What the files of one format gave."""

    paths: list[Path] = field(default_factory=list)
    compared: int = 0
    worst: float = 0.0
    refused: Counter[str] = field(default_factory=Counter)


def main() -> int:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    root = Path(__file__).resolve().parents[1]
    ask.add_argument("--shared", type=Path, default=root.parent / "shared")
    ask.add_argument("--out", type=Path, default=root / "docs" / "formats.md")
    ask.add_argument("--fuzz", type=Path, default=root / "docs" / "fuzz.json")
    asked = ask.parse_args()
    rows = {row.name: row for row in ROWS if row.name in FORMATS}
    if lacking := [name for name in FORMATS if name not in rows]:
        print(f"without a row in formats_rows.py: {', '.join(lacking)}", file=sys.stderr)
        return 1
    warnings.simplefilter("ignore")
    found, unread, others = survey(asked.shared, rows)
    wrong = [f"{name}: {one.worst:.3g} LSB" for name, one in found.items() if not one.worst <= EXACT_LSB]
    fuzz = json.loads(asked.fuzz.read_text(encoding="utf-8")) if asked.fuzz.is_file() else {}
    speeds = {name: speed(rows[name], one.paths) for name, one in found.items() if one.paths}
    asked.out.write_text(page(rows, found, fuzz, speeds, unread, others), encoding="utf-8", newline="\n")
    for line in (*wrong, *(f"not read: {path}: {why}" for path, why in unread)):
        print(line, file=sys.stderr)
    print(f"{asked.out}: {sum(len(one.paths) for one in found.values())} ECGs read, {len(unread)} not")
    return 1 if wrong or unread else 0


def survey(
    shared: Path, rows: dict[str, Row]
) -> tuple[dict[str, Found], list[tuple[str, str]], Counter[tuple[str, str]]]:
    """What each format's files gave; ECGs that were not read, with the reason; what else is there, counted."""
    found = {name: Found() for name in rows}
    unread, others = [], Counter[tuple[str, str]]()
    places = [shared / "fixtures", shared / "data"]
    seen: set[Path] = set()
    for path in (*find(places), *in_packages()):
        if path.suffix == ".hea":
            seen |= {path.with_name(line.split()[0]) for line in lines_of(path)}
        seen.add(path)
        if path.is_relative_to(shared) and (pattern := no_ecg(path.relative_to(shared))):
            others[pattern, NO_ECG[pattern]] += 1
        elif reason := take(path, rows, found):
            unread.append((told_where(path, shared), reason))
    for path in sorted(path for place in places for path in place.rglob("*") if path.is_file() and path not in seen):
        where = path.relative_to(shared)
        if pattern := no_ecg(where):
            others[pattern, NO_ECG[pattern]] += 1
        elif reason := take(path, rows, found):
            unread.append((where.as_posix(), reason))
    return found, unread, others


def no_ecg(where: Path) -> str | None:
    """The pattern of `NO_ECG` that a path below the folder of real ECGs fits."""
    return next((one for one in NO_ECG if matches(where, one)), None)


def matches(where: Path, pattern: str) -> bool:
    start, deep, _ = pattern.partition("**")
    if deep and pattern.endswith("**"):
        return where.as_posix().startswith(start)
    return where.match(pattern.replace("**/", "*/"))


def lines_of(header: Path) -> Iterator[str]:
    """The lines of a WFDB header that name signal files."""
    lines = header.read_text(encoding="utf-8", errors="replace").splitlines()
    plain = [line for line in lines if line.strip() and not line.startswith("#")]
    yield from plain[1:]


def in_packages() -> Iterator[Path]:
    """The real ECGs that installed packages carry."""
    for package, pattern in PACKAGED:
        spec = importlib.util.find_spec(package)
        if spec and spec.origin:
            yield from sorted(Path(spec.origin).parent.glob(pattern))


def told_where(path: Path, shared: Path) -> str:
    return path.relative_to(shared).as_posix() if path.is_relative_to(shared) else f"a package's example: {path.name}"


def take(path: Path, rows: dict[str, Row], found: dict[str, Found]) -> str:
    """Reads and compares a file; the reason, when it is not read."""
    ecg = read_as_told(path, rows)
    if isinstance(ecg, EinthovenError):
        return ecg.message
    one, row = found[ecg.format], rows[ecg.format]
    one.paths.append(path)
    if row.load and row.channels:
        try:
            theirs = row.channels(row.load(path), ecg)
        except Exception as fault:  # noqa: BLE001 - other libraries raise anything
            how = f"compared with {row.second} instead" if row.otherwise else "not compared"
            one.refused[f"{row.library} refuses ({type(fault).__name__}), {how}"] += 1
            if row.otherwise is None:
                return ""
            theirs = row.otherwise(path)
        one.compared += 1
        one.worst = max(one.worst, difference(ecg, theirs))
    return ""


def read_as_told(path: Path, rows: dict[str, Row]) -> ECG | EinthovenError:
    """The ECG; a table that does not say everything is read once more with what its format's row says of it."""
    try:
        return read(path)
    except EinthovenError as fault:
        said = next((row.told for row in rows.values() if row.told and path.suffix in row.files.split(", ")), None)
        if said is None:
            return fault
    try:
        return read(path, **said)
    except EinthovenError as fault:
        return fault


def difference(ecg: ECG, theirs: dict[str, tuple[np.ndarray, float]]) -> float:
    """The largest difference in LSB over all stored leads; infinite when leads, lengths or gaps differ."""
    stored = set(ecg.leads) - set(ecg.derived) - set(ecg.missing)
    if not stored or not stored <= set(theirs):
        return np.inf
    worst = 0.0
    for lead in stored:
        row, lsb = theirs[lead]
        ours = ecg.lead(lead)
        if row.shape != ours.shape or (np.isnan(row) != np.isnan(ours)).any():
            return np.inf
        worst = max(worst, float(np.nanmax(np.abs(row - ours), initial=0.0)) / lsb)
    return worst


def speed(row: Row, paths: list[Path]) -> dict[str, float]:
    """Median milliseconds a file, of "ours" and where there are such of "theirs" and the "fastest" bare library."""
    some = [paths[place] for place in np.linspace(0, len(paths) - 1, min(TIMED_FILES, len(paths))).astype(int)]
    times: dict[str, list[float]] = defaultdict(list)

    def ours(path: Path) -> object:
        return read(path, **row.told) if row.told else read(path)

    ways: dict[str, Callable[[Path], object] | None] = {"ours": ours, "theirs": row.load, "fastest": row.fastest}
    sides = {name: way for name, way in ways.items() if way}
    for number in range(-2, max(1, TIMED_READS // len(some))):  # two rounds warm up
        for path in some:
            for name, side in sides.items():
                start = time.process_time()
                try:
                    side(path)
                except Exception:  # noqa: BLE001 - a file that the library does not read is not timed
                    continue
                if number >= 0:
                    times[name].append(1000 * (time.process_time() - start))
    return {name: statistics.median(taken) for name, taken in times.items() if taken}


def grouped(unread: list[tuple[str, str]]) -> list[str]:
    """A line for each folder and reason; reasons differ by the file's name alone."""
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, why in unread:
        folder, _, name = path.rpartition("/")
        groups[folder, why.replace(f"'{name}'", "it")].append(name)
    return [
        f"- `{folder}`, {len(names):,} ({names[0]}{', ...' if len(names) > 1 else ''}): {why}"
        for (folder, why), names in sorted(groups.items())
    ]


def page(
    rows: dict[str, Row],
    found: dict[str, Found],
    fuzz: dict[str, dict[str, Any]],
    speeds: dict[str, dict[str, float]],
    unread: list[tuple[str, str]],
    others: Counter[tuple[str, str]],
) -> str:
    """The page in Markdown."""
    head = (*TABLE, "ms a file", "bare library, ms", "ratio")
    lines = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    notes, quick, now = [], [], fingerprint()
    for name, row in rows.items():
        one = found[name]
        library, worst = row.library or "nothing independent exists", "-"
        if one.compared:
            worst = f"{one.worst:.3f}" if one.compared == len(one.paths) else f"{one.worst:.3f} ({one.compared} files)"
        cases = fuzz.get(name)
        fuzzed = f"{cases['cases']:,}, other ends: {cases['other']}" if cases else "-"
        fuzzed += " (older readers)" if cases and cases.get("readers") != now else ""
        taken = speeds.get(name, {})
        ours, theirs = taken.get("ours"), taken.get("theirs")
        times = [f"{ours:.2f}" if ours else "-", f"{theirs:.2f}" if theirs else "-"]
        times.append(f"{ours / theirs:.2f}" if ours and theirs else "-")
        cells = [name, row.files, row.reads, row.leaves, f"{len(one.paths):,}", library, worst, fuzzed, *times]
        lines.append("| " + " | ".join(cells) + " |")
        if ours and "fastest" in taken:
            quick.append(
                f"- {name}: {row.quick} takes {taken['fastest']:.2f} ms, a ratio of {ours / taken['fastest']:.2f}."
            )
        notes += [f"- {name}: {count} files that {text}." for text, count in sorted(one.refused.items())]
    rest = [f"- `{pattern}`: {count:,}, {what}" for (pattern, what), count in sorted(others.items())]
    return "\n".join(
        [
            "# Formats",
            "",
            "Made by `python benchmarks/formats.py`; do not edit. Each ECG file of a folder of public ECGs was read",
            "and compared, every stored lead and sample, with what another library reads; a difference of 0.01 LSB is",
            "rounding to float32. Where no unit of the converter is known (tables, MATLAB), an LSB is 1 microvolt.",
            "Times are medians of processor time, both sides in turns in one process; the aim: a ratio up to 1.2.",
            "A bare library's time ends with samples in physical units, and the leads' names where the file has them.",
            "A format without real files is tested on made-up ones only.",
            "",
            *lines,
            *(["", "Where another bare library is the quickest:", "", *quick] if quick else []),
            *(["", "Where the other library fails, and Einthoven reads:", "", *notes] if notes else []),
            "",
            "## ECGs that were not read",
            "",
            *(grouped(unread) or ["None."]),
            "",
            "## Files there that are no ECGs",
            "",
            *rest,
            "",
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
