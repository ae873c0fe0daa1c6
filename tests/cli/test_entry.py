"""What happens before the command line is loaded."""

from __future__ import annotations

import json
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
