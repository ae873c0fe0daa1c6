"""One way of naming a language model, for every command that takes one: an address, a file, a .yaml of either."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from einthoven.cli import main
from einthoven.cli.demo import demo_file
from einthoven.ecg import FileError, UsageError
from einthoven.llm import Message, RemoteError, open_llm

pytest.importorskip("yaml")


@pytest.fixture
def run(monkeypatch, capsys):
    def call(*words: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["einthoven", *map(str, words)])
        try:
            main()
        except SystemExit as done:
            return int(done.code or 0), capsys.readouterr().out
        return 0, capsys.readouterr().out

    return call


@pytest.fixture
def named(server, tmp_path, monkeypatch, say):
    """A .yaml of the server of the tests, which wants a key."""
    monkeypatch.setenv("A_KEY_OF_THE_TEST", "s3cret")

    def behave(asked, n):
        text = asked.body["messages"][-1]["content"]
        if "as data:\n" in text:
            return say(json.dumps({"sentences": [{"text": "P waves are absent.", "passages": [1]}]}))
        return say(json.dumps({"sentences": []}))

    server.behave = behave
    path = tmp_path / "own.yaml"
    path.write_text(f"url: {server.url}\nmodel: m\nkey_from: A_KEY_OF_THE_TEST\n")
    return path


def _came(server) -> set[tuple[str, str]]:
    return {(one.headers["authorization"], one.body["model"]) for one in server.asked}


ASKED = {("Bearer s3cret", "m")}


def test_describe(run, named, server) -> None:
    code, out = run("describe", "atrial fibrillation", "--llm", named, "--json")
    (found,) = json.loads(out)
    assert code == 0 and found["model"] == "m-1" and _came(server) == ASKED and "s3cret" not in out
    spelt = ("--llm", server.url, "--llm-model", "m", "--key-from", "A_KEY_OF_THE_TEST", "--json")
    assert json.loads(run("describe", "atrial fibrillation", *spelt)[1]) == [found]
    older = ("--llm", server.url, "--model", "m", "--key-from", "A_KEY_OF_THE_TEST", "--json")
    assert json.loads(run("describe", "atrial fibrillation", *older)[1]) == [found]


def test_report(run, named, server) -> None:
    code, out = run("report", demo_file(), "--llm", named, "--json")
    assert code == 0 and json.loads(out)["refined"]["model"] == "m-1" and _came(server) == ASKED


def test_evaluate_cqa(run, named, server, monkeypatch, tmp_path) -> None:
    from einthoven import metrics
    from einthoven.cli import cqa
    from einthoven.evaluation.tasks import cqa as task

    given = []
    monkeypatch.setattr(cqa, "need_packages", lambda extra, *modules: None)
    monkeypatch.setattr(cqa, "tell", lambda *_: None)
    monkeypatch.setattr(metrics, "load_language_model", lambda folder: None)
    monkeypatch.setattr(task, "evaluate_cqa", lambda lists, compared, *_: given.append(compared))
    assert run("evaluate", "cqa", "--references", tmp_path / "r.py", "--llm", named)[0] == 0
    given[0].writer.chat.complete([Message("user", "?")])
    assert _came(server) == ASKED


def test_evaluate_qa(run, named, server, monkeypatch, tmp_path) -> None:
    from einthoven.cli import qa
    from einthoven.evaluation import qa_exam, qa_run

    given = {}

    class Run:
        def __init__(self, data, archive, fold, limit, models, *_) -> None:
            given.update(models)

        def table(self, *_) -> None:
            pass

    monkeypatch.setattr(qa_run, "Run", Run)
    monkeypatch.setattr(qa, "tell", lambda *_: None)
    monkeypatch.setattr(qa_exam.Choice, "exam", lambda *_: None)
    words = ("evaluate", "qa", "--data", tmp_path, "--ours", "--llm", named)
    assert run(*words)[0] == 0 and set(given) == {"own"}
    given["own"].chat.complete([Message("user", "?")])
    assert _came(server) == ASKED
    assert run(*words, "--llm", named)[0] == 2  # one row cannot be two models


@pytest.mark.parametrize(
    "command", [("describe", "AF"), ("report", demo_file()), ("evaluate", "cqa"), ("ask", "f", "q")]
)
def test_options_of_a_model_that_is_not_named_are_not_passed_over(run, command) -> None:
    code, out = run(*command, "--llm-model", "m", "--json")
    assert code == 2 and json.loads(out)["error"]["mend"].startswith("Add --llm")


def test_what_a_file_cannot_mean(tmp_path: Path) -> None:
    path = tmp_path / "m.yaml"
    path.write_text("url: https://llm.example.org/v1\nmodel: m\n")
    with pytest.raises(RemoteError):
        open_llm(str(path))
    with pytest.raises(UsageError, match="names the model"):
        open_llm(str(path), model="other")
    path.write_text("url: https://llm.example.org/v1\nmodel: m\nallow_remote: true\n")
    with pytest.raises(UsageError, match="Unknown setting allow_remote"):
        open_llm(str(path))
    path.write_text("url: m.gguf\n")
    with pytest.raises(FileError, match=str(tmp_path / "m.gguf")):  # beside the .yaml, not where the command is run
        open_llm(str(path))
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    assert open_llm(str(path)).path == tmp_path / "m.gguf"
    path.write_text("sources: []\n")
    with pytest.raises(UsageError, match="whole assistant"):
        open_llm(str(path))
    with pytest.raises(UsageError, match="no settings file"):
        open_llm(str(tmp_path / "none.yml"))


def test_the_files_that_ship_are_opened_or_refused_for_being_remote() -> None:
    pytest.importorskip("openai")
    found = {}
    for path in (Path(__file__).parents[2] / "configs" / "llm").glob("*.yaml"):
        try:
            found[path.stem] = open_llm(str(path)).name
        except (RemoteError, FileError) as fault:
            found[path.stem] = type(fault).__name__
    assert found == {
        "gpt-4o-mini": "RemoteError",
        "gemini-1.5-flash": "RemoteError",
        "llama3-70b": "meta-llama/Meta-Llama-3-70B-Instruct at http://localhost:8000",
        "local": "FileError",
    }


def test_a_real_server_by_its_file(run, real_server, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("A_KEY_OF_THE_TEST", "a-key-of-the-test")
    path = tmp_path / "smol.yaml"
    path.write_text(f"url: {real_server}/v1\nmodel: any\nkey_from: A_KEY_OF_THE_TEST\n")
    chat = open_llm(str(path))
    assert chat.complete([Message("user", "Say yes.")], max_tokens=4).text
    assert open_llm(str(path), embeds=True).embed(["P wave", "QRS"]).shape[0] == 2
