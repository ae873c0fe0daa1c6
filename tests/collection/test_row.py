from datetime import datetime, timedelta, timezone
from itertools import count

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from einthoven.collection import Collection, Row, quoted
from einthoven.ecg import ECG, LEADS, CollectionError, Notice, Patient, Statement

words = st.text(st.characters(blacklist_categories=["Cs"]), max_size=12)
numbers = count()


def with_gaps(signal, missing, gap):
    signal = signal.copy()
    signal[list(missing)] = np.nan
    signal[:, gap] = np.nan
    return signal


signals = st.builds(
    with_gaps,
    arrays(np.float32, (12, 7), elements=st.floats(-40, 40, width=32)),
    st.sets(st.integers(0, 11), max_size=11),
    st.builds(slice, st.integers(0, 5), st.integers(0, 6)),
)
ecgs = st.builds(
    ECG,
    signal=signals,
    rate=st.sampled_from([100.0, 257.0, 500.0]),
    leads=st.permutations(LEADS),
    calibrated=st.booleans(),
    patient=st.builds(
        Patient, st.none() | words, st.none() | st.floats(0, 120, width=32), st.sampled_from([None, "male"])
    ),
    time=st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1)),
    statements=st.lists(
        st.builds(Statement, words, st.none() | words, st.none() | words, st.none() | st.just(35.0)),
        max_size=3,
    ),
    notices=st.lists(st.builds(Notice, st.just("note"), words), max_size=2, unique=True),
    format=st.sampled_from(["wfdb", "dicom"]),
)


@pytest.fixture(scope="module")
def table(tmp_path_factory):
    return Collection.create(tmp_path_factory.mktemp("round") / "trip")


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(ecg=ecgs, text=st.none() | words, fold=st.none() | st.integers(1, 10))
def test_ecg_to_row_to_table_to_ecg(table, ecg, text, fold):
    row = Row.from_ecg(ecg, record=f"r'{next(numbers)}", source="s", text=text, fold=fold)
    table.append([row])
    [stored] = table.rows(where=f"record = {quoted(row.record)}")
    assert stored == row
    back = stored.ecg()
    np.testing.assert_array_equal(np.isnan(back.signal), np.isnan(ecg.signal))
    error = np.nan_to_num(np.abs(back.signal - ecg.signal)).max()
    assert error <= (0.501 * row.scale)
    if ecg.calibrated and np.nanmax(np.abs(ecg.signal)) <= 32.767:
        assert row.scale == 0.001 and back.sha256 == ecg.sha256
    for name in (
        "rate",
        "calibrated",
        "patient",
        "time",
        "statements",
        "format",
        "derived",
        "missing",
        "notices",
    ):
        assert getattr(back, name) == getattr(ecg, name), name


def test_derived_leads_keep_their_name():
    ecg = ECG(np.random.default_rng(0).normal(size=(2, 50)), 100, leads=["I", "II"])
    back = Row.from_ecg(ecg, "r", "s").ecg()
    assert back.derived == ecg.derived == ("III", "aVR", "aVL", "aVF")
    assert back.notices == ecg.notices


def test_the_wall_clock_is_kept():
    zone = timezone(timedelta(hours=2))
    ecg = ECG(np.ones((12, 5)), 100, time=datetime(2020, 5, 1, 9, 30, tzinfo=zone))
    assert Row.from_ecg(ecg, "r", "s").time == datetime(2020, 5, 1, 9, 30)


def test_without_its_signal():
    row = Row.from_ecg(ECG(np.ones((12, 5)), 100), "r", "s", keep_signal=False)
    assert row.samples == 5 and row.signal is None
    with pytest.raises(CollectionError, match="no signal"):
        row.ecg()


@pytest.mark.parametrize("wrong", [{"record": ""}, {"signal": b"\0" * 24}, {"signal": b"\0" * 24, "scale": 0.001}])
def test_refuses_rows_that_contradict_themselves(wrong):
    with pytest.raises(CollectionError):
        Row(**({"record": "r", "source": "s", "sha256": "0", "rate": 100.0, "samples": 5} | wrong))
