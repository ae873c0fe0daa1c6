"""Rows of a data set as training holds them."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.collection import Row
from einthoven.datasets import PTBXL
from einthoven.ecg import Statement
from einthoven.models import Preparation, prepare
from einthoven.statements import VOCABULARY
from einthoven.testing import simulate
from einthoven.training.plan import TrainingError
from einthoven.training.prepared import prepare_rows

CODES = VOCABULARY.codes()


def row(number, codes, seconds=10.0):
    ecg = simulate(50 + number, rate=100, seconds=seconds, seed=number)
    return Row.from_ecg(
        ecg.described(statements=[Statement(code=code, system="SCP") for code in codes]), f"r{number}", "test"
    )


def test_prepared_rows_are_what_the_model_prepares(made_up_ptbxl):
    how = Preparation()
    rows = list(PTBXL(made_up_ptbxl).rows([9]))
    found = prepare_rows(rows, CODES, how)
    assert found.records == tuple(f"ptb-xl/{number:05d}" for number in range(13, 25))
    expected = prepare([one.ecg() for one in rows], how).signal
    np.testing.assert_allclose(found.examples.signal, expected, atol=0.01)
    assert found.examples.signal.dtype == np.float16 and found.examples.rate == 100
    for target, one in zip(found.examples.target, rows, strict=True):
        assert {CODES[code] for code in np.flatnonzero(target)} == {s.code for s in one.statements}


def test_the_first_window_of_each_and_none_without_a_code():
    rows = [row(1, ["NORM"], 25), row(2, []), row(3, ["XYZ"]), row(4, ["XYZ", "IMI"])]
    found = prepare_rows(rows, CODES, Preparation())
    assert found.records == ("r1", "r4")
    assert found.examples.signal.shape == (2, 12, 1000)
    first = prepare([rows[0].ecg()], Preparation()).signal[0]
    np.testing.assert_allclose(found.examples.signal[0], first, atol=0.01)
    assert found.examples.target.sum(1).tolist() == [1, 1]


def test_the_hash_follows_signals_and_statements():
    def digest(*rows):
        return prepare_rows(rows, CODES, Preparation()).sha256

    base = digest(row(1, ["NORM"]), row(2, ["IMI"]))
    assert base == digest(row(1, ["NORM"]), row(2, ["IMI"]))
    assert len({base, digest(row(1, ["IMI"]), row(2, ["IMI"])), digest(row(1, ["NORM"]), row(3, ["IMI"]))}) == 3


def test_data_that_teach_nothing_are_refused():
    with pytest.raises(TrainingError, match="No training ECG"):
        prepare_rows([row(1, ["XYZ"])], CODES, Preparation())
