"""An ECG upside down is refused; a grave one that looks so, or seems to have no beats, is a caution."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import ECG
from einthoven.formats import read
from einthoven.quality import Finding, assess
from einthoven.quality.exchanges import EXCHANGES
from einthoven.quality.inverted import weighed
from einthoven.signal import find_beats

INVERTED = next(exchange for exchange in EXCHANGES if exchange.name == "inverted")
FINDING = Finding(INVERTED.kind, INVERTED.leads, INVERTED.text, "refuse")


def level(ecg: ECG) -> str:
    return weighed(FINDING, ecg, find_beats(ecg.signal, ecg.rate)).level


def test_the_words_name_what_looks_so_too() -> None:
    (finding,) = assess(testing.invert(testing.simulate())).findings
    assert finding.text.startswith("All leads may be inverted") and finding.level == "refuse"
    assert "A ventricular rhythm or a large infarct can look so too." in finding.text


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ({"heart_rate": 70, "qrs_ms": 90}, "refuse"),
        ({"heart_rate": 70, "qrs_ms": 150}, "caution"),
        ({"heart_rate": 140, "qrs_ms": 90, "qt_ms": 300}, "caution"),
    ],
)
def test_a_narrow_qrs_at_no_high_rate_is_refused(how: dict[str, float], said: str) -> None:
    assert level(testing.invert(testing.simulate(**how))) == said


def test_where_the_qrs_cannot_be_measured_nothing_is_refused() -> None:
    assert level(testing.simulate(rate=80)) == "caution"


@pytest.mark.parametrize("name", ["JS45543.hea", "JS45546.hea", "MUSE_20180111_155115_19000.csv"])
def test_real_tachycardias_are_drafted_with_the_doubt(real_data, name: str) -> None:
    found = assess(read(next(real_data.rglob(name))))
    assert found.usable and {"inverted", "no-beats"} & set(found.kinds)
    said = " ".join(found.reasons)
    assert ("may be inverted" in said and "ventricular rhythm" in said) or "ventricular tachycardia" in said


def waves(hz: float) -> ECG:
    """A sine wave of another phase in each lead: at 2.4 Hz what the fastest ventricular tachycardias look like."""
    at = np.arange(5000) / 500
    rows = [size * np.sin(2 * np.pi * hz * at + size) for size in np.linspace(0.5, 2, 8)]
    return ECG(np.array(rows), 500, ["I", "II", "V1", "V2", "V3", "V4", "V5", "V6"])


def test_waves_alike_without_qrs_are_a_caution_where_they_are_fast() -> None:
    (fast,) = assess(waves(2.4)).findings
    assert fast.kind == "no-beats" and fast.level == "caution"
    assert "a minute: ventricular tachycardia or flutter can look so" in fast.text
    assert not assess(waves(0.6)).usable
    for seed in range(5):
        noise = ECG(np.random.default_rng(seed).standard_normal((12, 5000)).cumsum(axis=1), 500)
        assert not assess(noise).usable
