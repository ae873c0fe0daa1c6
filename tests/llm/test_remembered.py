"""Kept answers: nothing is asked twice, failures of the model stay failures, and files are guarded."""

from __future__ import annotations

import sqlite3
import stat
from pathlib import Path

import pytest

from einthoven.ecg import FileError
from einthoven.llm import Answer, AnswerError, EndpointError, Message, Remembered

ASKED = [Message("system", "Be short."), Message("user", "Ist das Vorhofflimmern? ❤")]


class Counting:
    """Answers with the number of the question, or fails as it is told to."""

    def __init__(self, name: str = "m", fault: Exception | None = None) -> None:
        self.name, self.fault, self.asked = name, fault, 0

    def complete(self, messages, schema=None, max_tokens=512, temperature=0, seed=None) -> Answer:
        self.asked += 1
        if self.fault is not None:
            raise self.fault
        return Answer(f"answer {self.asked}", {"n": [self.asked]} if schema else None, 3, None, self.name, "stop")


def test_an_answer_is_asked_for_once_even_by_another_process(tmp_path: Path) -> None:
    path, chat = tmp_path / "new" / "kept.sqlite", Counting()
    first = Remembered(chat, path).complete(ASKED, {"type": "object"}, temperature=1.0)
    again = Remembered(chat, path).complete(ASKED, {"type": "object"}, temperature=1.0)
    assert first == again == Answer("answer 1", {"n": [1]}, 3, None, "m", "stop") and chat.asked == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_anything_else_in_the_question_is_another_question(tmp_path: Path) -> None:
    chat = Counting()
    one = Remembered(chat, tmp_path / "kept")
    settings: list[dict] = [{}, {"schema": {"type": "object"}}, {"max_tokens": 9}, {"temperature": 0.5}, {"seed": 1}]
    for more in settings:
        one.complete(ASKED, **more)
    one.complete(ASKED[::-1])
    one.complete([Message("user", ASKED[1].text)])
    assert chat.asked == len(settings) + 2
    other = Counting("another model")
    assert Remembered(other, tmp_path / "kept").complete(ASKED).model == "another model" and other.asked == 1


def test_an_unreadable_answer_fails_again_and_is_not_drawn_anew(tmp_path: Path) -> None:
    chat = Counting(fault=AnswerError("It was cut.", "Allow more tokens.", text="{'ans", tokens_in=7, tokens_out=2))
    one = Remembered(chat, tmp_path / "kept")
    for _ in range(2):
        with pytest.raises(AnswerError, match="It was cut") as caught:
            one.complete(ASKED)
        fault = caught.value
        assert (fault.mend, fault.text, fault.tokens_in, fault.tokens_out) == ("Allow more tokens.", "{'ans", 7, 2)
    assert chat.asked == 1


def test_an_endpoint_that_was_away_is_asked_again(tmp_path: Path) -> None:
    chat = Counting(fault=EndpointError("It is gone."))
    one = Remembered(chat, tmp_path / "kept")
    with pytest.raises(EndpointError):
        one.complete(ASKED)
    chat.fault = None
    assert one.complete(ASKED).text == "answer 2"


def test_files_that_are_not_ours_or_damaged_are_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("no database, but long enough to be looked at as one" * 20)
    with pytest.raises(FileError, match="cannot be used"):
        Remembered(Counting(), tmp_path / "text")
    with pytest.raises(FileError, match="cannot be made"):
        Remembered(Counting(), tmp_path)
    with sqlite3.connect(tmp_path / "other") as file:
        file.execute("CREATE TABLE theirs (a)")
    with pytest.raises(FileError, match="another program"):
        Remembered(Counting(), tmp_path / "other")
    one = Remembered(Counting(), tmp_path / "kept")
    one.complete(ASKED)
    with sqlite3.connect(tmp_path / "kept") as file:
        file.execute("UPDATE answers SET value = '{\"text\": 1}'")
    with pytest.raises(FileError, match="damaged: what it keeps under "):
        one.complete(ASKED)
