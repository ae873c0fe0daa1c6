"""`einthoven describe` and `einthoven knowledge review`: what is printed, kept and refused."""

from __future__ import annotations

import io
import json
import sys

import pytest

from einthoven.cli.measure import DISCLAIMER
from einthoven.knowledge.handbook import SOURCE
from einthoven.knowledge.sentences import sentences_of
from einthoven.llm import Answer, EndpointError

FORM = {
    *("statement", "kind", "abstained", "reason", "description", "sources", "codes", "model", "dropped", "edited"),
    "error",
    *("not_described", "not_understood", "passages_withheld"),
}


class Model:
    """A language model that repeats the first sentence of the first passage, adds one, and can be switched off."""

    name = "stand-in"
    model = "stand-in"

    def __init__(self) -> None:
        self.asked, self.alive = 0, True

    def complete(self, messages, schema=None, **_) -> Answer:
        if not self.alive:
            raise EndpointError("There is no connection.", "See whether it runs.")
        self.asked += 1
        passage = json.loads(messages[-1].text.split("as data:\n", 1)[1])[0]["text"]
        said = [{"text": sentences_of(passage)[0], "passages": [1]}, {"text": "QRS lasts 431 ms.", "passages": [1]}]
        return Answer("", {"sentences": said}, 10, 5, "stand-in-1", "stop")


@pytest.fixture
def model(monkeypatch) -> Model:
    made = Model()
    monkeypatch.setattr("einthoven.llm.open_llm", lambda *_, **__: made)
    return made


def test_a_finding_and_a_note(run) -> None:
    said = run("describe", "left bundle branch block", "age not entered")
    assert said.code == 0 and said.out.count(SOURCE) == 2 and 'section "Complete left bundle' in said.out
    lines = said.out.splitlines()
    assert lines[0] == "left bundle branch block [finding, CLBBB]" and lines[-1] == DISCLAIMER
    assert "  Not described. A note about the patient" in said.out
    assert "abstained    1: demographic 1" in said.err


def test_json_is_a_list_in_order(run) -> None:
    said = run("describe", "AF", "", "Vorhofflimmern", "--json", "--k", 1)
    assert [one["statement"] for one in said.json] == ["AF", "", "Vorhofflimmern"] and said.code == 0
    assert all(set(one) == FORM for one in said.json)
    assert [one["abstained"] for one in said.json] == [False, True, False]
    assert said.json[0]["sources"][0]["source"] == SOURCE and len(said.json[0]["sources"]) == 1


def test_statements_of_a_file_and_of_standard_input(run, tmp_path, monkeypatch) -> None:
    lines = "AF\r\n\r\n  \nLinksschenkelblock, kompl.\nmöglich: Hinterwandinfarkt"
    (tmp_path / "s.txt").write_bytes(lines.encode("cp1252"))
    said = run("describe", "--from", tmp_path / "s.txt", "--out", tmp_path / "o.jsonl")
    assert said.code == 0 and said.out.splitlines()[:2] == ["statements   3", "described    3"]
    assert "Windows-1252" in said.err
    rows = [json.loads(line) for line in (tmp_path / "o.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [one["statement"] for one in rows] == [one.strip() for one in lines.split("\n") if one.strip()]
    monkeypatch.setattr(sys, "stdin", io.StringIO("AF\nLBBB\n"))
    assert [one["statement"] for one in run("describe", "--from", "-", "--json").json] == ["AF", "LBBB"]


def test_odd_statements(run) -> None:
    said = run("describe", "A" * 10_000, "\x1b[31mAF\x07\u202e", "--json")
    long, coloured = said.json
    assert said.code == 0 and long["kind"] == "unknown" and len(long["statement"]) <= 1000
    assert coloured["statement"] == "AF" and not coloured["abstained"]
    assert run("describe", "\x1b[31mAF\x07\u202e").out.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        ([], 2, "No statement is given"),
        (["AF", "--k", "0"], 2, "--k"),
        (["AF", "--cache", "x"], 2, "--cache is for a language model"),
        (["AF", "--prompt", "x"], 2, "--prompt is for a language model"),
        (["AF", "--llm-model", "x"], 2, "--llm-model is for a language model"),
        (["AF", "--source", "x"], 2, "for a knowledge base"),
        (["AF", "--embed-url", "http://localhost:1"], 2, "for a knowledge base"),
        (["AF", "--knowledge", "nowhere"], 1, "There is no knowledge base"),
        (["AF", "--from", "nowhere.txt"], 1, "cannot be read"),
        (["AF", "--out", "nowhere/o.jsonl"], 1, "There is no folder"),
        (["AF", "--llm", "gpt"], 2, "neither an address nor a .gguf file"),
        (["AF", "--llm", "http://localhost:1/v1"], 2, "The endpoint's model is not named"),
        (["AF", "--llm", "https://example.org/v1", "--llm-model", "m"], 1, "is not this machine"),
        (["AF", "--llm", "http://localhost:1/v1", "--llm-model", "m", "--prompt", "hm"], 2, "No prompt is called"),
        (["AF", "--config", "nowhere.yaml"], 2, "no settings file"),
    ],
)
def test_what_is_refused(run, tmp_path, monkeypatch, words, code, what) -> None:
    monkeypatch.chdir(tmp_path)
    said = run("describe", *words, "--json")
    assert said.code == code and what in said.json["error"]["message"] and said.json["error"]["mend"]
    assert not list(tmp_path.iterdir())


def test_a_model_s_work_is_kept_beside_what_is_written(run, model, tmp_path) -> None:
    words = ("describe", "AF", "LBBB", "age not entered", "--llm", "m.gguf", "--out", tmp_path / "o.jsonl")
    said = run(*words)
    assert said.code == 0 and model.asked == 2
    assert "findings     2 described now by stand-in, 0 kept from before" in said.out
    assert "tokens       20 of prompts, 10 of answers" in said.out and "left out     2 sentences" in said.out
    assert (tmp_path / "o.jsonl.kept").is_file()
    first = (tmp_path / "o.jsonl").read_text()
    again = run(*words)
    assert "0 described now by stand-in, 2 kept from before" in again.out and model.asked == 2
    assert (tmp_path / "o.jsonl").read_text() == first


def test_an_endpoint_that_dies(run, model, tmp_path) -> None:
    kept = ("--llm", "m.gguf", "--cache", tmp_path / "kept")
    assert run("describe", "AF", *kept).code == 0
    model.alive = False
    said = run("describe", "AF", "LBBB", "age not entered", *kept)
    assert said.code == 1 and "LBBB [finding]\n  Not described. No answer: There is no connection." in said.out
    assert (
        "failed       1" in said.err and "  LBBB: There is no connection." in said.err and "described    1" in said.err
    )
    found = run("describe", "AF", "LBBB", *kept, "--json")
    assert found.code == 1 and [one["error"] and one["error"]["kind"] for one in found.json] == [None, "endpoint"]
    model.alive = True
    assert run("describe", "AF", "LBBB", *kept).code == 0 and model.asked == 2


def test_a_damaged_cache(run, model, tmp_path) -> None:
    (tmp_path / "kept").write_bytes(b"no database " * 500)
    said = run("describe", "AF", "--llm", "m.gguf", "--cache", tmp_path / "kept", "--json")
    assert said.code == 1 and "cannot be used" in said.json["error"]["message"] and not model.asked
    said = run("knowledge", "review", tmp_path / "kept", "--json")
    assert said.code == 1 and "cannot be used" in said.json["error"]["message"]


def test_review_and_edit(run, model, tmp_path) -> None:
    kept = tmp_path / "kept"
    ask = ("describe", "AF", "LBBB", "--llm", "m.gguf", "--cache", kept)
    run(*ask)
    listed = run("knowledge", "review", kept)
    assert listed.out.count("1 sentences with support, 1 without") == 2
    assert "left out: QRS lasts 431 ms. (no passage has 431 ms)" in listed.out
    first, second = run("knowledge", "review", kept, "--json").json
    done = run("knowledge", "review", kept, "--edit", first["key"][:12], "--text", "No P waves.", "--by", "A. Reader")
    assert done.code == 0 and done.out == "1 edit taken\n"
    said = run(*ask)
    assert "No P waves." in said.out and "Edited by A. Reader on 20" in said.out
    assert run("knowledge", "review", kept, "--export", tmp_path / "q.jsonl").out.startswith("1 descriptions in ")
    row = json.loads((tmp_path / "q.jsonl").read_text())
    assert row["key"] == second["key"] and row["by"] is None
    (tmp_path / "q.jsonl").write_text(json.dumps(row | {"text": "", "by": "B. Reader"}))
    assert run("knowledge", "review", kept, "--import", tmp_path / "q.jsonl", "--json").json == {"edits": 1}
    assert run("knowledge", "review", kept, "--import", tmp_path / "q.jsonl", "--json").json == {"edits": 0}
    assert "taken back by B. Reader" in run(*ask).out
    assert "Nothing to review among 2" in run("knowledge", "review", kept).out
    every = run("knowledge", "review", kept, "--all", "--json").json
    assert {one["edits"][0]["by"] for one in every} == {"A. Reader", "B. Reader"} and all(
        one["written"] for one in every
    )


def test_what_review_refuses(run, tmp_path) -> None:
    kept = tmp_path / "kept"
    said = run("knowledge", "review", kept, "--json")
    assert said.code == 1 and "There is no file" in said.json["error"]["message"] and not kept.exists()
    for words in (["--edit", "a"], ["--edit", "a", "--text", "x"], ["--by", "me"], ["--export", "a", "--import", "b"]):
        assert run("knowledge", "review", kept, *words).code == 2


SETTINGS = """
sources:
  - {{title: A book, file: {file}}}
k: 1
"""


def test_settings_make_their_own_base(run, tmp_path) -> None:
    pytest.importorskip("yaml")
    (tmp_path / "book.md").write_text("# Book\n## Atrial fibrillation\nThere are no P waves.\n")
    (tmp_path / "c.yaml").write_text(SETTINGS.format(file="book.md"))
    said = run("describe", "AF", "--config", tmp_path / "c.yaml", "--json")
    assert said.code == 2 and "Add --knowledge DIR" in said.json["error"]["mend"]
    words = ("describe", "AF", "--config", tmp_path / "c.yaml", "--knowledge", tmp_path / "kb", "--json")
    found = run(*words).json
    assert found[0]["description"] == "There are no P waves." and found[0]["sources"][0]["source"] == "book.md"
    assert run(*words).json == found
    (tmp_path / "c.yaml").write_text(SETTINGS.format(file="null"))
    said = run(*words)
    assert said.code == 2 and 'Nobody has said where "A book" is' in said.json["error"]["message"]
