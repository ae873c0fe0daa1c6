"""Rows of a data set as training holds them."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.collection import Row
from einthoven.datasets import PTBXL
from einthoven.ecg import ECG, LEADS, Statement
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


@pytest.mark.parametrize("normalise", ["fixed", "record", "lead"])
def test_a_lead_that_a_whole_data_set_lacks_is_a_row_of_zeros(normalise):
    said, rows = [Statement(code="NORM", system="SCP")], []
    for n in range(3):
        signal = simulate(60 + n, rate=100, seed=n).signal.copy()
        signal[8] = np.nan
        rows.append(Row.from_ecg(ECG(signal, 100, LEADS).described(statements=said), f"r{n}", "test"))
    found = prepare_rows(rows, CODES, Preparation(normalise=normalise)).examples.signal
    assert np.isfinite(found).all() and not found[:, 8].any()
    assert all(found[:, lead].any() for lead in range(12) if lead != 8)


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
    with pytest.raises(TrainingError, match="No ECG"):
        prepare_rows([row(1, ["XYZ"])], CODES, Preparation())


def likely(number, **codes):
    ecg = simulate(50 + number, rate=100, seed=number)
    said = [Statement(code=code, system="SCP", likelihood=value) for code, value in codes.items()]
    return Row.from_ecg(ecg.described(statements=said), f"r{number}", "test", text=f"report {number}")


def test_likelihoods_as_targets_count_of_one_and_unknown_ones_as_present():
    rows = [likely(1, NORM=80.0, SR=None, XYZ=50.0), likely(2, IMI=15.0), likely(3, NORM=100.0)]
    found = prepare_rows(rows, CODES, Preparation(), targets="likelihood").examples.target
    expected = np.zeros((3, len(CODES)), np.float32)
    for row, codes in enumerate(({"NORM": 0.8, "SR": 1}, {"IMI": 0.15}, {"NORM": 1})):
        for code, share in codes.items():
            expected[row, CODES.index(code)] = share
    np.testing.assert_allclose(found, expected)
    assert set(prepare_rows(rows, CODES, Preparation()).examples.target.ravel()) == {0, 1}


def test_the_likelihoods_of_ptbxl(made_up_ptbxl):
    """Its 0 says that the likelihood is unknown."""
    rows = list(PTBXL(made_up_ptbxl).rows([9]))
    found = prepare_rows(rows, CODES, Preparation(), targets="likelihood").examples.target
    assert (found == prepare_rows(rows, CODES, Preparation()).examples.target).all()


def test_the_hash_follows_likelihoods_where_they_count():
    def digest(likelihood, targets):
        return prepare_rows([likely(1, NORM=likelihood)], CODES, Preparation(), targets=targets).sha256

    assert digest(80.0, "present") == digest(50.0, "present") != digest(80.0, "likelihood")
    assert digest(80.0, "likelihood") != digest(50.0, "likelihood")


def test_each_ecg_keeps_its_report():
    rows = [likely(1, NORM=None), row(2, []), row(3, ["IMI"]), likely(4, SR=None)]
    assert prepare_rows(rows, CODES, Preparation()).examples.reports == ("report 1", "", "report 4")


@pytest.mark.parametrize("normalise", ["record", "lead"])
def test_the_preparation_is_honoured(normalise):
    how = Preparation(normalise=normalise)
    rows = [row(1, ["NORM"]), row(2, ["NORM"])]
    found = prepare_rows(rows, CODES, how).examples.signal.astype(np.float64)
    spread = found.std((1, 2) if normalise == "record" else 2)
    np.testing.assert_allclose(spread, 1, atol=0.1)
    assert not np.allclose(found, prepare_rows(rows, CODES, Preparation()).examples.signal, atol=0.1)
