"""Settings of a Cardio Query AssistantSettings."""

from __future__ import annotations

from pathlib import Path

import pytest

from einthoven.ecg import FileError, UsageError
from einthoven.llm import RemoteError
from einthoven.llm.config import AssistantSettings, ModelAt, Source, read_assistant

PAPER = Path(__file__).parents[2] / "configs" / "cqa_paper.yaml"


def test_the_papers_settings() -> None:
    pytest.importorskip("yaml")
    paper = read_assistant(PAPER)
    assert [(one.author, one.year, one.file) for one in paper.sources] == [("Huff", 2006, None), ("Garcia", 2015, None)]
    assert paper.embedding is not None and paper.embedding.model == "text-embedding-ada-002"
    assert paper.chat is not None and paper.chat.model == "gpt-3.5-turbo"
    assert paper.k == 2
    assert paper.question("a {odd} one") == "How is a {odd} one reflected in 12-lead ECG?"
    with pytest.raises(UsageError, match=r"ECG Workout.*Art of Interpretation"):
        paper.files(PAPER.parent)
    with pytest.raises(RemoteError):
        paper.chat.open()


def test_sources_are_found_beside_the_settings(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert AssistantSettings((Source("A", file="a.pdf"),)).files(tmp_path) == (tmp_path / "a.pdf",)
    with pytest.raises(FileError, match=r"b\.pdf"):
        AssistantSettings((Source("B", file="b.pdf"),)).files(tmp_path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("k: 2", "sources"),
        ("sources: []", "no source"),
        ("sources: [{title: A}]\nk: 0", "k = 0"),
        ("sources: [{title: A}]\nk: true", "k is a whole number"),
        ("sources: [{title: A}]\nk: two", "k is a whole number"),
        ("sources: [{titel: A}]", r"sources\[0\].titel"),
        ("sources: [{author: A}]", r"sources\[0\].title is lacking"),
        ("sources: [A]", r"sources\[0\] is no table"),
        ("sources: [{title: A}]\nchat: {url: 3}", r"chat\.url"),
        ("sources: [{title: A}]\nchat: x", "chat is no table"),
        ("sources: [{title: A}]\nallow_remote: true", "Unknown setting allow_remote"),
        ("sources: [{title: A}]\nprompt: What is it?", "prompt"),
        ("[", "not YAML"),
        ("!!python/object/apply:os.getcwd []", "not YAML"),
        ("", "no table"),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(tmp_path: Path, text, words) -> None:
    pytest.importorskip("yaml")
    path = tmp_path / "own.yaml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=words):
        read_assistant(path)


def test_a_model_is_an_address_or_a_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="not named"):
        ModelAt("http://localhost:11434").open()
    with pytest.raises(UsageError, match="neither"):
        ModelAt("some-model").open()
    with pytest.raises(FileError):
        ModelAt(str(tmp_path / "x.gguf")).open()
    assert ModelAt("http://localhost:11434", "m").open().name == "m at http://localhost:11434"
