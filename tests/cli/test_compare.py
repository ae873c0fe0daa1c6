"""`einthoven compare`, `report --paper`, `report --llm` and `figure regen-2` on the command line."""

from __future__ import annotations

import pytest

from einthoven.cli.demo import demo_file
from einthoven.testing import simulate


@pytest.fixture
def files(write_wfdb):
    return [write_wfdb(simulate(heart_rate=rate, rate=250, seed=rate), name=f"at{rate}") for rate in (72, 90)]


def test_compare_in_json_and_as_a_page(run, tmp_path, files) -> None:
    out = tmp_path / "page.html"
    said = run("compare", files[1], files[0], "--page", out, "--json")
    assert said.code == 0 and said.json["measurements"]["heart_rate"]["difference"] == pytest.approx(18, abs=1)
    assert said.json["reversed"] is False and "Two ECGs compared" in out.read_text(encoding="utf-8")


def test_the_pages_former_name_still_holds_and_is_not_advertised(run, tmp_path, files) -> None:
    assert run("compare", files[1], files[0], "--out", tmp_path / "a.html").code == 0
    assert "Two ECGs compared" in (tmp_path / "a.html").read_text(encoding="utf-8")
    assert run("compare", files[1], files[0], "--out", "a.html", "--page", "b.html").code == 2
    told = run("compare", "--help").out
    assert "--page" in told and "--out" not in told


def test_compare_the_same_file_twice(run, files) -> None:
    said = run("compare", files[0], files[0], "--language", "de")
    assert said.code == 0 and "NICHT VERGLICHEN" in said.out and "dieselbe Aufzeichnung" in said.out


def test_compare_refuses_what_is_not_there(run, files) -> None:
    said = run("compare", files[0], "nowhere.dcm")
    assert said.code == 1 and "nowhere.dcm" in said.err and "Traceback" not in said.err


def test_the_papers_method_writes_codes_out_where_no_text_is_kept(run) -> None:
    said = run("report", demo_file(), "--paper", "--json")
    assert said.code == 0 and said.json["outcome"] == "caution" and len(said.json["neighbours"]) == 1
    assert said.json["quoted"]["written_from_codes"] and "another patient" in said.json["reasons"][0]
    assert run("report", demo_file(), "--paper", "--k", 3).code == 2
    assert run("report", demo_file(), "--paper", "--llm", "model.gguf").code == 2


def test_a_language_model_that_is_not_there(run) -> None:
    said = run("report", demo_file(), "--llm", "nowhere.gguf")
    assert said.code == 1 and "nowhere.gguf" in said.err


def test_the_figure_of_neighbours_in_each_format(run, tmp_path) -> None:
    page = tmp_path / "a.html"
    said = run("figure", "regen-2", demo_file(), "--out", page, "--statements", "SR; NORM; wobbly")
    assert "no code is read from it as present or possible: wobbly" in said.out
    assert said.code == 0 and "3 of 3 neighbours have no trace here" in said.out
    assert "<svg" in page.read_text(encoding="utf-8") and "xmlns" not in page.read_text(encoding="utf-8")
    assert run("figure", "regen-2", demo_file(), "--out", tmp_path / "a.svg", "--json").json["truth"]
    assert run("figure", "regen-2", demo_file(), "--out", tmp_path / "a.tiff").code == 2
    assert run("figure", "esi-2", demo_file(), "--out", tmp_path / "b.svg", "--archive", tmp_path).code == 2
