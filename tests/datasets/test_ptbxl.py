from __future__ import annotations

from datetime import datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from einthoven.collection import Row
from einthoven.datasets import PTBXL, open_dataset, open_ptbxl
from einthoven.ecg import LEADS, DataError, Statement, UsageError

COPIES = ((100, "lr"), (500, "hr"))


@pytest.mark.parametrize("rate", [100, 500])
def test_a_row_has_what_table_and_files_say(tiny_ptbxl, make_ecg, rate):
    ecg = make_ecg(0)
    tiny_ptbxl.add(ecg)
    source = PTBXL(tiny_ptbxl.write(), rate)
    (row,) = source.rows()
    assert (row.record, row.patient, row.source, row.fold) == ("ptb-xl/00001", "ptb-xl/1", "ptb-xl", 3)
    assert (row.age, row.sex, row.time) == (56.0, "female", datetime(1984, 11, 9, 9, 17, 34))
    assert row.text == "ein Befund, mit Komma"
    assert row.statements == (
        Statement(code="NORM", system="SCP", likelihood=100.0),
        Statement(code="SR", system="SCP", likelihood=None),  # 0 means that the likelihood is not known
    )
    read = row.ecg()
    assert (read.rate, read.samples, read.leads, read.calibrated) == (rate, 10 * rate, LEADS, True)
    assert np.abs(read.signal[:, :: rate // 100] - ecg.signal).max() < 0.0006
    assert source.entries[0].device == "CS-12   E"


def test_missing_signals_are_counted_and_passed_over(tiny_ptbxl, make_ecg):
    for n in range(5):
        tiny_ptbxl.add(make_ecg(n) if n != 1 else None, strat_fold=str(1 + n % 2))
    source = PTBXL(tiny_ptbxl.write())
    (tiny_ptbxl.folder / "records100/00000/00004_lr.dat").unlink()
    assert [entry.ecg_id for entry in source.present()] == [1, 3, 5]
    assert [row.record for row in source.rows([1])] == ["ptb-xl/00001", "ptb-xl/00003", "ptb-xl/00005"]
    assert (source.absent(), source.absent([1]), source.absent([2])) == (2, 0, 2)
    with pytest.raises(DataError, match="folds 2, 7") as caught:
        source.present([2, 7])
    assert "records100/" in caught.value.mend
    assert PTBXL(tiny_ptbxl.folder, 500).absent() == 1


def test_rows_without_signals_keep_the_hash(tiny_ptbxl, make_ecg):
    tiny_ptbxl.add(make_ecg(0))
    source = PTBXL(tiny_ptbxl.write())
    (with_signal,), (without,) = source.rows(), source.rows(keep_signal=False)
    assert (without.signal, without.sha256) == (None, with_signal.sha256)


@pytest.mark.parametrize(
    ("age", "expected", "noticed"), [("300.0", 90.0, True), ("89.0", 89.0, False), ("", None, False), ("0", 0.0, False)]
)
def test_hidden_and_unknown_ages(tiny_ptbxl, make_ecg, age, expected, noticed):
    tiny_ptbxl.add(make_ecg(0), age=age)
    (row,) = PTBXL(tiny_ptbxl.write()).rows()
    assert row.age == expected
    assert any(notice.startswith("age-capped") for notice in row.notices) == noticed


@pytest.mark.parametrize(("sex", "expected"), [("0", "male"), ("1", "female"), ("", None), ("2", None)])
def test_sex(tiny_ptbxl, sex, expected):
    tiny_ptbxl.add(sex=sex)
    assert PTBXL(tiny_ptbxl.write()).entries[0].sex == expected


def test_other_fields_may_be_empty(tiny_ptbxl, make_ecg):
    tiny_ptbxl.add(make_ecg(0), recording_date="", device="", report="", scp_codes="{}")
    (row,) = PTBXL(tiny_ptbxl.write()).rows()
    assert (row.time, row.text, row.statements) == (None, "", ())


@pytest.mark.parametrize(
    "change",
    [
        {"ecg_id": "one"},
        {"patient_id": ""},
        {"age": "old"},
        {"age": "-1"},
        {"age": "3000"},
        {"strat_fold": ""},
        {"recording_date": "yesterday"},
        {"scp_codes": "{'NORM': "},
        {"scp_codes": "7"},
        {"scp_codes": ""},
        {"scp_codes": "__import__('os')"},
    ],
)
def test_a_damaged_line_is_named(tiny_ptbxl, change):
    tiny_ptbxl.add()
    tiny_ptbxl.add(**change)
    with pytest.raises(DataError, match="line 3"):
        PTBXL(tiny_ptbxl.write())


def test_a_table_cut_short_is_named(tiny_ptbxl):
    tiny_ptbxl.add()
    table = tiny_ptbxl.write() / "ptbxl_database.csv"
    table.write_bytes(table.read_bytes()[:-120])
    with pytest.raises(DataError, match="line 2"):
        PTBXL(tiny_ptbxl.folder)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=200), header=st.booleans())
def test_no_table_whatever_makes_another_error(tiny_ptbxl, content, header):
    tiny_ptbxl.lines.clear()
    table = tiny_ptbxl.write() / "ptbxl_database.csv"
    table.write_bytes((table.read_bytes() if header else b"") + content)
    try:
        assert isinstance(PTBXL(tiny_ptbxl.folder).entries, tuple)
    except DataError as fault:
        assert fault.mend


def test_a_missing_column_table_folder_rate_or_name(tiny_ptbxl, tmp_path):
    tiny_ptbxl.add()
    tiny_ptbxl.write(header=["ecg_id", "age"])
    with pytest.raises(DataError, match="no column patient_id"):
        PTBXL(tiny_ptbxl.folder)
    with pytest.raises(DataError, match="holds no ptbxl_database"):
        PTBXL(tmp_path / "nowhere")
    with pytest.raises(UsageError, match="250 Hz"):
        PTBXL(tiny_ptbxl.folder, 250)
    with pytest.raises(UsageError, match="'mimic'"):
        open_dataset("mimic", tmp_path)


def test_a_damaged_signal_names_its_record(tiny_ptbxl, make_ecg):
    tiny_ptbxl.add(make_ecg(0))
    tiny_ptbxl.add(make_ecg(1))
    source = open_ptbxl("ptb-xl", tiny_ptbxl.write())
    file = tiny_ptbxl.folder / "records100/00000/00002_lr.dat"
    file.write_bytes(file.read_bytes()[:500])
    rows = source.rows()
    assert next(rows).record == "ptb-xl/00001"
    with pytest.raises(DataError, match="ptb-xl/00002 cannot be read"):
        next(rows)


def test_an_unknown_number_of_rows_is_no_release(tiny_ptbxl):
    tiny_ptbxl.add()
    assert PTBXL(tiny_ptbxl.write()).release == "unknown (1 rows)"


@pytest.fixture(scope="module")
def real_slow(real_ptbxl) -> PTBXL:
    return PTBXL(real_ptbxl, 100)


def test_the_real_table(real_slow):
    source = real_slow
    assert source.release in ("1.0.1", "1.0.3")
    folds: dict[str, set[int]] = {}
    for entry in source.entries:
        folds.setdefault(entry.patient, set()).add(entry.fold)
    assert max(map(len, folds.values())) == 1  # so that splits by fold are splits by patient
    assert set().union(*folds.values()) == set(range(1, 11))
    assert max(entry.age for entry in source.entries if entry.age is not None) == 90


def test_the_real_copies_at_both_rates_agree(real_ptbxl, real_slow):
    slow, fast = real_slow, PTBXL(real_ptbxl, 500)
    first = [entry.ecg_id for entry in slow.entries[:100]]
    both = [n for n in first if all((real_ptbxl / f"records{r}/00000/{n:05d}_{s}.dat").is_file() for r, s in COPIES)]
    chosen = both[:8]
    if not chosen:
        pytest.skip("no record is there at both rates")
    slow_ones, fast_ones = ([one.row(e) for e in one.entries[:100] if e.ecg_id in chosen] for one in (slow, fast))
    for low, high in zip(slow_ones, fast_ones, strict=True):
        for field in ("record", "patient", "statements", "fold", "age", "sex", "time", "text"):
            assert getattr(low, field) == getattr(high, field)
        assert low.sha256 != high.sha256
        own = [correlation(low, other) for other in fast_ones]
        assert fast_ones[int(np.argmax([np.median(one) for one in own]))] is high
        assert np.median(correlation(low, high)) > 0.9
        assert min(correlation(low, high)) > 0.75  # a noisy lead: the slow copy was filtered


def correlation(low: Row, high: Row) -> list[float]:
    """Of each lead at 100 Hz with every fifth sample of the one at 500 Hz."""
    pairs = zip(low.ecg().signal, high.ecg().signal[:, ::5], strict=True)
    return [float(np.corrcoef(a, b)[0, 1]) for a, b in pairs]
