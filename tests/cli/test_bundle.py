"""`einthoven bundle` on the command line; what a bundle holds is tested in tests/bundle."""

from __future__ import annotations

import json

from einthoven import bundle
from einthoven.bundle import Contents


def test_it_tells_what_was_made(run, tmp_path, monkeypatch) -> None:
    asked = []

    def make(out, platforms, python, show):
        asked.append((out, tuple(platforms), python))
        return Contents("1.2", python, {"linux-x86_64": ("a.whl", "b.whl")}, 2_000_000, "ab" * 32)

    monkeypatch.setattr(bundle, "make_bundle", make)
    out = tmp_path / "x.zip"
    found = run("bundle", out, "--platform", "linux-x86_64", "--python", "3.12", "--json").json
    assert asked == [(out, ("linux-x86_64",), "3.12")]
    assert found == {
        **{"bundle": str(out), "bytes": 2_000_000, "sha256": "ab" * 32, "einthoven": "1.2", "python": "3.12"},
        "platforms": {"linux-x86_64": ["a.whl", "b.whl"]},
    }
    text = run("bundle", out)
    assert text.code == 0 and "INSTALL.txt" in text.out and "2 MB" in text.out


def test_it_refuses_in_words(run, tmp_path) -> None:
    said = run("bundle", tmp_path / "x.zip", "--platform", "amiga", "--json")
    assert said.code == 2 and json.loads(said.out)["error"]["kind"] == "usage"
    assert "Traceback" not in said.err
