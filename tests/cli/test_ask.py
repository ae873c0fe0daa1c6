"""`einthoven ask`: answers, refusals, and what is not understood."""

from __future__ import annotations

import pytest

from einthoven.cli.demo import demo_file
from einthoven.testing import simulate


@pytest.fixture(scope="module")
def ecg():
    return demo_file()


def test_an_answer_with_evidence_and_disclaimer(run, ecg):
    said = run("ask", ecg, "What is the heart rate?")
    assert said.code == 0 and "bpm" in said.out and "evidence" in said.out and "Research use only" in said.out
    said = run("ask", ecg, "Liegt Vorhofflimmern vor?", "--options", "yes,no", "--json")
    assert said.code == 0 and said.json["outcome"] in ("answer", "not sure")
    assert set(said.json["answers"]) <= {"yes", "no"} and said.json["evidence"][0]["records"]


def test_what_is_not_understood_is_said_so(run, ecg):
    for question in ("Y a-t-il une fibrillation auriculaire ?", "Is the patient rich?\x1b[2J"):
        said = run("ask", ecg, question, "--json")
        assert said.code == 0 and said.json["outcome"] == "not understood" and said.json["reasons"]
        assert "\x1b" not in run("ask", ecg, question).out


def test_the_order_of_compare_is_understood_too(run, write_wfdb):
    slow, fast = (write_wfdb(simulate(heart_rate=rate, rate=250, seed=rate), name=f"at{rate}") for rate in (72, 125))
    told = [
        run("ask", *words, "--json").json
        for words in (
            (slow, "Has sinus tachycardia appeared?", "--with", fast),
            (fast, "Has sinus tachycardia appeared?", "--earlier", slow),
        )
    ]
    assert told[0] == told[1] and told[0]["evidence"][0]["text"].startswith("first ECG")
    assert run("ask", slow, "What has changed?", "--with", fast, "--earlier", fast).code == 2


def test_what_does_not_fit_is_refused(run, ecg, tmp_path):
    (tmp_path / "m.yaml").write_text("url: https://llm.example.org/v1\nmodel: m\n")
    for words, kind in (
        (("Is there atrial fibrillation?", "--options", "red,blue"), "usage"),
        (("Is there atrial fibrillation?", "--options", ","), "usage"),
        (("What has changed?",), "usage"),
        (("Is there atrial fibrillation?", "--with", ecg), "usage"),
        (("Is there atrial fibrillation?", "--prompts", tmp_path / "m.yaml"), "usage"),
        (("Is there atrial fibrillation?", "--llm", "http://llm.example.org/v1", "--llm-model", "m"), "remote"),
        (("Is there atrial fibrillation?", "--llm", tmp_path / "m.yaml"), "remote"),
        (("Is there atrial fibrillation?", "--llm", tmp_path / "none.gguf"), "file"),
        (("What is the heart rate?", "--options", "60,70"), "usage"),
    ):
        said = run("ask", ecg, *words, "--json")
        assert said.code in (1, 2) and said.json["error"]["kind"] == kind and said.json["error"]["mend"], words


def test_the_configurations_of_language_models_are_read(monkeypatch):
    from pathlib import Path

    from einthoven.llm.config import read_model

    folder = Path(__file__).parents[2] / "configs" / "llm"
    models = {path.stem: read_model(path) for path in folder.glob("*.yaml")}
    assert set(models) == {"gpt-4o-mini", "gemini-1.5-flash", "llama3-70b", "local"}
    assert all(one.model for name, one in models.items() if name != "local")
