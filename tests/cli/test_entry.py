"""What happens before the command line is loaded."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from einthoven.__main__ import main

LOADED = "einthoven.cli.main"


class _Interrupts:
    """A finder of modules that is interrupted at the command line."""

    def find_spec(self, name: str, path: object = None, target: object = None) -> None:
        if name == LOADED:
            raise KeyboardInterrupt


@pytest.mark.parametrize("words", [["--json"], []])
def test_an_interruption_while_loading_is_told(monkeypatch, capsys, words: list[str]) -> None:
    monkeypatch.delitem(sys.modules, LOADED, raising=False)
    monkeypatch.setattr(sys, "meta_path", [_Interrupts(), *sys.meta_path])
    monkeypatch.setattr(sys, "argv", ["einthoven", "read", "nothing", *words])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    assert ended.value.code == 130
    if words:
        assert json.loads(said.out)["error"]["kind"] == "interrupted" and said.err == ""
    else:
        assert said.out == "" and said.err.startswith("Error: Interrupted before")


@pytest.mark.parametrize(
    ("said", "taken"),
    [({}, "8000"), ({"GOMP_SPINCOUNT": "7"}, "7"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "None")],
)
def test_threads_spin_for_a_while_only_unless_told_otherwise(said: dict[str, str], taken: str) -> None:
    """As libgomp reads it, which torch brings and which reads it once, when it is loaded."""
    told = {key: value for key, value in os.environ.items() if key not in ("OMP_WAIT_POLICY", "GOMP_SPINCOUNT")}
    script = (
        "import os, sys; sys.argv[1:] = ['--version']\n"
        "from einthoven.__main__ import main\n"
        "try: main()\n"
        "except SystemExit: print(os.environ.get('GOMP_SPINCOUNT'))"
    )
    found = subprocess.run([sys.executable, "-c", script], env=told | said, capture_output=True, text=True, check=True)
    assert found.stdout.split()[-1] == taken
