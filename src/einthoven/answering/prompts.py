"""Prompts of ECG-ReGen's protocol (section II; the box that the paper prints), in words of our own or of a file."""

from __future__ import annotations

import json
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from typing import Any, Literal, get_args

from einthoven.ecg import DataError
from einthoven.formats.text import clean
from einthoven.llm import Message

Layout = Literal["listed", "interleaved"]
Kind = Literal["verify", "choose", "query"]
NEEDED: Mapping[Layout, frozenset[str]] = {
    "listed": frozenset(("kind", "reports", "diagnoses", "question", "options")),
    "interleaved": frozenset(("kind", "pairs", "question", "options")),
}
MOST_BYTES = 2**20
LONGEST_REPORT, LONGEST_QUESTION = 1500, 800


@dataclass(frozen=True)
class Context:
    """What a language model is told of one neighbour. Its text is quoted, and cleaned."""

    record: str
    report: str
    diagnoses: tuple[str, ...]


@dataclass(frozen=True)
class Prompts:
    """A system's message, a sentence by kind of question, and the user's message in two layouts, with `${blanks}`.

    "listed" has all reports, then all diagnoses, as the paper's box; "interleaved" each report with its diagnoses, as
    its formula.
    """

    system: str
    kinds: Mapping[str, str]
    listed: str
    interleaved: str

    def messages(
        self, kind: Kind, question: str, options: Sequence[str], context: Sequence[Context], layout: Layout = "listed"
    ) -> tuple[Message, Message]:
        """The conversation for one question."""
        reports = [clean(one.report, LONGEST_REPORT) for one in context]
        diagnoses = ["; ".join(one.diagnoses) for one in context]
        pairs = zip(reports, diagnoses, strict=True)
        blanks = {
            "kind": self.kinds[kind],
            "reports": _numbered(reports),
            "diagnoses": _numbered(diagnoses),
            "pairs": "\n\n".join(
                f"ECG {place}. Report: {report}\nDiagnoses: {said}" for place, (report, said) in enumerate(pairs, 1)
            ),
            "question": clean(question, LONGEST_QUESTION),
            "options": ", ".join(options),
        }
        text = Template(self.listed if layout == "listed" else self.interleaved).substitute(blanks)
        return Message("system", self.system), Message("user", text)


def read_prompts(path: Path | None = None) -> Prompts:
    """The prompts of a JSON file, or those that come with Einthoven.

    Raises:
        DataError: no such file, or one of another form; the message says what lacks.
    """
    mend = "Compare it with src/einthoven/answering/prompts.json."
    try:
        if path is not None and path.stat().st_size > MOST_BYTES:
            raise DataError(f"{path.name} is larger than any prompt.", mend)
        raw = path.read_bytes() if path is not None else pkgutil.get_data("einthoven.answering", "prompts.json")
        values = json.loads(raw or b"")
    except (OSError, ValueError, RecursionError) as fault:
        raise DataError(f"{path} cannot be read ({type(fault).__name__}).", mend) from None
    return _checked(values, mend)


def _checked(values: Any, mend: str) -> Prompts:
    if not isinstance(values, dict) or set(values) != {"system", "kinds", *NEEDED}:
        raise DataError("The prompts do not have exactly system, kinds, listed and interleaved.", mend)
    kinds = values["kinds"]
    texts = [values["system"], values["listed"], values["interleaved"]]
    if not isinstance(kinds, dict) or set(kinds) != set(get_args(Kind)):
        raise DataError("The prompts' kinds are not exactly verify, choose and query.", mend)
    if not all(isinstance(one, str) for one in (*texts, *kinds.values())):
        raise DataError("A prompt is no text.", mend)
    for layout, needed in NEEDED.items():
        template = Template(values[layout])
        if not template.is_valid() or set(template.get_identifiers()) != needed:
            raise DataError(
                f"The prompt '{layout}' does not hold exactly {', '.join(sorted(needed))} as ${{...}}.", mend
            )
    return Prompts(values["system"], kinds, values["listed"], values["interleaved"])


def _numbered(each: Sequence[str]) -> str:
    return "\n".join(f"{place}. {one}" for place, one in enumerate(each, 1))
