"""What devices write for "no sample" becomes a gap with a notice, and a voltage stays one."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import LEADS, SignalError
from einthoven.formats import is_repair, read
from einthoven.formats.sentinels import SENTINELS
from einthoven.quality import assess
from einthoven.testing import simulate

HEART = np.rint(simulate(rate=500, seconds=4).signal * 1000).T


def marks(ecg):
    return [notice.text for notice in ecg.notices if notice.kind == "no-sample-value"]


@pytest.fixture
def write(tmp_path):
    """Writes samples (time, leads) in microvolt as a file of that suffix."""

    def make(rows, suffix=".csv", unit="uV"):
        path = tmp_path / f"x{suffix}"
        if suffix == ".npz":
            np.savez(path, signal=rows.T, rate=500, unit=unit, leads=list(LEADS))
        else:
            mark = "\t" if suffix == ".tsv" else ","
            head = f"rate: 500\n# unit: {unit}\n# leads: {','.join(LEADS)}"
            np.savetxt(path, rows, "%.6g", mark, header=head)
        return path

    return make


@pytest.mark.parametrize("sentinel", SENTINELS)
@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".npz"])
def test_in_tables_and_arrays(write, suffix, sentinel) -> None:
    rows = HEART.copy()
    rows[:, 6] = rows[700:760, 7] = sentinel
    ecg = read(write(rows, suffix))
    assert ecg.missing == ("V1",)
    assert np.array_equal(np.isnan(ecg.lead("V2")), (np.arange(2000) >= 700) & (np.arange(2000) < 760))
    (said,) = marks(ecg)
    assert f"V1 (2000 of {sentinel}); V2 (60 of {sentinel})" in said
    kept = [row for row, lead in enumerate(LEADS) if lead not in {"V1", "V2"}]
    np.testing.assert_allclose(ecg.signal[kept], HEART.T[kept] / 1000, atol=1e-6)


def test_in_millivolt_as_the_number_or_as_its_microvolts(write) -> None:
    rows = HEART / 1000
    rows[10:20, 6], rows[10:20, 7] = 29999, 32.767
    ecg = read(write(rows, unit="mV"))
    assert "V1 (10 of 29999); V2 (10 of 32767)" in marks(ecg)[0]
    assert np.count_nonzero(np.isnan(ecg.signal)) == 20


@pytest.mark.parametrize("sentinel", SENTINELS)
def test_in_wfdb(write_record, heart, sentinel) -> None:
    raw = heart()
    raw[:, 6] = raw[100:150, 7] = sentinel
    ecg = read(write_record(raw=raw))
    assert ecg.missing == ("V1",) and np.count_nonzero(np.isnan(ecg.lead("V2"))) == 50
    assert any(is_repair(notice) for notice in ecg.notices)
    assert bool(marks(ecg)) == (sentinel != -32768)  # that one is WFDB's own


def test_what_is_saturated_within_a_hearts_range_is_clipped_not_missing(write_record) -> None:
    raw = np.clip(simulate(rate=500, seconds=4).signal.T * 80_000, -32767, 32767).astype(int)
    ecg = read(write_record(raw=raw, gain="80000/mV"))
    assert (raw == 32767).any() and not marks(ecg) and not np.isnan(ecg.signal).any()
    assert "clipped" in assess(ecg).kinds


def test_a_lead_of_nothing_else_is_missing_whatever_its_gain(write_record, heart) -> None:
    for gain in ("40000/mV", "0"):
        raw = heart()
        raw[:, 6] = 32767
        ecg = read(write_record(raw=raw, gain=gain))
        assert ecg.missing == ("V1",) and "V1 (1000 of 32767)" in marks(ecg)[0]


def test_a_voltage_that_happens_to_have_the_value_stays(write_record, heart) -> None:
    raw = heart()
    raw[:, 6] += 29999 - raw[500, 6]  # an electrode's own voltage lies under it
    ecg = read(write_record(raw=raw))
    assert not marks(ecg) and not np.isnan(ecg.signal).any()
    raw[500, 6] = 0
    raw[:, 8] = heart()[:, 8]
    raw[40, 8] = 29999
    assert not marks(read(write_record(raw=raw, gain="0")))  # of unknown gain: nothing tells


def test_channels_that_are_no_leads_are_let_be(write_record, heart) -> None:
    raw = heart()
    raw[:, 11] = 32767
    ecg = read(write_record(raw=raw, leads=(*LEADS[:11], "RESP")))
    assert not marks(ecg) and ecg.missing == ("V6",)


def test_nothing_else_in_any_lead_is_no_ecg(write) -> None:
    with pytest.raises(SignalError):
        read(write(np.full_like(HEART, 29999)))


def test_a_spike_that_is_cut_off_stays(write_record) -> None:
    raw = np.rint(simulate(rate=500, seconds=4).signal.T * 1000).astype(int)
    raw[300:302, 6] = raw[900, 6] = 32767
    ecg = read(write_record(raw=raw, gain="1000/mV"))
    assert not marks(ecg) and np.count_nonzero(ecg.signal[6] > 30) == 3
    raw[300:303, 6] = 32767
    assert "V1 (3 of 32767)" in marks(read(write_record(raw=raw, gain="1000/mV")))[0]
