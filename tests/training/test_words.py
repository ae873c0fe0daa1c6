"""The tokenizer of a run: one for all processes, and one for a run that goes on."""

from __future__ import annotations

import pytest

from einthoven.ecg import FileError
from einthoven.models.config import TextTower
from einthoven.models.text_tower import build_tokenizer
from einthoven.training import distributed, words
from einthoven.training.state import FILE as STATE

TOWER = TextTower(tokens=9, vocabulary=60)


def of(*texts):
    return lambda: build_tokenizer(texts, TOWER, marks=True)


def test_a_run_that_goes_on_keeps_its_words_and_one_that_starts_learns_them(tmp_path):
    out = tmp_path / "run"
    first = words.keep_in(out)(of("sinus rhythm"))
    (out / STATE).write_bytes(b"")
    again = words.keep_in(out)(of("quite other letters"))
    assert again.to_str() == first.to_str() and "q" not in again.get_vocab()
    (out / STATE).unlink()
    assert "q" in words.keep_in(out)(of("quite other letters")).get_vocab()


def test_all_but_the_first_process_read_what_it_learned(tmp_path, monkeypatch):
    first = words.keep_in(tmp_path)(of("sinus rhythm"))
    monkeypatch.setattr(words, "first_alone", lambda work, device: None)  # as in the second of two
    assert words.keep_in(tmp_path)(of("quite other letters")).to_str() == first.to_str()
    with pytest.raises(FileError, match="cannot be read") as refusal:
        words.keep_in(tmp_path / "elsewhere")(of("sinus rhythm"))
    assert "all processes see" in refusal.value.mend


def test_the_first_process_alone_learns(tmp_path, monkeypatch):
    monkeypatch.setattr(distributed, "ranks", lambda: 2)
    monkeypatch.setattr(distributed, "rank", lambda: 1)
    monkeypatch.setattr(distributed.distributed, "broadcast", lambda value, source: None)
    (tmp_path / words.FILE).write_text(of("sinus rhythm")().to_str())

    def never():
        raise AssertionError("the second process learned words of its own")

    assert words.keep_in(tmp_path)(never).token_to_id("[CLS]") == 2


def test_a_damaged_file_and_a_full_disk_are_said(tmp_path, monkeypatch):
    (tmp_path / STATE).write_bytes(b"")
    (tmp_path / words.FILE).write_text("{")
    with pytest.raises(FileError, match="damaged"):
        words.keep_in(tmp_path)(of("sinus rhythm"))

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(words, "move", full)
    with pytest.raises(FileError, match="No space left"):
        words.keep_in(tmp_path / "other")(of("sinus rhythm"))
    assert not list((tmp_path / "other").iterdir())
