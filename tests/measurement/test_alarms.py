"""What has to be looked at first: told by measurement alone, of nothing normal, and the same as reports tell."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import ECG
from einthoven.formats import read
from einthoven.measurement import Measurements, measure
from einthoven.quality import assess
from einthoven.reporting.broad import broad_tachycardia
from einthoven.testing import simulate

OF_VT = {"rhythm": "ventricular", "qrs_ms": 160, "qt_ms": 300}


def kinds(found: Measurements) -> list[str]:
    return [alarm.kind for alarm in found.alarms]


@pytest.mark.parametrize("rate", [125, 180])
def test_a_ventricular_tachycardia_is_told_and_a_normal_rhythm_is_not(rate: int) -> None:
    fast = measure(simulate(rate, rate=250, **OF_VT))
    assert kinds(fast) == ["fast-and-broad"] and f"{fast.heart_rate:.0f} bpm" in fast.alarms[0].text
    assert "so can" in fast.alarms[0].text  # what else it may be is never left out
    assert kinds(measure(simulate(115, rate=250, qt_ms=300))) == kinds(measure(simulate(60, rate=250))) == []


def test_waves_alone_are_told_as_quality_tells_them() -> None:
    at = np.arange(5000) / 500
    waves = ECG(
        np.outer(np.linspace(0.5, 1.5, 12), np.sin(21 * at) + 0.3 * np.sin(42 * at + 0.5)).astype(np.float32), 500
    )
    found, quality = measure(waves), assess(waves)
    assert kinds(found) == ["only-waves"] and found.alarms[0].text in quality.reasons


def test_what_is_too_short_for_a_qrs_is_none(real_data) -> None:
    """A real ventricular tachycardia at 187 bpm, of which 34 ms were once told as its QRS."""
    found = measure(read(real_data / "cinc2021/chapman-ningbo/JS45545.hea"))
    assert found.qrs is None and "too short" in found.reasons["qrs"] and not found.leads
    assert kinds(found) == ["fast-and-broad"] and found.alarms[0].likely


def test_measuring_and_reporting_tell_the_same() -> None:
    for ecg in (simulate(170, rate=250, **OF_VT), simulate(104, rate=250, qrs_ms=140, qt_ms=340), simulate(70)):
        found = measure(ecg)
        said = broad_tachycardia(found, assess(ecg))
        mine = [alarm for alarm in found.alarms if alarm.kind == "fast-and-broad"]
        assert [one.likely for one in mine] == ([said.withheld] if said else [])
        assert all(said.text.startswith(one.text.split(". ")[0]) for one in mine)


def test_the_fastest_three_beats_are_those_of_a_slow_search() -> None:
    ecg = simulate(88, rate=250, rhythm="af", seed=5)
    found = measure(ecg)
    at = found.r_peaks / 250
    assert found.fastest == pytest.approx(max(120 / (c - a) for a, c in zip(at, at[2:], strict=False)))
    assert found.fastest > found.heart_rate
