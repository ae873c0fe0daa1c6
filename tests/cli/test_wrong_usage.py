"""What cannot be meant exits with 2 and says what can, in words and in JSON; what is refused exits with 1."""

from __future__ import annotations

import json
import signal

import pytest

from einthoven.cli import archives, data
from einthoven.cli.demo import demo_file

FILLS = [("archive", "build", "{a}", "{file}"), ("archive", "add", "{a}", "{file}")]
TOLD = [("--rate", "nan"), ("--rate", "0"), ("--unit", "parsec"), ("--leads", "X"), ("--leads", ",".join(["I"] * 33))]
OF_DATA = [("--folds", "1-3"), ("--data", "."), ("--dataset", "nope", "--data", "."), ("--on", "file")]
REPORTS = ("--reports", "{file}", "--text", "x")
WRONG = [
    *((command, "{file}", *option) for command in ("read", "measure", "report") for option in TOLD),
    *(("draw", "{file}", "x.svg", *option) for option in (("--layout", ""), ("--speed", "nan"), ("--gain", "0"))),
    *((*fill, *option) for fill in FILLS[:1] for option in (*TOLD[:2], *OF_DATA, ("--within", "3"))),
    *(
        (*fill, *REPORTS, *option)
        for fill in FILLS
        for option in (("--on", "name"), ("--on", "file", "--within", "-1"))
    ),
    ("archive", "calibrate", "{a}", "--folds", "9"),
    ("data", "check", "nope", "."),
    ("data", "info", "nope"),
    ("data", "prepare", "ptb-xl", ".", "c", "--workers", "0"),
    ("data", "prepare", "mimic-iv-ecg", ".", "c", "--age", "none"),
    ("data", "prepare", "ptb-xl", ".", "c", "--rate", "37"),
    ("data", "duplicates", ".", "--threshold", "7"),
    ("data", "texts", ".", "x.jsonl", "--limit", "0"),
    ("data", "texts", ".", "x.jsonl", "--text", "none"),
    ("bundle", "x.zip", "--python", "2.7"),
    ("convert", "{file}", "x.csv", "--format", "bmp"),
    ("statements", "parse", "x", "--unparsed", "-1"),
]


@pytest.mark.parametrize("words", WRONG, ids=" ".join)
def test_wrong_usage(run, tmp_path, monkeypatch, words) -> None:
    monkeypatch.chdir(tmp_path)
    words = [word.format(file=demo_file(), a=tmp_path / "a") for word in words]
    said = run(*words, "--json")
    assert said.code == 2 and said.json["error"]["kind"] == "usage" and said.err == ""
    said = run(*words)
    assert said.code == 2 and said.out == "" and said.err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def signals():
    """Whatever a run does to signals is undone."""
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def interrupt(*words: object, **said: object) -> None:
    raise KeyboardInterrupt


def test_an_interruption_is_told(run, tmp_path, monkeypatch, signals) -> None:
    monkeypatch.setattr(archives, "open_model", interrupt)
    said = run("archive", "add", tmp_path, demo_file(), "--json")
    assert said.code == 130 and said.err == "" and said.json["error"]["kind"] == "interrupted"
    assert json.loads(said.out)["error"]["mend"]
    said = run("archive", "add", tmp_path, demo_file())
    assert said.code == 130 and said.out == "" and said.err.startswith("Error: Interrupted. What was complete")


def test_an_interruption_of_a_question_is_one(run, tmp_path, monkeypatch, signals) -> None:
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr(data.typer, "confirm", lambda *words, **said: (_ for _ in ()).throw(data.typer.Abort))
    said = run("data", "download", "ptb-xl", tmp_path / "d", "--only", "RECORDS", "--json")
    assert said.code == 130 and said.json["error"]["kind"] == "interrupted"


def test_a_lead_that_is_named_twice_is_wrong_usage(run) -> None:
    said = run("read", "nothing", "--rate", 500, "--unit", "uV", "--leads", "I,II,I")
    assert said.code == 2 and "Lead I is named twice." in said.err
