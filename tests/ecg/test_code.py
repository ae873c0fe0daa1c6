"""What is kept of the code's work goes by a hash of it."""

from __future__ import annotations

import hashlib

from einthoven.ecg.code import code_files, code_sha256
from einthoven.ecg.commit import HOUSE


def test_rooms_and_files_are_hashed_with_their_names_and_what_else_decides() -> None:
    names = ("signal", "models/preparation.py")
    paths = [*sorted((HOUSE / "signal").rglob("*.py")), HOUSE / "models" / "preparation.py"]
    assert list(code_files(names)) == paths and len(paths) > 3
    whole = b"x" + b"".join(p.relative_to(HOUSE).as_posix().encode() + b"\0" + p.read_bytes() for p in paths)
    assert code_sha256(names, "x") == hashlib.sha256(whole).hexdigest() != code_sha256(names)
    assert code_sha256(names[:1]) != code_sha256(names)
