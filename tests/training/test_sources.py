"""Which ECGs of a collection train and which choose."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.collection import Collection, Row
from einthoven.ecg import ECG, LEADS, DataError, Statement, UsageError
from einthoven.models.config import Preparation
from einthoven.testing import simulate
from einthoven.training.data import Data, Lists, Part
from einthoven.training.prepared import prepare_rows
from einthoven.training.sources import drawn, open_source
from einthoven.training.streamed import Streamed

PTBXL, MIMIC = "ptb-xl", "mimic-iv-ecg"
PARTS = (Part(PTBXL), Part(MIMIC, whole=True, ecgs=7, seed=3))


def columns(rows):
    """From (source, patient, fold) to a collection's columns."""
    source, patient, fold = zip(*rows, strict=True)
    return {"source": source, "patient": patient, "fold": np.array(fold), "record": [f"r{n}" for n in range(len(rows))]}


OURS = [(PTBXL, f"p{n // 2}", 1 + n // 2 % 10) for n in range(40)]
THEIRS = [(MIMIC, f"m{n // 3}" if n % 5 else None, -1) for n in range(30)]


def test_folds_train_and_choose_and_the_fold_of_reporting_does_neither():
    found = drawn(columns(OURS), Data(parts=(Part(PTBXL),)))
    folds = np.array([fold for _, _, fold in OURS])
    assert set(folds[found.train]) == set(range(1, 9)) and set(folds[found.choose]) == {9}
    assert len(found.train) == 32 and len(found.choose) == 4


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 40), st.integers(0, 5))
def test_a_draw_takes_people_whole_and_the_seed_decides(most, seed):
    rows = OURS + THEIRS
    data = Data(parts=(Part(PTBXL), Part(MIMIC, whole=True, ecgs=most, seed=seed)))
    found = drawn(columns(rows), data)
    people = [one or f"r{n}" for n, (_, one, _) in enumerate(rows)]
    taken = [place for place in found.train if rows[place][0] == MIMIC]
    assert len(taken) <= most and len(taken) > min(most, 30) - 3  # nobody has more than three
    for place in taken:
        assert {n for n, one in enumerate(people) if one == people[place]} <= set(found.train)
    assert np.array_equal(drawn(columns(rows), data).train, found.train)


def test_nobody_whose_ecgs_choose_is_trained_on():
    rows = [*OURS, (MIMIC, "p8", -1), (MIMIC, "p9", -1), (MIMIC, "m", -1)]  # p8 is of fold 9, p9 of fold 10
    found = drawn(columns(rows), Data(parts=(Part(PTBXL), Part(MIMIC, whole=True))))
    assert [rows[place][1] for place in found.train if rows[place][0] == MIMIC] == ["m"]


def test_the_fold_of_reporting_of_a_whole_part_is_not_trained_on_either_and_is_not_counted_in_a_draw():
    theirs = [(MIMIC, f"m{n}", 1 + n % 10) for n in range(40)]  # MIMIC-IV-ECG is prepared with folds by patient
    for most, expected in ((None, 36), (36, 36), (20, 20)):
        found = drawn(columns(OURS + theirs), Data(parts=(Part(PTBXL), Part(MIMIC, whole=True, ecgs=most))))
        taken = [place - len(OURS) for place in found.train if place >= len(OURS)]
        assert len(taken) == expected and all(theirs[place][2] != 10 for place in taken)


def test_what_is_not_there_is_named():
    with pytest.raises(DataError, match="nothing of mimic") as refusal:
        drawn(columns(OURS), Data(parts=PARTS))
    assert "data prepare" in refusal.value.mend
    with pytest.raises(DataError, match="0 to choose"):
        drawn(columns(THEIRS), Data(parts=(Part(MIMIC),)))
    for parts in ((Part(PTBXL), Part(PTBXL)), (Part(MIMIC, whole=True),)):
        with pytest.raises(UsageError):
            Data(parts=parts)


def test_rows_come_out_of_a_collection(tmp_path):
    base = Row.from_ecg(simulate(70, rate=100, seed=1), "x", PTBXL)
    said = (Statement(code="NORM", system="SCP"),)
    rows = [
        replace(base, record=f"r{n}", source=source, patient=patient, fold=None if fold < 0 else fold, statements=said)
        for n, (source, patient, fold) in enumerate(OURS + THEIRS)
    ]
    Collection.create(tmp_path / "c").append(rows)
    source = open_source(Data(parts=PARTS), tmp_path / "c")
    train, choose = list(source.train()), list(source.choose())
    assert len(train) == source.count() <= 39 and {row.fold for row in choose} == {9}
    assert {row.source for row in train} == {PTBXL, MIMIC} and train[0].signal is not None
    assert "mimic-iv-ecg" in source.release
    with pytest.raises(UsageError, match="streamed"):
        Data(stream=True)


def test_the_lists_of_a_split_train_and_choose(made_up_ptbxl, tmp_path):
    (tmp_path / "ptbxl").mkdir()
    parts = {"train": [1, 15, 24], "valid": [2, 14], "test": [3]}  # 13 to 24 are of fold 9
    for part, numbers in parts.items():
        lines = "".join(f"{at}\t{number}\n" for at, number in enumerate(numbers))
        (tmp_path / "ptbxl" / f"{part}_ecgs.tsv").write_text(lines)
    data = Data(train=(), choose=(), split=Lists("ecg-qa", str(tmp_path)))
    source = open_source(data, made_up_ptbxl)
    assert [row.record for row in source.train()] == [f"ptb-xl/{n:05d}" for n in parts["train"]] and source.count() == 3
    assert [row.record for row in source.choose()] == [f"ptb-xl/{n:05d}" for n in parts["valid"]]
    assert source.signals([], Preparation()) is None
    with pytest.raises(DataError, match="ECG-QA"):
        open_source(replace(data, split=Lists("ecg-qa", str(made_up_ptbxl))), made_up_ptbxl)


def test_streamed_signals_are_those_in_memory(tmp_path, monkeypatch):
    """Of ECGs with gaps, without a lead, and of unknown gain."""
    said, rng = (Statement(code="NORM", system="SCP"),), np.random.default_rng(0)
    rows = []
    for n in range(14):
        ecg = simulate(60 + 2 * n, rate=250, seed=n)
        signal = ecg.signal.copy()
        signal[:, 100 : 100 + 10 * n] = np.nan
        signal[n % 12] = np.nan
        ecg = ECG(signal, 250, LEADS, calibrated=n % 5 > 0)
        row = Row.from_ecg(ecg, f"r{n}", PTBXL, text="seen", fold=9 if n % 4 == 0 else 1)
        rows.append(replace(row, statements=said, age=float(rng.integers(20, 90)), sex="male"))
    Collection.create(tmp_path / "c").append(rows)
    data, how = Data(parts=(Part(PTBXL),)), Preparation(normalise="record", seconds=8)
    held, read = (open_source(one, tmp_path / "c") for one in (data, replace(data, stream=True)))
    whole = prepare_rows(held.train(), ("NORM",), how)
    later = prepare_rows(read.train(), ("NORM",), how, signals=read.signals)
    assert (
        later.sha256 == whole.sha256 and later.records == whole.records and isinstance(later.examples.signal, Streamed)
    )
    assert len(later.examples) == len(whole.examples) == 10
    for some in (np.array([7, 0, 3, 3]), slice(None, None, 3), slice(4, 6)):
        np.testing.assert_array_equal(later.examples.signal[some], whole.examples.signal[some])

    signal, reads = later.examples.signal, []
    units = Collection.units
    monkeypatch.setattr(
        Collection, "units", lambda self, places: (reads.append(threading.get_ident()), units(self, places))[1]
    )
    batches = [np.array([7, 0, 3]), np.array([1, 2, 9]), np.array([4, 8, 5])]
    signal.expect(batches)
    for rows in (batches[0], batches[0], batches[1][:1], batches[1][1:], batches[2]):
        np.testing.assert_array_equal(signal[rows], whole.examples.signal[rows])
    assert len(reads) == 3 and threading.get_ident() not in reads, "each batch once, by other threads"
    signal.expect(batches)
    for rows in (batches[1], batches[0], batches[0]):  # not as it was told
        np.testing.assert_array_equal(signal[rows], whole.examples.signal[rows])
    assert threading.get_ident() in reads
    signal.expect([np.array([0]), np.array([99])])
    np.testing.assert_array_equal(signal[np.array([0])], whole.examples.signal[:1])
    with pytest.raises(IndexError):
        signal[np.array([99])]
