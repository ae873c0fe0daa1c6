"""Exchanged electrodes give what their potentials give."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import ECG, LEADS, UsageError, einthoven_residual

CHEST = LEADS[6:]
PAIRS = [*combinations(("RA", "LA", "LL"), 2), ("RL", "RA"), ("LA", "RL"), *combinations(CHEST, 2)]


def recorded(potentials: dict[str, np.ndarray]) -> ECG:
    """What an electrocardiograph makes of the potentials at its ten electrodes."""
    ra, la, ll = (potentials[name] for name in ("RA", "LA", "LL"))
    limb = [la - ra, ll - ra, ll - la, ra - (la + ll) / 2, la - (ra + ll) / 2, ll - (ra + la) / 2]
    return ECG(np.stack([*limb, *(potentials[lead] - (ra + la + ll) / 3 for lead in CHEST)]), 500)


@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_an_exchange_is_what_the_potentials_give(pair):
    rng = np.random.default_rng(1)
    potentials = {name: rng.standard_normal(2000) for name in ("RA", "LA", "LL", *CHEST)}
    potentials["RL"] = potentials["LL"] + 0.05 * (potentials["LL"] - potentials["RA"])
    one, other = pair
    mixed = potentials | {one: potentials[other], other: potentials[one]}
    found = testing.exchange(recorded(potentials), one, other)
    assert np.allclose(found.signal, recorded(mixed).signal, atol=1e-5)
    assert einthoven_residual(found.signal) < 1e-5


def test_swapping_twice_changes_nothing():
    ecg = testing.simulate(noise=0.05)
    for one, other in PAIRS:
        if "RL" not in (one, other):
            twice = testing.exchange(testing.exchange(ecg, one, other), other, one)
            assert np.array_equal(twice.signal, ecg.signal)
    for change in (testing.swap_arms, testing.invert, testing.reverse_precordials):
        assert np.array_equal(change(change(ecg)).signal, ecg.signal)
        assert not np.array_equal(change(ecg).signal, ecg.signal)


def test_the_arms_exchanged():
    ecg = testing.simulate(noise=0.05)
    once = testing.swap_arms(ecg)
    assert np.array_equal(once.lead("I"), -ecg.lead("I"))
    assert np.array_equal(once.lead("aVL"), ecg.lead("aVR"))
    assert np.array_equal(once.signal[6:], ecg.signal[6:])


def test_reversed_and_inverted():
    ecg = testing.simulate()
    assert np.array_equal(testing.reverse_precordials(ecg).lead("V5"), ecg.lead("V2"))
    assert np.array_equal(testing.reverse_precordials(ecg).lead("aVF"), ecg.lead("aVF"))
    assert np.array_equal(testing.invert(ecg).signal, -ecg.signal)


def test_missing_leads_stay_missing():
    ecg = testing.simulate(leads=["I", "II", "V2", "V3"])
    assert testing.exchange(ecg, "V2", "V3").missing == ecg.missing
    assert testing.exchange(ecg, "LA", "RL").missing == ecg.missing
    alone = testing.simulate(leads=["V1", "V2"])
    assert testing.exchange(alone, "RA", "LL").missing == alone.missing
    with pytest.raises(UsageError, match="potential"):
        testing.exchange(alone, "RA", "RL")


@pytest.mark.parametrize("pair", [("RL", "LL"), ("V1", "V1"), ("V1", "RA"), ("X", "V2")])
def test_what_cannot_be_exchanged_is_refused(pair):
    with pytest.raises(UsageError, match="cannot be exchanged"):
        testing.exchange(testing.simulate(seconds=3), *pair)
