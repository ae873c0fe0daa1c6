"""Whether the files of ECG-QA that lie in a folder are whole: their shape, what they refer to, how many there are.

Checksums are published nowhere; what stands in for them are counts: questions of PTB-XL's three parts (414,348 in all,
in files of 10,000 that are named by their first question), and the ECGs that the parts' lists name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import get_args

from einthoven.datasets.ecgqa import ECGQA, FOLDERS, Of, Part, Wording
from einthoven.ecg import DataError, EinthovenError

QUESTIONS = {"train": 267_539, "valid": 64_663, "test": 82_146}
"""Of ECG-QA 1.0.2 about PTB-XL, in either wording."""
ECGS = {"train": 11_566, "valid": 1_274, "test": 3_214}
"""Of PTB-XL, by the lists of 1.0.2."""
FILE = 10_000
"""Questions in a file; the last one of a part has fewer."""

Progress = Callable[[str], None]


@dataclass
class Checked:
    """What was found.

    Args:
        questions: by part, as "ptb-xl paraphrased train". published: how many there should be, where that is known.
        files: JSON files that were read. faults: what is wrong, a sentence each; missing: what is not there.
    """

    questions: dict[str, int] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)
    files: int = 0
    faults: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)


def check_ecgqa(folder: Path, progress: Progress = lambda line: None) -> Checked:
    """Reads every file that is there and compares it with the lists, the answer tables and the published counts.

    A part that is not there is missing, not wrong; so are single files of one that is.

    Raises:
        DataError: the folder holds nothing of ECG-QA.
    """
    found = Checked()
    there = [of for of in get_args(Of) if _opens(folder, of)]
    if not there:
        raise DataError(f"{folder} holds nothing of ECG-QA.", "Name the folder that holds ecgqa/.")
    for of in there:
        source = ECGQA(folder, of)
        tables = _tables(source, found)
        for wording in get_args(Wording):
            for part in get_args(Part):
                progress(f"{of} {wording} {part}")
                _part(ECGQA(folder, of, wording), part, tables, found)
    found.missing += [f"{FOLDERS[of]}/" for of in get_args(Of) if of not in there]
    return found


@dataclass(frozen=True)
class _Tables:
    answers: frozenset[str]
    options: dict[int, frozenset[str]]
    records: dict[str, frozenset[str]]


def _opens(folder: Path, of: Of) -> bool:
    try:
        ECGQA(folder, of)
    except DataError:
        return False
    return True


def _tables(source: ECGQA, found: Checked) -> _Tables:
    """The lists and tables beside the questions; a damaged one is a fault, and nothing is compared with it."""
    of = FOLDERS[source.of]
    answers, options = frozenset[str](), dict[int, frozenset[str]]()
    for name in ("answers.csv", "answers_for_each_template.csv"):
        try:
            if name == "answers.csv":
                answers = frozenset(source.answers)
            else:
                options = {number: frozenset(each) for number, each in source.options.items()}
        except EinthovenError as fault:
            _note(found, source.folder / name, f"{of}/{name}", fault)
    if answers and (strange := {one for each in options.values() for one in each} - answers):
        found.faults.append(f"{of}/answers_for_each_template.csv allows '{min(strange)}', which answers.csv lacks.")
    records: dict[str, frozenset[str]] = {}
    for part in get_args(Part):
        name = f"{part}_ecgs.tsv"
        try:
            listed = source.records(part)
        except EinthovenError as fault:
            _note(found, source.folder / name, f"{of}/{name}", fault)
            continue
        records[part] = frozenset(listed)
        if source.of == "ptb-xl" and len(listed) != ECGS[part]:
            found.faults.append(f"{of}/{name} lists {len(listed):,} ECGs; published are {ECGS[part]:,}.")
        for other in records:
            if other != part and (both := records[other] & records[part]):
                found.faults.append(f"{min(both)} is in {of}/{other}_ecgs.tsv and in {of}/{name}.")
    return _Tables(answers, options, records)


def _part(source: ECGQA, part: Part, tables: _Tables, found: Checked) -> None:
    of, folder = FOLDERS[source.of], source.folder / source.wording / part
    name = f"{of}/{source.wording}/{part}"
    files = sorted(folder.glob("*.json"), key=lambda path: (len(path.stem), path.stem))
    if not files:
        found.missing.append(f"{name}/")
        return
    title = f"{source.of} {source.wording} {part}"
    found.files += len(files)
    samples: set[int] = set()
    count = 0
    try:
        for one in source.questions(part):
            count += 1
            samples.add(one.sample)
            if strange := set(one.records) - tables.records.get(part, frozenset(one.records)):
                found.faults.append(
                    f"{name}: question {one.sample} is about {min(strange)}, which {part} does not list."
                )
            allowed = tables.options.get(one.template) if tables.options else frozenset(one.answers)
            if allowed is None:
                found.faults.append(f"{name}: question {one.sample} is of template {one.template}, which is not known.")
            elif strange := set(one.answers) - allowed - {"none"}:
                found.faults.append(
                    f"{name}: question {one.sample} has the answer '{min(strange)}', not allowed to it."
                )
    except EinthovenError as fault:
        found.faults.append(f"{name}: {fault.message}")
    found.questions[title] = count
    if len(samples) < count:
        found.faults.append(f"{name}: {count - len(samples)} questions have a number that another has.")
    if source.of == "ptb-xl":
        found.published[title] = QUESTIONS[part]
        found.missing += [f"{name}/{stem}.json" for stem in _stems(QUESTIONS[part]) if int(stem) not in _starts(files)]
        if count > QUESTIONS[part]:
            found.faults.append(f"{name} holds {count:,} questions; published are {QUESTIONS[part]:,}.")
        for file in files:
            at = int(file.stem) if file.stem.isdigit() else -1
            due = min(FILE, QUESTIONS[part] - at)
            held = sum(at <= sample < at + FILE for sample in samples)
            if at >= 0 and due > 0 and held != due:
                found.faults.append(f"{name}/{file.name} holds {held:,} of its {due:,} questions.")


def _stems(count: int) -> Iterator[str]:
    return (f"{start:05d}" for start in range(0, count, FILE))


def _starts(files: list[Path]) -> set[int]:
    return {int(file.stem) for file in files if file.stem.isdigit()}


def _note(found: Checked, path: Path, name: str, fault: EinthovenError) -> None:
    if path.is_file():
        found.faults.append(f"{name}: {fault.message}")
    else:
        found.missing.append(name)
