from __future__ import annotations

import numpy as np
import pytest

from einthoven.collection import Collection
from einthoven.datasets import PTBXL, open_dataset
from einthoven.datasets.prepare import prepare
from einthoven.datasets.reading import GENEROUS, unreadable
from einthoven.datasets.table1 import summaries, table1
from einthoven.ecg import UsageError
from einthoven.ingest import Guard


@pytest.fixture(scope="module")
def guard():
    with Guard(GENEROUS, 1) as one:
        yield one


@pytest.fixture
def source(tiny_ptbxl, make_ecg):
    for n in range(9):
        tiny_ptbxl.add(make_ecg(n), strat_fold=str(1 + n), age="" if n == 3 else "60", report="" if n == 4 else "ok")
    return PTBXL(tiny_ptbxl.write())


def test_rows_are_those_of_a_plain_loop(guard, source, tmp_path):
    found = prepare("ptb-xl", source, tmp_path / "out", guard, {"rate": None}, commit_every=4)
    assert (found.recordings, found.added, found.without_age_or_sex, found.without_text) == (9, 9, 1, 1)
    assert list(Collection.open(tmp_path / "out").rows()) == list(source.rows())


def test_a_stopped_run_goes_on_where_it_was(guard, source, tmp_path):
    seen = []

    def stop(done: int, every: int) -> None:
        seen.append((done, every))
        if done == 6:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        prepare("ptb-xl", source, tmp_path / "out", guard, {}, stop, commit_every=4)
    assert len(Collection.open(tmp_path / "out")) == 4
    found = prepare("ptb-xl", source, tmp_path / "out", guard, {}, commit_every=4)
    assert (found.there_before, found.added) == (4, 5)
    assert list(Collection.open(tmp_path / "out").rows()) == list(source.rows())
    again = prepare("ptb-xl", source, tmp_path / "out", guard, {})
    assert (again.there_before, again.added) == (9, 0)


def test_what_cannot_be_read_is_named_and_the_rest_goes_in(guard, source, tiny_ptbxl, tmp_path):
    (tiny_ptbxl.folder / "records100/00000/00002_lr.dat").write_bytes(b"short")
    assert list(unreadable(source, guard)) == ["ptb-xl/00002"]
    found = prepare("ptb-xl", source, tmp_path / "out", guard, {}, folds=range(1, 5))
    assert (found.added, list(found.refused)) == (3, ["ptb-xl/00002"])


def test_another_way_to_open_it_is_refused(guard, source, tmp_path):
    prepare("ptb-xl", source, tmp_path / "out", guard, {"rate": 100}, folds=[1])
    with pytest.raises(UsageError, match="rate 100, not rate 500"):
        prepare("ptb-xl", source, tmp_path / "out", guard, {"rate": 500})


def test_table_1_is_counted(guard, source, tiny_mimic, make_ecg, tmp_path):
    tiny_mimic.add(10, 11, make_ecg(1), {0: "Sinus rhythm"}, (800, 1, 2, 3, 4, 5, 6, 7, 8))
    prepare("ptb-xl", source, tmp_path / "out", guard, {})
    prepare("mimic-iv-ecg", open_dataset("mimic-iv-ecg", tiny_mimic.write()), tmp_path / "out", guard, {})
    first, second = summaries(Collection.open(tmp_path / "out"))
    assert (first.records, first.training, first.patients, first.with_age, first.with_text) == (9, 8, 9, 8, 8)
    assert (second.source, second.with_age, second.with_sex, second.with_statements) == ("mimic-iv-ecg", 0, 0, 1)
    header, lines = table1([first, second])
    assert header[3] == "# of Training Samples"
    assert lines[0] == ("PTB-XL", "10 seconds", "100 Hz", "8", "demographics, SCP statements, reports")
    assert lines[1][4] == "text statements, reports"


def test_the_real_one_is_the_same_as_a_plain_loop(guard, real_data, tmp_path):
    source = open_dataset("challenge-2021", real_data / "cinc2021")
    found = prepare("challenge-2021", source, tmp_path / "out", guard, {})
    assert (found.added, found.refused) == (134, {})
    some = list(source.recordings)[::20]
    for recording in some:
        (row,) = Collection.open(tmp_path / "out").rows(where=f"record = '{recording.record}'")
        assert row == source.row(recording)
        assert np.isfinite(row.ecg().signal).any()
