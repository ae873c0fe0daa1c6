from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from einthoven.statements import table
from einthoven.statements.table import rows


@pytest.mark.parametrize("name", ["scp", "snomed", "wordings", "classes", "exclusions", "challenge", "ludb", "chapman"])
def test_tables_are_rectangular(name: str) -> None:
    for row in rows(name):
        assert None not in row and None not in row.values(), row
        assert all(value == value.strip() for value in row.values())


def test_every_table_says_where_it_is_from() -> None:
    told = {row["table"] for row in rows("sources")}
    assert all(row["what"] and row["source"] for row in rows("sources"))
    folder = Path(table.__file__).parent / "tables"
    assert told == {path.stem for path in folder.glob("*.csv")} - {"sources"}


def test_no_such_table() -> None:
    with pytest.raises(FileNotFoundError):
        rows("nothing")


def test_statements_import_nothing_heavy_of_their_own() -> None:
    """Beyond floor 0 the room needs only the standard library, and not its slow corners."""
    code = (
        "import sys, einthoven.ecg; before = set(sys.modules); import einthoven.statements as s;"
        "s.VOCABULARY['SR']; s.wordings('SR'); s.write_report([s.Finding('SR')]);"
        "print(' '.join(sorted(set(sys.modules) - before)))"
    )
    new = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"difflib", "importlib.resources", "yaml", "scipy", "pandas"} & set(new)
    rooms = {name.split(".")[1] for name in new if name.startswith("einthoven.")}
    assert rooms == {"ecg", "statements"}
