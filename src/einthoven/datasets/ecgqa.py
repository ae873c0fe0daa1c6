"""ECG-QA 1.0.2 (Oh 2023): questions about ECGs of PTB-XL or MIMIC-IV-ECG with answers from a fixed list.

`ecgqa/{ptbxl,mimic-iv-ecg}/{paraphrased,template}/{train,valid,test}/*.json`, the ECGs of each part in
`{train,valid,test}_ecgs.tsv`, all answers in `answers.csv`, those of each template in `answers_for_each_template.csv`.
Of PTB-XL's test ECGs 72% are in its folds 1-8: an index for these questions is made of the `train` ECGs alone.
"""

from __future__ import annotations

import ast
import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from einthoven.datasets.csvfile import lines
from einthoven.ecg import DataError, UsageError

Of = Literal["ptb-xl", "mimic-iv-ecg"]
Wording = Literal["paraphrased", "template"]
Part = Literal["train", "valid", "test"]
FOLDERS: Mapping[str, str] = {"ptb-xl": "ptbxl", "mimic-iv-ecg": "mimic-iv-ecg"}
MOST_BYTES = 256 * 2**20


@dataclass(frozen=True)
class QuestionAnswer:
    """One question about one ECG, or two; `records` as collections name them, `answers` may be several or none."""

    sample: int
    template: int
    question_id: int
    kind: str
    attribute_kind: str
    question: str
    answers: tuple[str, ...]
    records: tuple[str, ...]
    attributes: tuple[str, ...]


class ECGQA:
    """A folder with `ecgqa/`, or that folder itself.

    Args:
        of: whose ECGs are asked about.
        wording: "template", as they were made, or "paraphrased", as a language model put them.

    Raises:
        UsageError: no such ECGs or wording.
        DataError: that part of ECG-QA is not there.
    """

    def __init__(self, folder: Path, of: Of = "ptb-xl", wording: Wording = "paraphrased") -> None:
        for said, known in ((of, get_args(Of)), (wording, get_args(Wording))):
            if said not in known:
                raise UsageError(f"ECG-QA has no questions '{said}'.", f"Choose {' or '.join(known)}.")
        inner = folder / "ecgqa" if (folder / "ecgqa").is_dir() else folder
        self.of, self.wording = of, wording
        self.folder = inner / FOLDERS[of]
        if not self.folder.is_dir():
            raise DataError(f"{folder} holds no {FOLDERS[of]} of ECG-QA.", "Name the folder that holds ecgqa/.")

    def records(self, part: Part) -> tuple[str, ...]:
        """The ECGs of a part, by the order of its list.

        Raises:
            DataError: the list is missing or damaged.
        """
        path = self.folder / f"{_checked(part)}_ecgs.tsv"
        try:
            with path.open(encoding="utf-8", newline="") as file:
                return tuple(self._record(line[-1]) for line in csv.reader(file, delimiter="\t") if line)
        except (OSError, ValueError, csv.Error) as fault:
            raise DataError(f"{path} cannot be read ({type(fault).__name__}).", "Use ECG-QA as published.") from None

    def questions(self, part: Part) -> Iterator[QuestionAnswer]:
        """The questions of a part, file after file; one file is in memory at a time.

        Raises:
            DataError: none is there, or one is damaged or of another shape.
        """
        folder = self.folder / self.wording / _checked(part)
        files = sorted(folder.glob("*.json"), key=lambda path: (len(path.stem), path.stem))
        if not files:
            raise DataError(f"{folder} holds no questions.", "Unpack that part of ECG-QA there.")
        for file in files:
            for entry in _entries(file):
                yield self._question(file, entry)

    @cached_property
    def answers(self) -> tuple[str, ...]:
        """All answers there are, by their index."""
        return tuple(line["class"] for line in lines(self.folder / "answers.csv", ("index", "class")))

    @cached_property
    def options(self) -> Mapping[int, tuple[str, ...]]:
        """The answers that a template allows, by its number.

        Raises:
            DataError: the table is missing or damaged.
        """
        path = self.folder / "answers_for_each_template.csv"
        try:
            return {
                int(line["template_id"]): tuple(map(str, ast.literal_eval(line["classes"])))
                for line in lines(path, ("template_id", "classes"))
            }
        except (ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
            raise DataError(f"{path.name} is damaged.", "Use ECG-QA as published.") from None

    def _question(self, file: Path, entry: Any) -> QuestionAnswer:
        try:
            return QuestionAnswer(
                int(entry["sample_id"]),
                int(entry["template_id"]),
                int(entry["question_id"]),
                str(entry["question_type"]),
                str(entry["attribute_type"]),
                str(entry["question"]),
                tuple(str(answer) for answer in entry["answer"]),
                tuple(self._record(one) for one in entry["ecg_id"]),
                tuple(str(one) for one in entry.get("attribute") or ()),
            )
        except (KeyError, TypeError, ValueError, AttributeError) as fault:
            raise DataError(
                f"{file.name} holds a question of another shape ({type(fault).__name__}).", "Use ECG-QA as published."
            ) from None

    def _record(self, number: object) -> str:
        ecg = int(str(number))
        return f"{self.of}/{ecg:05d}" if self.of == "ptb-xl" else f"{self.of}/{ecg}"


def _checked(part: str) -> str:
    if part not in get_args(Part):
        raise UsageError(f"ECG-QA has no part '{part}'.", f"Choose one of {', '.join(get_args(Part))}.")
    return part


def _entries(file: Path) -> list[Any]:
    try:
        if file.stat().st_size > MOST_BYTES:
            raise DataError(f"{file.name} is larger than any file of ECG-QA.", "Use ECG-QA as published.")
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as fault:
        raise DataError(f"{file} cannot be read ({type(fault).__name__}).", "Fetch it again.") from None
    if not isinstance(found, list):
        raise DataError(f"{file.name} holds no list of questions.", "Use ECG-QA as published.")
    return found
