from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, EinthovenError, Patient, SignalError, UsageError
from einthoven.testing import simulate


def test_rows_are_chosen_by_name_never_by_position() -> None:
    ecg = simulate()
    order = np.random.default_rng(0).permutation(12)
    again = ECG(ecg.signal[order], ecg.rate, [LEADS[row].upper() for row in order])
    np.testing.assert_array_equal(again.signal, ecg.signal)
    assert again.sha256 == ecg.sha256
    assert again.leads == LEADS


def test_missing_leads_are_rows_of_nan_with_a_notice() -> None:
    ecg = ECG(simulate().signal[:8], 500, LEADS[:8])
    assert ecg.missing == LEADS[8:]
    assert np.isnan(ecg.signal[8:]).all() and np.isfinite(ecg.signal[:8]).all()
    assert "missing-leads" in {notice.kind for notice in ecg.notices}


def test_a_lead_without_a_valid_sample_is_missing() -> None:
    signal = simulate().signal.copy()
    signal[9] = np.nan
    ecg = ECG(signal, 500)
    assert ecg.missing == ("V4",)
    assert "empty-lead" in {notice.kind for notice in ecg.notices}


def test_channels_that_are_no_lead_are_left_out_with_a_notice() -> None:
    signal = np.vstack([simulate().signal, np.ones((1, 5000), np.float32)])
    ecg = ECG(signal, 500, [*LEADS, "RESP"])
    assert ecg.signal.shape == (12, 5000)
    assert any(notice.kind == "other-channels" and "RESP" in notice.text for notice in ecg.notices)


def test_infinite_samples_are_gaps() -> None:
    signal = simulate().signal.copy()
    signal[7, 10] = np.inf
    ecg = ECG(signal, 500)
    assert np.isnan(ecg.signal[7, 10])
    assert "invalid-samples" in {notice.kind for notice in ecg.notices}


@pytest.mark.parametrize(
    ("signal", "rate", "leads"),
    [
        (np.zeros(100), 500, LEADS),
        (np.zeros((12, 0)), 500, LEADS),
        (np.zeros((11, 100)), 500, LEADS),
        (np.zeros((100, 12)), 500, LEADS),
        (np.zeros((12, 100)), 0, LEADS),
        (np.zeros((12, 100)), float("nan"), LEADS),
        (np.zeros((12, 100)), 1e9, LEADS),
        (np.zeros((12, 50 * 4000)), 50, LEADS),
        (np.zeros((2, 100)), 500, ("I", "Lead I")),
        (np.zeros((2, 100)), 500, ("RESP", "PLETH")),
        (np.full((12, 100), np.nan), 500, LEADS),
    ],
)
def test_what_is_no_ecg_is_refused(signal, rate, leads) -> None:
    with pytest.raises(SignalError) as caught:
        ECG(signal, rate, leads)
    assert caught.value.message and caught.value.mend


def test_samples_cannot_be_changed() -> None:
    with pytest.raises(ValueError, match="read-only"):
        simulate().signal[0, 0] = 1


def test_an_unknown_gain_is_said() -> None:
    ecg = ECG(simulate().signal, 500, calibrated=False)
    assert "uncalibrated" in {notice.kind for notice in ecg.notices}


def test_leads_are_found_by_any_name() -> None:
    ecg = simulate()
    np.testing.assert_array_equal(ecg.lead("AVF"), ecg.signal[5])
    with pytest.raises(SignalError, match="V9"):
        ecg.lead("V9")


def test_the_hash_tells_samples_and_rate_apart() -> None:
    ecg = simulate()
    other = ecg.signal.copy()
    other[3, 3] += 0.002
    assert ECG(other, 500).sha256 != ecg.sha256
    assert ECG(ecg.signal, 250).sha256 != ecg.sha256
    assert ecg.described(patient=Patient("x")).sha256 == ecg.sha256


def test_described_changes_what_is_said_and_nothing_else() -> None:
    ecg = simulate()
    twin = ecg.described(patient=Patient("p", 50, "female"), device="d")
    assert twin.patient.age == 50 and twin.device == "d" and twin.signal is ecg.signal
    assert ecg.patient.id != "p"
    with pytest.raises(TypeError, match="signal"):
        ecg.described(signal=ecg.signal)


def test_errors_are_documents_too() -> None:
    fault = UsageError("What is wrong.", "What to do.")
    assert isinstance(fault, EinthovenError)
    assert str(fault) == "What is wrong. What to do."
    assert fault.to_dict() == {"error": {"kind": "usage", "message": "What is wrong.", "mend": "What to do."}}


def test_what_the_device_measured() -> None:
    ecg = ECG(simulate().signal, 500, measured={"qrs": 90, "heart_rate": 61.5})
    assert list(ecg.measured.items()) == [("heart_rate", 61.5), ("qrs", 90.0)]
    assert ecg.described(measured={"qt": 400}).measured == {"qt": 400.0} and simulate().measured == {}
    for wrong in ({"QRS": 90.0}, {"qrs_width": 90.0}):
        with pytest.raises(ValueError, match="is none of"):
            ECG(simulate().signal, 500, measured=wrong)
        with pytest.raises(ValueError, match="is none of"):
            ecg.described(measured=wrong)
