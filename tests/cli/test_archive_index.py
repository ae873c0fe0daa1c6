"""Searching, indexing and verifying archives from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.testing import simulate


@pytest.fixture
def folder(write_wfdb, tmp_path: Path) -> Path:
    for number in range(4):
        comments = (f"Age: {50 + 10 * number}", f"Sex: {('Female', 'Male')[number % 2]}", "Dx: 426783006")
        write_wfdb(simulate(60 + 5 * number, seed=number), f"r{number}", comments, tmp_path / "export")
    return tmp_path / "export"


@pytest.fixture
def archive(run, folder: Path, tmp_path: Path) -> Path:
    assert run("archive", "build", tmp_path / "a", folder, "--keep-ids").code == 0
    return tmp_path / "a"


def test_search_index_verify(run, folder, archive) -> None:
    found = run("archive", "search", archive, folder / "r1.hea", "--k", 2, "--json").json
    assert len(found["neighbours"]) == 2 and found["notices"] == []
    assert run("archive", "search", folder / "r1.hea", "--archive", archive, "--k", 2, "--json").json == found
    for words in ((archive,), (archive, folder / "r1.hea", "--archive", archive)):
        assert run("archive", "search", *words).code == 2
    said = run("archive", "search", archive, folder / "r1.hea", "--where", "sex=F,age<60")
    assert said.code == 0 and len(said.out.splitlines()) == 1 and "female" in said.out
    assert "1 of 5" in said.err
    said = run("archive", "search", archive, folder / "r1.hea", "--where", "device=MAC", "--json")
    assert (said.code, said.json["error"]["kind"]) == (2, "usage")
    said = run("report", folder / "r1.hea", "--archive", archive, "--where", "sex=F")
    assert said.code == 0 and "sex=F" in said.out
    assert run("archive", "index", archive, "--json").json["kind"] == "flat"
    assert "recall_at_10 1.0" in run("archive", "info", archive).out
    assert run("archive", "verify", archive).out.strip().endswith("nothing is wrong")
    key = archive / "key"
    key.write_text(key.read_text().replace(key.read_text()[3], "0" if key.read_text()[3] != "0" else "1", 1))
    said = run("archive", "verify", archive)
    assert said.code == 1 and "WRONG   files: 1 file is (key)" in said.out
    found = run("archive", "verify", archive, "--json")
    assert (found.code, found.json["ok"], found.json["problems"][0]["kind"]) == (1, False, "files")
    assert run("archive", "verify", archive, "--seal", "--all").code == 0


def test_what_is_no_archive_is_not_sealed(run, tmp_path) -> None:
    (tmp_path / "letters").mkdir()
    (tmp_path / "letters" / "one.txt").write_text("dear")
    said = run("archive", "verify", tmp_path / "letters", "--seal")
    assert said.code == 1 and "There is no archive" in said.err
    assert [path.name for path in (tmp_path / "letters").iterdir()] == ["one.txt"]
