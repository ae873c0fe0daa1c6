"""The calibration pulse is cut where there is one, and nothing else ever is."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import LEADS, SignalError
from einthoven.formats.calibration_pulse import cut_calibration
from einthoven.testing import simulate

RATE = 500


def pulse(height: float = 1.0, before: int = 50, top: int = 100, after: int = 50) -> np.ndarray:
    row = np.concatenate([np.zeros(before), np.full(top, height), np.zeros(after)])
    return np.tile(row, (12, 1)).astype(np.float32)


@pytest.fixture(scope="module")
def heart_of() -> np.ndarray:
    return np.array(simulate(70, rate=RATE, noise=0.01, seed=1).signal)


def cut(signal: np.ndarray, calibrated: bool = True, names=LEADS) -> tuple[np.ndarray, list[str]]:
    found, notices = cut_calibration(signal.astype(np.float32), names, RATE, calibrated)
    return found, [notice.kind for notice in notices]


def test_at_either_end_and_at_both(heart_of) -> None:
    for parts in ((heart_of, pulse()), (pulse(), heart_of), (pulse(), heart_of, pulse())):
        found, kinds = cut(np.hstack(parts))
        np.testing.assert_array_equal(found, heart_of)
        assert kinds == ["calibration-pulse"]


def test_without_a_flat_line_beside_it(heart_of) -> None:
    found, kinds = cut(np.hstack([heart_of, pulse(before=0, after=10)]))
    assert found.shape == heart_of.shape and kinds == ["calibration-pulse"]


def test_another_height_is_a_wrong_gain(heart_of) -> None:
    _, kinds = cut(np.hstack([heart_of, pulse(0.2)]))
    assert kinds == ["calibration-pulse", "calibration-height"]


def test_units_of_the_converter(heart_of) -> None:
    counts = np.rint(np.hstack([heart_of, pulse()]) * 200)
    found, kinds = cut(counts, calibrated=False)
    assert found.shape == heart_of.shape and kinds == ["calibration-pulse"]


def test_flanks_of_some_samples(heart_of) -> None:
    soft = pulse()
    soft[:, 48:52] = [0.2, 0.4, 0.6, 0.8]
    assert cut(np.hstack([heart_of, soft]))[1] == ["calibration-pulse"]


@pytest.mark.parametrize(
    "tail",
    [
        np.zeros((12, 500)),  # a flat line is no pulse
        pulse(top=10),  # too short
        np.tile(np.linspace(0, 1, 300), (12, 1)),  # a ramp
        np.tile(np.sin(np.arange(300) / 9), (12, 1)),
        pulse() * np.linspace(0.5, 1, 12)[:, None],  # not the same in all leads
        np.full((12, 300), 1.0),  # a step without a way back
        np.full((12, 300), np.nan),
    ],
)
def test_what_is_no_pulse_stays(heart_of, tail) -> None:
    whole = np.hstack([heart_of, tail])
    found, kinds = cut(whole)
    assert found.shape == whole.shape and not kinds


def test_few_leads_prove_nothing(heart_of) -> None:
    whole = np.hstack([heart_of, pulse()])
    found, kinds = cut(whole[:5], names=LEADS[:5])
    assert found.shape[1] == whole.shape[1] and not kinds
    assert cut(whole, names=[*LEADS[:5], *"abcdefg"])[1] == []


def test_channels_that_are_no_lead_do_not_count(heart_of) -> None:
    breath = np.random.default_rng(0).normal(size=(1, heart_of.shape[1] + 200))
    found, kinds = cut(np.vstack([np.hstack([heart_of, pulse()]), breath]), names=[*LEADS, "RESP"])
    assert found.shape == (13, heart_of.shape[1]) and kinds == ["calibration-pulse"]


def test_nothing_but_a_pulse() -> None:
    with pytest.raises(SignalError, match="no ECG"):
        cut(pulse())
    assert cut(np.zeros((12, 500)))[1] == []


def test_ecgs_are_never_cut() -> None:
    for seed in range(20):
        ecg = simulate(40 + 8 * seed, rate=RATE, noise=0.0, seed=seed)
        assert cut(np.array(ecg.signal))[1] == []
