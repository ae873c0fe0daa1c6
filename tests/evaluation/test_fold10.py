from __future__ import annotations

from datetime import date

import pytest

from einthoven.ecg import FileError
from einthoven.evaluation.fold10 import log_fold10


def test_each_use_is_one_line(tmp_path):
    log = tmp_path / "fold10.log"
    log_fold10(log, "evaluate retrieval, a\nmodel 123", "the paper's\n  table 2")
    log_fold10(log, "evaluate retrieval", " ")
    first, second = log.read_text().splitlines()
    assert first.startswith(date.today().isoformat())
    assert first.endswith("  evaluate retrieval, a model 123  the paper's table 2")
    assert second.endswith("  no reason given")
    assert len(first.split("  ")) == len(second.split("  ")) == 4


def test_by_default_it_lies_in_docs_where_there_are_docs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    log_fold10(None, "one", "")
    assert (tmp_path / "fold10.log").is_file()
    (tmp_path / "docs").mkdir()
    log_fold10(None, "two", "")
    assert "two" in (tmp_path / "docs" / "fold10.log").read_text()


def test_a_log_that_cannot_be_written_stops_it(tmp_path):
    with pytest.raises(FileError) as caught:
        log_fold10(tmp_path / "nowhere" / "log", "one", "")
    assert "--log" in caught.value.mend
