from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import ECG, LEADS, canonical, derive_limb_leads, einthoven_residual
from einthoven.testing import simulate

SYNONYMS = {
    "I": ["I", "i", "DI", "D1", "Lead I", "ECG I", "MDC_ECG_LEAD_I", "Lead I (Einthoven)"],
    "II": ["II", "dii", "D2", "lead_II"],
    "III": ["III", "DIII", "D3"],
    "aVR": ["aVR", "AVR", "avr"],
    "aVL": ["AVL", "Lead aVL"],
    "aVF": ["AVF", "ECG aVF"],
    **{f"V{n}": [f"V{n}", f"v{n}", f"C{n}", f"Lead V{n}"] for n in range(1, 7)},
}


@pytest.mark.parametrize(("lead", "name"), [(lead, name) for lead, names in SYNONYMS.items() for name in names])
def test_synonyms(lead, name) -> None:
    assert canonical(name) == lead


@pytest.mark.parametrize("name", ["", "V7", "V3R", "vx", "-aVR", "IV", "RESP", "MLII", "C7", "D4", "A"])
def test_other_channels_are_no_lead(name) -> None:
    assert canonical(name) is None


def electrodes() -> dict[str, np.ndarray]:
    """Limb leads from three electrode potentials, by their definitions alone."""
    right, left, foot = np.random.default_rng(0).normal(size=(3, 400))
    return {
        "I": left - right,
        "II": foot - right,
        "III": foot - left,
        "aVR": right - (left + foot) / 2,
        "aVL": left - (right + foot) / 2,
        "aVF": foot - (right + left) / 2,
    }


@pytest.mark.parametrize("given", [("I", "II"), ("I", "III"), ("II", "III"), ("I", "II", "aVR")])
def test_limb_leads_follow_from_two(given) -> None:
    truth = electrodes()
    found = derive_limb_leads({lead: truth[lead] for lead in given})
    assert set(found) == set(truth) - set(given)
    for lead, row in found.items():
        np.testing.assert_allclose(row, truth[lead], atol=1e-12)


@pytest.mark.parametrize("given", [(), ("I",), ("II", "aVR"), ("aVR", "aVL", "aVF")])
def test_too_little_gives_nothing(given) -> None:
    truth = electrodes()
    assert derive_limb_leads({lead: truth[lead] for lead in given}) == {}


def test_the_residual_is_the_worst_identity_over_the_size_of_the_limb_leads() -> None:
    signal = simulate().signal.astype(np.float64)
    assert einthoven_residual(signal) == pytest.approx(0, abs=1e-5)
    noise = np.random.default_rng(1).normal(0, 0.1, signal.shape[1])
    spoiled = signal.copy()
    spoiled[4] += noise
    size = np.sqrt(np.mean(spoiled[:6] ** 2))
    expected = np.sqrt(np.mean((noise - np.median(noise)) ** 2)) / size
    assert einthoven_residual(spoiled) == pytest.approx(expected, rel=0.02)


def test_swapped_leads_break_the_identities() -> None:
    signal = simulate().signal.copy()
    signal[[1, 2]] = signal[[2, 1]]
    assert einthoven_residual(signal) > 0.2


def test_the_residual_is_unknown_without_something_to_check() -> None:
    signal = simulate().signal.copy()
    without = signal.copy()
    without[1] = np.nan
    assert einthoven_residual(without) is None
    two = np.full_like(signal, np.nan)
    two[:2] = signal[:2]
    assert einthoven_residual(two) is None
    apart = signal.copy()
    apart[0, :2500] = np.nan
    apart[1, 2500:] = np.nan
    assert einthoven_residual(apart) is None
    assert einthoven_residual(np.zeros_like(signal)) is None


def test_the_names_are_the_twelve() -> None:
    assert len(LEADS) == 12 and all(canonical(lead) == lead for lead in LEADS)


@pytest.mark.parametrize("share", [0.05, 0.12, 0.17, 0.195, 0.205, 0.3])
@pytest.mark.parametrize("shape", ["noise", "steps", "offset"])
def test_the_notice_follows_the_residual_on_both_sides_of_the_limit(share: float, shape: str) -> None:
    """The screen that spares medians must never spare one that is over the limit."""
    rng = np.random.default_rng(7)
    signal = simulate(60).signal.copy()
    beyond = rng.normal(size=signal.shape[1])
    if shape == "steps":  # the mean lies far from the median: as much as it can
        beyond = np.where(np.arange(signal.shape[1]) < 0.45 * signal.shape[1], 1.0, 0.0)
    elif shape == "offset":
        beyond = beyond + 3
    size = np.sqrt(np.mean(np.square(signal[:6], dtype=np.float64)))
    beyond *= share * size / np.sqrt(np.mean((beyond - np.median(beyond)) ** 2))
    signal[3] += beyond.astype(np.float32)
    residual = einthoven_residual(signal)
    told = any(one.kind == "einthoven-residual" for one in ECG(signal, 500).notices)
    assert residual is not None and told == (residual > 0.2)
