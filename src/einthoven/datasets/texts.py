"""What an ECG is trained beside: ESI's text in the form of its Figure 2, and ECG-ReGen's report with its diagnoses.

ESI (Yu 2024): who was recorded, the findings, and what waveforms these findings bring (made elsewhere, and given
here). A text is at most as long as the tokenizer takes: descriptions are shortened first, the longest at a time and
from its end, then left out from the last; findings are cut only where they alone are too long. Each cut is counted.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, get_args

from einthoven.collection import Row
from einthoven.ecg import Statement, UsageError
from einthoven.statements import VOCABULARY
from einthoven.statements.elsewhere import meaning
from einthoven.statements.table import rows

Kind = Literal["findings", "descriptions", "regen"]
LIMIT = 512
SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_SEX = {"male": "Male", "female": "Female"}

Tokens = Callable[[str], int]
"""How many tokens a text is, its special ones included."""


@dataclass
class Cuts:
    """What was left out of texts, counted over all of them."""

    texts: int = 0
    without_demographics: int = 0
    without_findings: int = 0
    findings_without_words: int = 0
    without_description: int = 0
    texts_cut: int = 0
    sentences_cut: int = 0
    findings_cut: int = 0


@dataclass
class Writer:
    """Writes the text of each ECG of a training set.

    Args:
        kind: "findings", ESI's text without descriptions; "descriptions", with them; "regen", report and diagnoses.
        tokens: of the text tower's tokenizer.
        descriptions: waveforms by finding, compared without case.
        limit: tokens a text may have.

    Raises:
        UsageError: no such kind.
    """

    kind: Kind
    tokens: Tokens
    descriptions: Mapping[str, str] = field(default_factory=dict)
    limit: int = LIMIT
    cuts: Cuts = field(default_factory=Cuts)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise UsageError(f"There is no text '{self.kind}'.", f"Choose one of {', '.join(get_args(Kind))}.")
        self._by_finding = {finding.strip().lower(): text.strip() for finding, text in self.descriptions.items()}

    def of(self, row: Row) -> str:
        """The text of one ECG; empty where nothing is known of it."""
        found = findings(row)
        self.cuts.texts += 1
        self.cuts.without_findings += not found
        self.cuts.findings_without_words += len(row.statements) - len(found)
        if self.kind == "regen":
            return self._shortened([regen_text(row.text or "", found)], [], [])
        who = demographics(row.age, row.sex)
        self.cuts.without_demographics += not who
        described = []
        if self.kind == "descriptions":
            described = [self._by_finding[one.lower()] for one in found if one.lower() in self._by_finding]
            self.cuts.without_description += len(found) - len(described)
        return self._shortened([who] if who else [], list(found), [SENTENCE.split(text) for text in described])

    def _shortened(self, head: list[str], found: list[str], described: list[list[str]]) -> str:
        text = esi_text(head, found, [" ".join(one) for one in described])
        if self.tokens(text) <= self.limit:
            return text
        self.cuts.texts_cut += 1
        sizes = [[self.tokens(sentence) for sentence in one] for one in described]
        while (excess := self.tokens(text) - self.limit) > 0:
            if described:
                self._shorten(described, sizes, excess)
            elif len(found) > 1:
                found.pop()
                self.cuts.findings_cut += 1
            else:
                return self._cut(text)
            text = esi_text(head, found, [" ".join(one) for one in described])
        return text

    def _shorten(self, described: list[list[str]], sizes: list[list[int]], excess: int) -> None:
        """Takes at least so many tokens off, as far as there are any: sentences of the longest, then whole ones."""
        while excess > 0 and described:
            longest = max(range(len(described)), key=lambda place: sum(sizes[place]))
            place = longest if len(described[longest]) > 1 else len(described) - 1
            described[place].pop()
            excess -= sizes[place].pop()
            self.cuts.sentences_cut += 1
            if not described[place]:
                del described[place], sizes[place]

    def _cut(self, text: str) -> str:
        """A single finding or report that is too long, cut between words."""
        words = text.split(" ")
        low, high = 0, len(words)
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (middle, high) if self.tokens(" ".join(words[:middle])) <= self.limit else (low, middle - 1)
        self.cuts.findings_cut += 1
        return " ".join(words[:low])


def demographics(age: float | None, sex: str | None) -> str:
    """ESI's sentence on who was recorded; empty where age or sex is not known.

    >>> demographics(47.0, "male"), demographics(None, "male")
    ('This patient is a 47-year-old Male.', '')
    """
    if age is None or age != age or sex not in _SEX:
        return ""
    return f"This patient is a {age:.0f}-year-old {_SEX[sex]}."


def esi_text(head: Sequence[str], found: Sequence[str], described: Sequence[str]) -> str:
    """Its three parts as Figure 2 has them; a part that is empty is left out.

    >>> print(esi_text(["This patient is a 47-year-old Male."], ["Sinus rhythm", "LVH"], ["One P wave each."]))
    This patient is a 47-year-old Male. ECG Findings: Sinus rhythm, LVH.
    Potential ECG waveforms:
    One P wave each.
    """
    said = [*head, *([f"ECG Findings: {', '.join(found)}."] if found else [])]
    return "\n".join([" ".join(said), *(["Potential ECG waveforms:", *described] if described else [])])


def regen_text(report: str, diagnoses: Sequence[str]) -> str:
    """A report and its diagnoses as ECG-ReGen (Tang 2024, section II) joins them.

    >>> regen_text("sinusrhythmus.", ["sinus rhythm"])
    'sinusrhythmus. Diagnoses: sinus rhythm.'
    """
    said = f"Diagnoses: {', '.join(diagnoses)}." if diagnoses else ""
    return " ".join(part for part in (report.strip(), said) if part)


def findings(row: Row) -> tuple[str, ...]:
    """An ECG's statements in words, each once: a data set's own words, or those of the code's meaning in English.

    What has neither is left out.
    """
    return tuple(dict.fromkeys(filter(None, (words(row.source, one) for one in row.statements))))


def words(source: str, statement: Statement) -> str | None:
    """A statement's own words, or those of its code in English; None where it has neither."""
    if statement.text:
        return statement.text.strip().rstrip(".") or None
    if statement.system == "SNOMED" and (name := _snomed().get(statement.code or "")):
        return name
    found = meaning(source, statement)
    return None if found is None else " or ".join(VOCABULARY.term(code).text() for code in found.codes)


@cache
def _snomed() -> Mapping[str, str]:
    return {line["snomed"]: line["name"] for line in rows("snomed")}


def write_all(every: Iterable[Row], writer: Writer) -> Iterable[tuple[str, str]]:
    """(record, text) of each ECG that has any."""
    for row in every:
        if text := writer.of(row):
            yield row.record, text
