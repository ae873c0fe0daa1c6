"""What would fail on Windows alone, as far as it can be seen elsewhere; `make lint` checks the types for it too."""

from __future__ import annotations

import ast
import importlib.util
import json
import os
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

SOURCE = Path(__file__).parent.parent / "src" / "einthoven"
TEXT_CALLS = {"read_text", "write_text", "open", "fdopen"}
MOVES = {"rename", "renames"}


def calls() -> Iterator[tuple[str, ast.Call, str]]:
    """Where, which call, and the name of its method or function."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
                yield f"{path.relative_to(SOURCE)}:{node.lineno}", node, name


def is_text(node: ast.Call, name: str) -> bool:
    """Whether a call opens a file as text; `open` of something else than a file has no mode."""
    owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
    if owner in {"distribution", "bundle"}:  # an installed package, a ZIP file
        return False
    if name in {"read_text", "write_text"}:
        return bool(owner)
    modes = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    modes += [k.value.value for k in node.keywords if k.arg == "mode" and isinstance(k.value, ast.Constant)]
    return any(set(mode) <= set("rwax+t") for mode in modes)


def test_text_is_read_and_written_with_an_encoding() -> None:
    lacking = [
        where
        for where, node, name in calls()
        if name in TEXT_CALLS and is_text(node, name) and "encoding" not in {k.arg for k in node.keywords}
    ]
    assert not lacking


def test_whatever_is_finished_is_put_in_its_place_by_one_function() -> None:
    moves = [
        where
        for where, node, name in calls()
        if name in MOVES
        or (
            name == "replace"
            and ((len(node.args) == 1 and not node.keywords) or ast.unparse(node.func) == "os.replace")
        )
    ]
    assert [where.rpartition(":")[0] for where in moves] == [str(Path("ecg") / "moving.py")]


def test_the_lock_of_windows_is_lifted_before_its_file_is_closed(tmp_path, monkeypatch) -> None:
    from einthoven.ecg import CollectionError

    held: set[tuple[int, int]] = set()  # device and inode of what is locked

    def locking(handle: int, mode: int, size: int) -> None:
        file = os.fstat(handle)[1:3]
        assert size == 1 and os.lseek(handle, 0, os.SEEK_CUR) == 0
        if mode == 0:
            held.remove(file)
        elif file in held:
            raise PermissionError(13, "locked")
        else:
            held.add(file)

    fake = types.SimpleNamespace(locking=locking, LK_NBLCK=2, LK_UNLCK=0)
    monkeypatch.setitem(sys.modules, "msvcrt", fake)
    monkeypatch.setattr(sys, "platform", "win32")
    spec = importlib.util.spec_from_file_location("lock_of_windows", SOURCE / "collection" / "lock.py")
    assert spec and spec.loader
    lock = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(lock)
    with lock.sole_writer(tmp_path):
        assert held
        with pytest.raises(CollectionError, match="writing"), lock.sole_writer(tmp_path):
            pass
        assert held
    assert not held
    with pytest.raises(ZeroDivisionError), lock.sole_writer(tmp_path):
        _ = 1 / 0
    assert not held


def test_a_code_page_that_lacks_letters_breaks_no_output(tmp_path) -> None:
    from einthoven.ecg import LEADS

    (tmp_path / "r.dat").write_bytes(bytes(2 * 12 * 5000))
    lines = ["r 12 500 5000", *(f"r.dat 16 1000(0)/mV 16 0 0 0 0 {lead}" for lead in LEADS), "#<diagnoses>: 心電圖 µ"]
    (tmp_path / "r.hea").write_text("\n".join(lines) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "einthoven", "read", str(tmp_path / "r.hea")]
    environment = {**os.environ, "PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(SOURCE.parent)}
    as_json, as_text = (
        subprocess.run([*command, *more], env=environment, capture_output=True) for more in (["--json"], [])
    )
    assert (as_json.returncode, as_text.returncode) == (0, 0), as_text.stderr
    found = json.loads(as_json.stdout.decode("cp1252"))
    assert [statement["text"] for statement in found["statements"]] == ["心電圖 µ"]
    assert b"statement" in as_text.stdout
