"""What statements of other public data sets mean in SCP codes, as far as they mean the same.

One table a data set (`tables/challenge.csv`, `ludb.csv`, `chapman.csv`, `code15.csv`), with the reason for each line.
A statement that is broader than any one code ("myocardial infarction", the wall not stated) has several
codes: one of them is meant. What has no code of the same meaning has none.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property

from einthoven.ecg import Statement
from einthoven.statements.table import rows
from einthoven.statements.vocabulary import VOCABULARY

TABLES = {"ludb": "ludb", "chapman": "chapman", "code-15": "code15"}
"""Data sets with a table of their own; all others are sources of the Challenge 2021."""


@dataclass(frozen=True)
class Meaning:
    """One or more SCP codes, any of which is meant.

    >>> Meaning(("STE_",)).name, Meaning(("AMI",)).name, Meaning(("AFIB", "AFLT")).name
    ('STE_', 'AMI+', 'AFIB or AFLT')
    """

    codes: tuple[str, ...]

    @cached_property
    def covered(self) -> frozenset[str]:
        """The codes, and every other that implies one of them.

        >>> sorted(Meaning(("IMI",)).covered)
        ['ILMI', 'IMI', 'IPLMI', 'IPMI']
        """
        own = set(self.codes)
        return frozenset(code for code in VOCABULARY if code in own or own & VOCABULARY.ancestors(code))

    @property
    def broad(self) -> bool:
        """Whether it leaves open which of several codes is meant."""
        return len(self.codes) > 1

    @property
    def name(self) -> str:
        """The codes; "+" says that codes which imply the one count too."""
        return " or ".join(self.codes) + ("+" if not self.broad and len(self.covered) > 1 else "")

    @property
    def is_rhythm(self) -> bool:
        """Whether it names the rhythm."""
        return all(VOCABULARY[code].group == "rhythm" for code in self.codes)


def meaning(source: str, statement: Statement) -> Meaning | None:
    """What a statement of a data set means in SCP codes; None where no code means the same.

    Args:
        source: "ludb", "chapman", "code-15", or a source of the Challenge 2021 ("georgia", "cpsc2018" ...), because the
            same word or code is not used alike everywhere.
        statement: as the data set's module in `einthoven.datasets` gives it.

    >>> meaning("chapman", Statement(code="AF", system="Chapman")).codes  # flutter, in that data set
    ('AFLT',)
    >>> meaning("georgia", Statement(code="164865005", system="SNOMED")).codes
    ('AMI', 'LMI', 'IMI', 'PMI')
    >>> meaning("ludb", Statement("Electric axis of the heart: normal."))
    """
    said = statement.code or statement.text
    if statement.system == "SCP":
        return Meaning((said,)) if said in VOCABULARY else None
    codes = _by_text(TABLES[source], said) if source in TABLES else _challenge(source, said)
    return Meaning(codes) if codes else None


def _by_text(table: str, said: str) -> tuple[str, ...]:
    """The first line that fits, "*" at its end standing for any rest; case and a full stop do not matter."""
    text = " ".join(said.split()).rstrip(".").lower()
    for term, codes in _lines(table):
        if text == term or (term.endswith("*") and text.startswith(term[:-1])):
            return codes
    return ()


@cache
def _lines(table: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
    return tuple((row["term"].lower(), tuple(row["codes"].split())) for row in rows(table))


@cache
def _challenge_lines() -> dict[tuple[str, str], tuple[str, ...]]:
    return {(row["source"], row["term"].lower()): tuple(row["codes"].split()) for row in rows("challenge")}


def _challenge(source: str, said: str) -> tuple[str, ...]:
    """What is told of the source first, then of all sources, then the map of the Challenge."""
    for key in ((source, said.lower()), ("", said.lower())):
        if key in _challenge_lines():
            return _challenge_lines()[key]
    term = VOCABULARY.from_snomed(said)
    return (term.code,) if term else ()
