"""Nothing is repaired in silence, and a notice's kind tells that something was."""

from __future__ import annotations

import re
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest

import einthoven
from einthoven.ecg import LEADS, Notice, TruncatedError
from einthoven.formats import is_repair, read
from einthoven.formats.heart_size import is_microvolt, swing
from einthoven.formats.lead_order import in_usual_order
from einthoven.formats.repairs import REPAIRS
from einthoven.quality import assess
from einthoven.testing import simulate


def repairs(ecg):
    return [notice for notice in ecg.notices if is_repair(notice)]


def test_every_kind_of_repair_is_one_that_is_made() -> None:
    files = [path for path in Path(einthoven.__file__).parent.rglob("*.py") if path.name != "repairs.py"]
    made = set(re.findall(r'Notice\(\s*"([a-z-]+)"', "\n".join(path.read_text() for path in files)))
    assert made >= REPAIRS
    assert not is_repair(Notice("missing-leads", "")) and not is_repair(Notice("checksum", ""))


def test_a_whole_record_needs_none(write_record) -> None:
    assert not repairs(read(write_record()))


def test_marks_for_no_sample_become_gaps_that_are_named(write_record, heart) -> None:
    raw = heart()
    raw[100:150, 6] = raw[300, 7] = raw[301, 7] = -32768
    raw[:, 8] = -32768
    gaps, empty = sorted(repairs(read(write_record(raw=raw))), key=lambda notice: notice.kind, reverse=True)
    assert (gaps.kind, empty.kind) == ("invalid-samples", "empty-lead")
    assert gaps.text == "Samples without a value (gaps) in V1: 50 samples at 0.2 s; V2: 2 samples at 0.6 s."
    assert "V3" in empty.text


def test_a_record_shorter_than_its_header_says_what_is_there(write_record, heart) -> None:
    path = write_record(raw=heart(900), record="r 12 500 1000")
    with pytest.raises(TruncatedError, match="holds 900 of the 1000 samples") as refused:
        read(path)
    assert "write 900 as the length" in refused.value.mend
    path.write_text(path.read_text().replace("r 12 500 1000", "r 12 500 900", 1))
    assert read(path).samples == 900


def test_longer_files_and_other_names(write_record, heart) -> None:
    path = write_record(raw=heart(1000), record="r 12 500 900")
    assert [notice.kind for notice in repairs(read(path))] == ["longer-file"]
    path = write_record("s", record="other 12 500 1000")
    (notice,) = repairs(read(path))
    assert notice.kind == "other-record-name" and "'other'" in notice.text and "'s.hea'" in notice.text


def _microvolt(seconds: int = 10) -> np.ndarray:
    return np.rint(simulate(rate=500, seconds=seconds).signal.T * 1000).astype(int)


def test_a_unit_that_is_left_open_is_settled_where_only_one_is_a_hearts(write_record) -> None:
    raw = _microvolt()
    ecg = read(write_record(raw=raw, gain="1(0)"))
    assert [notice.kind for notice in repairs(ecg)] == ["repaired-unit"]
    assert np.abs(ecg.signal - raw.T / 1000).max() < 1e-6 and "wrong-unit" not in assess(ecg).kinds
    assert not repairs(read(write_record(raw=raw, gain="1000(0)")))  # in mV it is one: header(5)'s own default


def test_a_unit_that_is_stated_is_not_overruled_but_refused_by_quality(write_record) -> None:
    ecg = read(write_record(raw=_microvolt(), gain="1(0)/mV"))
    assert not repairs(ecg) and ecg.calibrated
    assert "wrong-unit" in assess(ecg).kinds


def test_a_hearts_size_tells_microvolt_and_nothing_else() -> None:
    signal = simulate(rate=500, seconds=10, noise=0.01).signal
    assert is_microvolt(signal * 1000, 500)
    assert not any(is_microvolt(signal * factor, 500) for factor in (1e-3, 1, 1e6))
    gap = np.where(np.arange(5000) < 2500, np.nan, signal)
    assert swing(gap, 500) == pytest.approx(swing(signal[:, 2500:], 500))
    assert swing(np.zeros((2, 100)), 500) == 0 and swing(np.full((2, 100), np.nan), 500) == 0


def test_no_other_order_of_the_limb_leads_is_taken_for_the_usual_one() -> None:
    signal = simulate(rate=250, seconds=4, noise=0.01, axis=40).signal
    rest = list(range(6, 12))
    passed = [order for order in permutations(range(6)) if in_usual_order(signal[[*order, *rest]])]
    assert passed == [tuple(range(6))]
    assert not in_usual_order(signal[::-1]) and not in_usual_order(signal[:6])
    for nothing in (np.zeros((12, 500)), np.full((12, 500), np.nan), np.full((12, 500), 1e30)):
        assert not in_usual_order(nothing)
    assert len(LEADS) == len(signal)


def test_real_records_are_in_the_usual_order(real_ptbxl) -> None:
    paths = sorted((real_ptbxl / "records100").rglob("*.hea"))[:40]
    assert paths and all(in_usual_order(read(path).signal) for path in paths)
