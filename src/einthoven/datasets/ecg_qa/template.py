"""The 70 templates of ECG-QA, by its numbers: what each asks, and how we put it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, cast

from einthoven.datasets.ecg_qa.tables import rows

Verb = Literal["verify", "any", "choose", "query"]
Change = Literal["", "gone", "new", "kept", "lacking"]
Pair = Literal["", "consecutive", "irrelevant"]

KINDS = (
    "single-verify",
    "single-choose",
    "single-query",
    "comparison_consecutive-verify",
    "comparison_consecutive-query",
    "comparison_irrelevant-verify",
    "comparison_irrelevant-query",
)


@dataclass(frozen=True)
class Template:
    """One way to ask.

    Args:
        number: ECG-QA's `template_id`.
        verb: verify one name, ask for any, choose of two, or query for all.
        over: ECG-QA's `attribute_type`.
        about: the subject, a key of `seen.SUBJECTS`.
        change: what is asked of two ECGs: gone, new, kept (in both) or lacking (in both).
        pair: two ECGs of one patient in their order, or of two patients.
        text: the question, with {name}, {a}, {b}, {lead}, {feature} or {level} to fill in.
    """

    number: int
    verb: Verb
    over: str
    about: str
    change: Change
    pair: Pair
    text: str

    @property
    def kind(self) -> str:
        """ECG-QA's `question_type`."""
        verb = "verify" if self.verb == "any" else self.verb
        return f"comparison_{self.pair}-{verb}" if self.pair else f"single-{verb}"


@cache
def templates() -> Mapping[int, Template]:
    """All, by number.

    >>> len(templates()), templates()[26].kind, templates()[69].change
    (70, 'single-verify', 'new')
    """
    return MappingProxyType(
        {
            int(row["template"]): Template(
                int(row["template"]),
                cast(Verb, row["verb"]),
                row["over"],
                row["about"],
                cast(Change, row["change"]),
                cast(Pair, row["pair"]),
                row["text"],
            )
            for row in rows("templates")
        }
    )
