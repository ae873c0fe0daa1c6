"""`einthoven statements parse`: a text, a table, a site's own phrases, and what it refuses."""

from __future__ import annotations

import pytest


def test_a_text(run) -> None:
    said = run("statements", "parse", "Sinusrhythmus, V.a. alten Hinterwandinfarkt, Blubbern")
    assert said.code == 0
    first, second, third = said.out.splitlines()
    assert first.split()[:2] == ["SR", "present"] and first.endswith("<- Sinusrhythmus")
    assert second.split()[:2] == ["IMI", "possible"] and "(inferior)" in second
    assert third == "unparsed: Blubbern"
    assert run("statements", "parse", "nichts").out == "No statement was read.\nunparsed: nichts\n"


def test_a_text_as_json(run) -> None:
    found = run("statements", "parse", "No LVH", "--json").json
    assert found["statements"] == [
        {"code": "LVH", "polarity": "absent", "location": [], "severity": None, "span": [3, 6]}
    ]
    assert found["language"] == "en" and found["unparsed"] == []


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "reports.csv"
    path.write_text(
        "id;Befund\n1;Sinusrhythmus, Gnubbel\n2;Vorhofflimmern; mit\n3;Sinusrhythmus gnubbel\n4;\n5;Gnabbel\n",
        encoding="utf-8",
    )
    return path


def test_a_table_counts_codes_and_unparsed_phrases(run, table) -> None:
    said = run("statements", "parse", table, "--text", "Befund")
    assert said.code == 0 and said.out.startswith("reports      4 ")
    lines = said.out.splitlines()
    assert any(line.split()[:2] == ["SR", "2"] for line in lines)
    assert [line.split() for line in lines[-2:]] == [["2", "gnubbel"], ["1", "gnabbel"]]
    found = run("statements", "parse", table, "--text", "Befund", "--unparsed", "1", "--json").json
    assert found["unparsed"] == [{"phrase": "gnubbel", "count": 2}] and found["different_unparsed"] == 2
    assert "left out     1 rows" in said.out and found["ragged_rows"] == [2]
    assert found["reports"] == 4 and found["without_statement"] == 2
    assert found["rows"][0]["row"] == 1 and found["rows"][0]["statements"][0]["code"] == "SR"


def test_own_phrases(run, table, tmp_path) -> None:
    own = tmp_path / "own.csv"
    own.write_text("phrase,code,polarity\ngnubbel,WPW,possible\n")
    found = run("statements", "parse", table, "--text", "Befund", "--synonyms", own, "--json").json
    assert [one["code"] for one in found["rows"][0]["statements"]] == ["SR", "WPW"]
    own.write_text("phrase,code\ngnubbel,QQQ\n")
    said = run("statements", "parse", "x", "--synonyms", own, "--json")
    assert said.code == 1 and "line 2" in said.json["error"]["message"]


def test_what_is_refused(run, table, tmp_path) -> None:
    said = run("statements", "parse", table, "--json")
    assert said.code == 2 and "--text" in said.json["error"]["mend"]
    said = run("statements", "parse", table, "--text", "Text", "--json")
    assert said.code == 2 and "no column 'Text'" in said.json["error"]["message"]
    assert run("statements", "parse", tmp_path / "none.csv", "--text", "x", "--json").json["error"]["kind"] == "file"


def test_a_file_without_a_column_is_not_taken_for_a_report(run, tmp_path) -> None:
    path = tmp_path / "report.txt"
    path.write_text("Vorhofflimmern", encoding="utf-8")
    said = run("statements", "parse", path)
    assert said.code == 2 and "is a file" in said.err and "parse - <" in said.err
    assert run("statements", "parse", "Vorhofflimmern " * 400).code == 0  # too long for the name of a file
