"""Datasheets of data sets by the questions of Gebru et al. (2021), with counts of what a collection holds.

Answers are in `tables/datasheets.csv`, a line an answer; `{records}` and the like in them are filled in from the
collection. What the publishers do not state is said to be not stated.
"""

from __future__ import annotations

import csv
import pkgutil
from dataclasses import asdict, fields
from functools import cache

from einthoven.datasets.overlaps import overlaps_of
from einthoven.datasets.published import Published, known, published
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
NOT_ANSWERED = "Not answered here: see the publication."
NOT_COUNTED = "not counted"
"""Stands where a count would, if no collection was counted."""


@cache
def _answers() -> dict[tuple[str, str], str]:
    data = pkgutil.get_data("einthoven.datasets", "tables/datasheets.csv")
    if data is None:
        raise FileNotFoundError("einthoven/datasets/tables/datasheets.csv")
    return {(line["name"], line["question"]): line["answer"] for line in csv.DictReader(data.decode().splitlines())}


def names() -> tuple[str, ...]:
    """The data sets that have a datasheet: all that are known."""
    return tuple(published())


def datasheet(name: str, counted: Summary | None = None) -> str:
    """The page of one data set in Markdown.

    Args:
        counted: what the collection holds of it; without it the page says what is published, and counts nothing.

    Raises:
        UsageError: a data set without a datasheet.
    """
    if name not in names():
        raise UsageError(f"There is no datasheet of '{name}'.", f"There are those of {', '.join(names())}.")
    one = known(name)
    facts: dict[str, object] = {each.name: NOT_COUNTED for each in fields(Summary)}
    if counted is not None:
        facts = {key: f"{value:,}" if isinstance(value, int) else value for key, value in asdict(counted).items()}
    lines = [f"# {one.title} {one.version}", "", f"{one.reference}. {_copy(counted, one)}", ""]
    lines.append(f"What is published was compared so far as this: {one.confirmed}.")
    for section, questions in QUESTIONS.items():
        lines += ["", f"## {section}"]
        for key, question in questions.items():
            lines += ["", f"**{question}** {_answer(name, key, facts)}"]
    return "\n".join(lines) + "\n"


def _copy(counted: Summary | None, one: Published) -> str:
    """How much of the data set the counts are of."""
    if counted is None:
        return "Nothing was counted for this page: it says what is published."
    of = f" of the {one.records:,} published" if one.records else ""
    return f"Counts on this page are of a collection with {counted.records:,}{of} records, and were made by a program."


def _answer(name: str, key: str, facts: dict[str, object]) -> str:
    one, own = known(name), _answers().get((name, key), "")
    if key == "count" and facts["records"] == NOT_COUNTED:
        return f"{_published_count(one)} At hand: {NOT_COUNTED}."
    if key == "count":
        people = "{patients} patients" if facts["patients"] != "0" else "patients who are not told apart"
        text = "{records} ECGs of " + people + "; {training} are for training (folds 1-8, or all without folds)."
        return text.format(**facts) + _by_fold(facts["folds"])
    if key == "missing" and facts["records"] == NOT_COUNTED:
        return f"Age, sex, reports and statements: {NOT_COUNTED}. {own}".rstrip()
    if key == "missing":
        text = "Age is known of {with_age} ECGs, sex of {with_sex}; {with_text} have a report, {with_statements} "
        return f"{(text + 'statements.').format(**facts)} {own}".rstrip()
    if key == "licence":
        return f"{one.licence}; {one.address} ({one.access} access)."
    if key == "relations":
        shared = [f"it shares {each.what} with {each.other_than(name)} ({each.why})" for each in overlaps_of(name)]
        return "; ".join([own or "By patient, where the patient is told", *shared]) + "."
    if key == "data" and not own:
        return f"{one.information}."
    if key == "creators" and not own:
        return f"The authors of {one.reference}."
    return own.format(**facts) or (NOT_STATED if (name, "purpose") in _answers() else NOT_ANSWERED)


def _published_count(one: Published) -> str:
    said = [f"{count:,} {what}" for count, what in ((one.records, "records"), (one.patients, "patients")) if count]
    return f"Published: {' of '.join(said)}." if said else "How many is not published as one number."


def _by_fold(folds: object) -> str:
    if not isinstance(folds, dict) or not folds:
        return ""
    return f" By fold: {', '.join(f'{fold}: {count:,}' for fold, count in folds.items())}."
