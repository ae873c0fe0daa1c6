"""How well the gate sorts a list of statements that somebody judged: python benchmarks/gate.py LIST.tsv

LIST.tsv has the columns text and kind. Its hash is printed, so that scores on two lists can be told apart.
"""

from __future__ import annotations

import csv
import hashlib
import sys
from pathlib import Path

from einthoven.knowledge.gate import KINDS, sort_statement
from einthoven.metrics.intervals import clopper_pearson


def main(path: Path) -> None:
    """Prints precision and recall a kind and of abstention, then the mistakes."""
    data = path.read_bytes()
    print(f"{path.name}, sha256 {hashlib.sha256(data).hexdigest()}")
    lines = list(csv.DictReader(data.decode("utf-8-sig").splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE))
    unknown = sorted({line["kind"] for line in lines} - set(KINDS))
    if unknown:
        sys.exit(f"Kinds that are none: {', '.join(unknown)}. Use {', '.join(KINDS)}.")
    judged = [(line["kind"], sort_statement(line["text"])) for line in lines]
    print(f"{len(judged)} statements\n\n| | precision [95%] | recall [95%] |\n|---|---|---|")
    for kind in KINDS:
        row(kind, [(true == kind, got.kind == kind) for true, got in judged])
    row("abstained", [(true != "finding", got.abstains) for true, got in judged])
    row("described", [(true == "finding", not got.abstains) for true, got in judged])
    print("\nMistakes: judged, sorted, text, reason")
    for true, got in judged:
        if got.kind != true or got.abstains != (true != "finding"):
            print(f"- {true}, {got.kind}{' (abstains)' if got.abstains else ''}: {got.text} [{got.reason}]")


def row(name: str, pairs: list[tuple[bool, bool]]) -> None:
    """One line: how many of those sorted so are so, and how many of those that are so were sorted so."""
    right = sum(true and got for true, got in pairs)
    print(f"| {name} | {share(right, sum(got for _, got in pairs))} | {share(right, sum(true for true, _ in pairs))} |")


def share(right: int, of: int) -> str:
    """A share with its Clopper-Pearson interval and counts."""
    if not of:
        return "none"
    low, high = clopper_pearson(right, of)
    return f"{right / of:.3f} [{low:.3f}, {high:.3f}] ({right} of {of})"


if __name__ == "__main__":
    main(Path(sys.argv[1]))
