"""What `einthoven data check` says of ECG-QA, which holds no recordings; and how long lists are shown."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from einthoven.cli.terminal import print_json, progress_line, say
from einthoven.ecg import DataError

SHOWN = 10


def check_questions(folder: Path, as_json: bool) -> None:
    """Prints what of ECG-QA is there and what is wrong.

    Raises:
        DataError: something is wrong, or nothing of it is there.
    """
    from einthoven.datasets.ecgqa_check import check_ecgqa

    with progress_line() as progress:
        found = check_ecgqa(folder, progress)
    if as_json:
        print_json({"dataset": "ecg-qa", "checksums": 0, **found.__dict__})
    else:
        say("checksums    none are published: files are compared with the lists, the tables of answers and the counts")
        for part, count in found.questions.items():
            say(
                f"questions    {part}: {count:,}"
                + (f" of {found.published[part]:,}" if part in found.published else "")
            )
        say(f"read         {found.files} files of questions, {len(found.missing)} files or folders are not there")
        some(f"missing: {what}" for what in found.missing)
        say(f"wrong        {len(found.faults)}")
        some(found.faults)
    if found.faults:
        raise DataError(f"{len(found.faults)} things are not as published.", "Fetch ECG-QA again, at its tag 1.0.2.")


def some(lines: Iterable[str]) -> None:
    """The first ten lines, and how many more there are."""
    every = list(lines)
    for line in every[:SHOWN]:
        say(f"  {line}")
    if len(every) > SHOWN:
        say(f"  and {len(every) - SHOWN} more; --json lists them all")
