"""Datasheets of data sets by the questions of Gebru et al. (2021), with counts of what a collection holds.

Answers are in `tables/datasheets.csv`, a line an answer; `{records}` and the like in them are filled in from the
collection. What the publishers do not state is said to be not stated.
"""

from __future__ import annotations

import csv
import pkgutil
from dataclasses import asdict
from functools import cache

from einthoven.datasets.overlaps import overlaps_of
from einthoven.datasets.published import known
from einthoven.datasets.table1 import Summary
from einthoven.ecg import UsageError

QUESTIONS = {
    "Motivation": {
        "purpose": "For what purpose was the data set created?",
        "creators": "Who created it, and on behalf of whom?",
        "funding": "Who funded its creation?",
    },
    "Composition": {
        "instances": "What do the instances represent?",
        "count": "How many instances are there?",
        "sample": "Does it contain all possible instances, or is it a sample?",
        "data": "What data does each instance consist of?",
        "labels": "Is there a label or target for each instance?",
        "missing": "Is any information missing from individual instances?",
        "relations": "Are relations between instances explicit?",
        "splits": "Are there recommended splits?",
        "errors": "Are there errors, sources of noise, or redundancies?",
        "confidential": "Does it contain data that might be considered confidential?",
        "subgroups": "Does it identify subpopulations?",
    },
    "Collection process": {
        "acquired": "How was the data acquired?",
        "when": "Over what time was it collected?",
        "ethics": "Were ethical reviews conducted, and did people consent?",
    },
    "Preprocessing, cleaning, labelling": {
        "processing": "Was any preprocessing, cleaning or labelling done?",
        "here": "What does Einthoven do to it?",
    },
    "Uses": {
        "used": "What has it been used for?",
        "avoid": "Are there tasks for which it should not be used?",
    },
    "Distribution": {
        "licence": "Under what licence is it distributed, and where?",
    },
    "Maintenance": {
        "maintained": "Who maintains it, and will it be updated?",
    },
}
NOT_STATED = "Not stated by its publishers."


@cache
def _answers() -> dict[tuple[str, str], str]:
    data = pkgutil.get_data("einthoven.datasets", "tables/datasheets.csv")
    if data is None:
        raise FileNotFoundError("einthoven/datasets/tables/datasheets.csv")
    return {(line["name"], line["question"]): line["answer"] for line in csv.DictReader(data.decode().splitlines())}


def names() -> tuple[str, ...]:
    """The data sets that have a datasheet."""
    return tuple(dict.fromkeys(name for name, _ in _answers()))


def datasheet(name: str, counted: Summary) -> str:
    """The page of one data set in Markdown.

    Args:
        counted: what the collection holds of it.

    Raises:
        UsageError: a data set without a datasheet.
    """
    if name not in names():
        raise UsageError(f"There is no datasheet of '{name}'.", f"There are those of {', '.join(names())}.")
    one = known(name)
    facts = {key: f"{value:,}" if isinstance(value, int) else value for key, value in asdict(counted).items()}
    lines = [f"# {one.title} {one.version}", "", f"{one.reference}. {_copy(counted, one.records)}"]
    for section, questions in QUESTIONS.items():
        lines += ["", f"## {section}"]
        for key, question in questions.items():
            lines += ["", f"**{question}** {_answer(name, key, facts)}"]
    return "\n".join(lines) + "\n"


def _copy(counted: Summary, published: int | None) -> str:
    """How much of the data set the counts are of."""
    of = f" of the {published:,} published" if published else ""
    return f"Counts on this page are of a collection with {counted.records:,}{of} records, and were made by a program."


def _answer(name: str, key: str, facts: dict[str, object]) -> str:
    one, own = known(name), _answers().get((name, key), "")
    if key == "count":
        people = "{patients} patients" if facts["patients"] != "0" else "patients who are not told apart"
        text = "{records} ECGs of " + people + "; {training} are for training (folds 1-8, or all without folds)."
        return text.format(**facts) + _by_fold(facts["folds"])
    if key == "missing":
        text = "Age is known of {with_age} ECGs, sex of {with_sex}; {with_text} have a report, {with_statements} "
        return f"{(text + 'statements.').format(**facts)} {own}".rstrip()
    if key == "licence":
        return f"{one.licence}; {one.address} ({one.access} access)."
    if key == "relations":
        shared = [f"it shares {each.what} with {each.other_than(name)} ({each.why})" for each in overlaps_of(name)]
        return "; ".join([own or "By patient, where the patient is told", *shared]) + "."
    return own.format(**facts) or NOT_STATED


def _by_fold(folds: object) -> str:
    if not isinstance(folds, dict) or not folds:
        return ""
    return f" By fold: {', '.join(f'{fold}: {count:,}' for fold, count in folds.items())}."
