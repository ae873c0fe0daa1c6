"""Human-written descriptions of arrhythmias (torch_ecg, Wen and Kang 2022), read from its file as text.

The file is Python; it is parsed and never run. None of its descriptions is in this project: the user names the file.
"""

from __future__ import annotations

import ast
import csv
import pkgutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from einthoven.ecg import DataError

PACKAGE = "torch-ecg 0.0.33, torch_ecg/utils/ecg_arrhythmia_knowledge.py"
_MEND = f"Name the file of {PACKAGE}."
_MOST_BYTES = 1_000_000
_NO_TEXT = "no description"


@dataclass(frozen=True)
class Condition:
    """One of the file's names.

    Args:
        name: in the file. statement: what is asked about, the file's own full name.
        kept: whether it is one of the 28. why: it is not, in words.
    """

    name: str
    statement: str
    kept: bool
    why: str


@cache
def conditions() -> tuple[Condition, ...]:
    """All names of the file, `tables/cqa_conditions.csv`; see `rule`."""
    data = pkgutil.get_data("einthoven.evaluation", "tables/cqa_conditions.csv")
    if data is None:
        raise FileNotFoundError("einthoven/evaluation/tables/cqa_conditions.csv")
    rows = csv.DictReader(data.decode("utf-8").splitlines())
    return tuple(Condition(row["name"], row["statement"], row["kept"] == "yes", row["why"]) for row in rows)


def rule(described: Mapping[str, tuple[str, tuple[str, ...]]]) -> dict[str, str]:
    """Why each name is left out, "" for those that are kept: a description, and not that of an earlier name.

    The paper does not say which 28 of the file's 34 names it took; this rule leaves 28.
    """
    first: dict[tuple[str, ...], str] = {}
    why = {}
    for name, (_, said) in described.items():
        why[name] = "" if said else _NO_TEXT
        if said and first.setdefault(said, name) != name:
            why[name] = f"the same description as {first[said]}"
    return why


def read_references(path: Path) -> dict[str, str]:
    """The description of each condition that is kept, its statements joined to one text, by statement.

    Raises:
        DataError: not that file: unreadable, not Python, without one of the names, or with other descriptions left out.
    """
    described = read_descriptions(path)
    lacking = [one.name for one in conditions() if one.name not in described]
    if lacking:
        raise DataError(f"{path.name} has no {lacking[0]}.", _MEND)
    why = rule(described)
    other = [one.name for one in conditions() if why[one.name] != one.why or described[one.name][0] != one.statement]
    if other:
        raise DataError(f"{path.name} has another entry {other[0]} than the file that is known.", _MEND)
    return {one.statement: ". ".join(described[one.name][1]) + "." for one in conditions() if one.kept}


def read_descriptions(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Full name and statements of each entry, by its name, in the file's order; blank statements are left out.

    Raises:
        DataError: unreadable, too large, or not Python.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path.name} is larger than any such file.", _MEND)
        tree = ast.parse(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise DataError(f"{path} cannot be read ({fault.strerror}).", _MEND) from None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        raise DataError(f"{path.name} is not Python.", _MEND) from None
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
            name = node.targets[0].id
            if isinstance(node.value, ast.Name) and node.value.id in found:
                found[name] = found[node.value.id]
            elif entry := _entry(node.value):
                said = [" ".join(one.split()) for one in _texts(entry.get("knowledge"), found)]
                full = next(iter(_texts(entry.get("fullname"), found)), "")
                found[name] = full, tuple(one.rstrip(".") for one in said if one)
    return found


def _entry(node: ast.expr) -> dict[str, ast.expr]:
    """The table of `NAME = CFG({...})`; empty for anything else."""
    if not (isinstance(node, ast.Call) and len(node.args) == 1 and isinstance(node.args[0], ast.Dict)):
        return {}
    table = node.args[0]
    keys = [key.value if isinstance(key, ast.Constant) else None for key in table.keys]
    found = {key: value for key, value in zip(keys, table.values, strict=True) if isinstance(key, str)}
    return found if {"fullname", "knowledge"} <= found.keys() else {}


def _texts(node: ast.expr | None, found: Mapping[str, tuple[str, tuple[str, ...]]]) -> Iterator[str]:
    """Texts of a text, a list, a sum of lists, or another entry's `["knowledge"]`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.List):
        for one in node.elts:
            yield from _texts(one, found)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        yield from _texts(node.left, found)
        yield from _texts(node.right, found)
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id in found:
        yield from found[node.value.id][1]
