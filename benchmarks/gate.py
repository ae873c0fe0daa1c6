"""How well the gate sorts a list of statements that somebody judged: python benchmarks/gate.py LIST.tsv

LIST.tsv has the columns text and kind. Its hash is printed, so that scores on two lists can be told apart. The same
table is part of `einthoven evaluate cqa`; this prints the mistakes, too.
"""

from __future__ import annotations

import sys
from pathlib import Path

from einthoven.ecg import DataError
from einthoven.evaluation.cqa_gate import Sorting
from einthoven.evaluation.cqa_lists import read_list
from einthoven.evaluation.table import grid


def main(path: Path) -> None:
    """Prints precision and recall a kind and of abstention, then the mistakes."""
    try:
        notes = read_list(path, "text", "kind")
        sorting = Sorting.of(notes)
    except DataError as fault:
        sys.exit(str(fault))
    print(f"{path.name}, sha256 {notes.sha256}\n{len(notes.rows)} statements\n\n{grid(sorting.cells())}")
    print("\nMistakes: judged, sorted, text, reason")
    for true, got in sorting.mistakes():
        print(f"- {true}, {got.kind}{' (abstains)' if got.abstains else ''}: {got.text} [{got.reason}]")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
