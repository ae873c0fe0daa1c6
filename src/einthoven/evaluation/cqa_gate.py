"""How well the gate sorts statements that somebody judged."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from einthoven.ecg import DataError
from einthoven.evaluation.cells import Rows, Share, Value
from einthoven.evaluation.cqa_lists import Judged
from einthoven.knowledge.gate import KINDS, Sorted, sort_statement

ABSTAINED, DESCRIBED = "abstained", "described"
PRECISION, RECALL = "precision", "recall"


@dataclass(frozen=True)
class Sorting:
    """Statements with the kind that they were judged to be, and what the gate makes of them."""

    pairs: Sequence[tuple[str, Sorted]]

    @classmethod
    def of(cls, notes: Judged) -> Sorting:
        """From a list with the columns text and kind.

        Raises:
            DataError: a kind that is none.
        """
        if unknown := sorted({row["kind"] for row in notes.rows} - set(KINDS)):
            raise DataError(f"{unknown[0]!r} is no kind of statement.", f"Use {', '.join(KINDS)}.")
        return cls([(row["kind"], sort_statement(row["text"])) for row in notes.rows])

    def cells(self) -> Rows:
        """Precision and recall of each kind, of abstention and of description, with Clopper-Pearson intervals."""
        rows = {kind: [(true == kind, got.kind == kind) for true, got in self.pairs] for kind in KINDS}
        table: dict[str, dict[str, Value]] = {name: _row(pairs) for name, pairs in rows.items()}
        table[ABSTAINED] = _row([(true != "finding", got.abstains) for true, got in self.pairs])
        table[DESCRIBED] = _row([(true == "finding", not got.abstains) for true, got in self.pairs])
        return table

    def mistakes(self) -> Iterator[tuple[str, Sorted]]:
        """Those that were sorted to another kind, or abstain or not against their kind."""
        for true, got in self.pairs:
            if got.kind != true or got.abstains != (true != "finding"):
                yield true, got


def _row(pairs: Sequence[tuple[bool, bool]]) -> dict[str, Value]:
    right = sum(true and got for true, got in pairs)
    of = {PRECISION: sum(got for _, got in pairs), RECALL: sum(true for true, _ in pairs)}
    return {name: Share.of_count(right, count) if count else "none" for name, count in of.items()}
