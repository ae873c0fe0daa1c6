"""`einthoven figure`: what it lists, draws and refuses."""

from __future__ import annotations

import json
from xml.etree import ElementTree

import pytest

from einthoven.cli.demo import demo_file
from einthoven.cli.figure import FIGURES
from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.handbook import SOURCE
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.table import Source


def words(path) -> str:
    return " ".join("".join(text.itertext()) for text in ElementTree.parse(path).getroot().iter() if "text" in text.tag)


def test_without_a_name_they_are_listed(run) -> None:
    said = run("figure")
    assert said.code == 0 and all(name in said.out for name in FIGURES)
    assert [one["figure"] for one in run("figure", "--json").json] == list(FIGURES)


def test_a_name_that_is_none_is_refused_with_the_nearest(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("figure", "esi2")
    assert said.code == 2 and "Did you mean esi-2?" in said.err
    assert not list(tmp_path.iterdir())


def test_the_default_needs_nothing_and_says_what_was_drawn(run, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    found = run("figure", "esi-2", "--json").json
    assert found["drawing"] == "esi-2.svg" and found["patient"] == "This patient is a 42-year-old Female."
    kinds = [(one["statement"], one["kind"], one["abstained"]) for one in found["statements"]]
    assert kinds == [("RITMO SINUSALE", "unknown", True), ("ECG NORMALE", "finding", False)]
    assert found["statements"][1]["description"] in words(tmp_path / "esi-2.svg")
    assert found["statements"][1]["sources"] == [f'{SOURCE}, section "Normal ECG > On the ECG"']
    assert found["quality"] == [] and found["disclaimer"] in words(tmp_path / "esi-2.svg")


def test_statements_of_ones_own(run, tmp_path) -> None:
    out = tmp_path / "own.svg"
    said = run("figure", "ESI-2", demo_file(), "--out", out, "--statements", "Vorhofflimmern; ;Alter nicht angegeben;")
    assert said.code == 0 and said.out.splitlines() == [str(out)]
    assert "1. Vorhofflimmern" in words(out) and "2. Alter nicht angegeben" in words(out) and "3. " not in words(out)
    many = run("figure", "esi-2", "--out", out, "--statements", "AFIB;LBBB;RBBB;Age not entered;" * 30)
    assert "of 120 statements have no room on it." in many.out


def test_png_and_pdf(run, tmp_path) -> None:
    pytest.importorskip("reportlab")
    pytest.importorskip("resvg_py")
    assert run("figure", "esi-2", "--out", tmp_path / "a.png", "--dpi", 60).code == 0
    assert (tmp_path / "a.png").read_bytes()[16:24] == (702).to_bytes(4) + (496).to_bytes(4)
    assert run("figure", "esi-2", "--out", tmp_path / "a.PDF").code == 0
    assert (tmp_path / "a.PDF").read_bytes().startswith(b"%PDF")


def test_passages_of_a_knowledge_base_of_ones_own(run, tmp_path) -> None:
    out = tmp_path / "a.svg"
    text = "In atrial fibrillation the RR intervals are irregular."
    base = KnowledgeBase.create(tmp_path / "base")
    base.put(
        [(Source("book.md", "0" * 64, "markdown", None, 1), [Passage(text, "book.md", "0" * 64, None, "Rhythms")])]
    )
    said = run(
        *("figure", "esi-2", "--out", out, "--knowledge", tmp_path / "base"),
        *("--statements", "atrial fibrillation; LBBB", "--json"),
    )
    first, second = said.json["statements"]
    assert (first["description"], first["sources"]) == (text, ['book.md, section "Rhythms"'])
    assert second["abstained"] and "No passage of the knowledge base names" in second["reason"]
    assert str(tmp_path) not in words(out) and SOURCE not in words(out)


@pytest.mark.parametrize(
    ("options", "code", "told"),
    [
        (("--out", "a.tiff"), 2, "Drawings are written as SVG, PNG or PDF"),
        (("--dpi", 100), 2, "Only a PNG has pixels"),
        (("--statements", " ; "), 2, "There is no statement in --statements"),
        (("--k", 0), 2, "k = 0"),
        (("nowhere.dcm",), 1, "nowhere.dcm"),
        (("--knowledge", "nowhere"), 1, "There is no knowledge base"),
        (("--out", "no/such/folder.svg"), 1, "cannot be written"),
    ],
)
def test_what_cannot_be_meant_is_refused(run, tmp_path, monkeypatch, options, code, told) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("figure", "esi-2", *options)
    assert said.code == code and told in said.err and "Traceback" not in said.err
    assert not list(tmp_path.iterdir())
    assert json.loads(run("figure", "esi-2", *options, "--json").out)["error"]["message"]
