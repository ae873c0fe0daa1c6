"""Whether the right section is found: by questions, and for findings that are to be described."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from einthoven.evaluation.cells import Rows, Share
from einthoven.evaluation.cqa_lists import Judged
from einthoven.knowledge.describe import Assistant
from einthoven.knowledge.description import Described
from einthoven.knowledge.search import Found

DEPTHS = (1, 2, 3, 5)
ALL = "all questions"
LANGUAGES = {"en": "English", "de": "German"}


class Searched(Protocol):
    """Anything that answers a question with passages, best first."""

    def search(self, text: str, k: int = 5) -> list[Found]:
        """At most k passages."""


def ranks(questions: Judged, index: Searched) -> list[int | None]:
    """Of each question, the place from 1 of the first passage whose section is about its code; None beyond the last."""
    found = []
    for row in questions.rows:
        passages = [one.passage for one in index.search(row["question"], max(DEPTHS))]
        found.append(next((at for at, one in enumerate(passages, 1) if row["code"] in one.codes), None))
    return found


def recall_cells(questions: Judged, index: Searched) -> Rows:
    """Share of questions whose section is among the first k passages, by language."""
    places = ranks(questions, index)
    groups: Mapping[str, Sequence[int]] = {
        ALL: range(len(places)),
        **{
            name: [n for n, row in enumerate(questions.rows) if row.get("language") == language]
            for language, name in LANGUAGES.items()
        },
    }
    return {
        name: {
            f"recall@{depth}": Share.of_count(sum((places[n] or depth + 1) <= depth for n in group), len(group))
            for depth in DEPTHS
        }
        for name, group in groups.items()
        if group
    }


def described(findings: Judged, assistant: Assistant) -> list[tuple[dict[str, str], Described]]:
    """Each finding with its description."""
    return [(row, assistant.describe(row["text"])) for row in findings.rows]


def right_cells(pairs: Sequence[tuple[dict[str, str], Described]]) -> Rows:
    """How many findings are described at all, and by the section of the code that a reader expected."""
    there = [(row, one) for row, one in pairs if not one.abstained]
    right = sum(is_right(row["code"], one) for row, one in there)
    first = sum(row["code"] in one.quotes[0].passage.codes for row, one in there if one.quotes)
    cells = {
        "described": Share.of_count(len(there), len(pairs)),
        "described, a passage of the right section": Share.of_count(right, len(pairs)),
    }
    if there:
        cells["of the described, right"] = Share.of_count(right, len(there))
        cells["of the described, the first passage right"] = Share.of_count(first, len(there))
    return {name: {"findings": cell} for name, cell in cells.items()}


def is_right(code: str, one: Described) -> bool:
    """Whether a passage that is quoted is of a section about the code."""
    return any(code in quote.passage.codes for quote in one.quotes)
