"""Exchanged electrodes are named, unusual hearts are not taken for them, and the exchanges are what physics gives."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import ECG, LEADS
from einthoven.quality import assess
from einthoven.quality.beat import OWN_ROWS
from einthoven.quality.exchanges import CHEST, EXCHANGES
from einthoven.quality.misplaced import between_legs, find_misplaced, gains
from einthoven.quality.natural import naturalness

CHANGES = {
    "arms": testing.swap_arms,
    "RA-LL": lambda ecg: testing.exchange(ecg, "RA", "LL"),
    "LA-LL": lambda ecg: testing.exchange(ecg, "LA", "LL"),
    **{f"V{n}-V{n + 1}": lambda ecg, n=n: testing.exchange(ecg, f"V{n}", f"V{n + 1}") for n in range(1, 6)},
    "reversed": testing.reverse_precordials,
    "inverted": testing.invert,
    **{
        f"V{a}-V{b}": lambda ecg, a=a, b=b: testing.exchange(ecg, f"V{a}", f"V{b}")
        for a in range(1, 5)
        for b in range(a + 2, 7)
    },
    "V1-V6 inverted": lambda ecg: upside_down(ecg, LEADS[6:]),
    **{f"{lead} inverted": lambda ecg, lead=lead: upside_down(ecg, (lead,)) for lead in LEADS[6:]},
}
SWAPS = ("arm-swap", "arm-leg-swap", "precordial-swap", "chest-inverted", "inverted")


def upside_down(ecg: ECG, leads: tuple[str, ...]) -> ECG:
    signal = ecg.signal.copy()
    signal[[LEADS.index(lead) for lead in leads]] *= -1
    return testing.with_signal(ecg, signal)


def swaps(ecg: ECG) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.kind, finding.leads) for finding in assess(ecg).findings if finding.kind in SWAPS]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.name)
def test_an_exchange_is_what_the_electrodes_give_and_undoes_itself(exchange):
    ecg = ECG(np.random.default_rng(0).standard_normal((8, 500)), 100, [LEADS[row] for row in OWN_ROWS])
    changed = CHANGES[exchange.name](ecg)
    assert np.allclose(exchange.matrix @ ecg.signal[OWN_ROWS], changed.signal[OWN_ROWS], atol=1e-5)
    assert np.array_equal(exchange.matrix @ exchange.matrix, np.eye(8))
    moved = {lead for lead in LEADS if not np.allclose(ecg.lead(lead), changed.lead(lead), atol=1e-5)}
    assert moved == set(exchange.leads)


def test_every_exchange_has_a_test_of_it():
    assert [exchange.name for exchange in EXCHANGES] == list(CHANGES)


@pytest.mark.parametrize("axis", [-45, 0, 60, 110, 150])
@pytest.mark.parametrize("rhythm", ["sinus", "af"])
def test_a_deviating_axis_is_no_exchange(axis, rhythm):
    assert not swaps(testing.simulate(axis=axis, rhythm=rhythm, qt_ms=380))


@pytest.mark.parametrize("name", [name for name in CHANGES if name != "LA-LL"])
@pytest.mark.parametrize("calibrated", [True, False])
@pytest.mark.parametrize("rate", [100, 500])
def test_what_was_exchanged_is_named(name, calibrated, rate):
    exchange = next(one for one in EXCHANGES if one.name == name)
    for axis, rhythm in ((0, "sinus"), (40, "af")):
        ecg = testing.simulate(axis=axis, rhythm=rhythm, calibrated=calibrated, rate=rate)
        quality = assess(CHANGES[name](ecg))
        assert [(finding.kind, finding.leads) for finding in quality.findings] == [(exchange.kind, exchange.leads)]
        assert quality.usable is not exchange.severe


@pytest.mark.parametrize("calibrated", [True, False])
@pytest.mark.parametrize("axis", [-30, 30, 60])
@pytest.mark.parametrize("rhythm", ["sinus", "af"])
def test_exchanged_arms_are_suspected(calibrated, axis, rhythm):
    quality = assess(testing.swap_arms(testing.simulate(axis=axis, calibrated=calibrated, rhythm=rhythm)))
    assert quality.kinds == ("arm-swap",) and quality.usable


@pytest.mark.parametrize(("arm", "lead", "axis"), [("RA", "II", 75), ("LA", "III", 40)])
def test_an_arm_on_the_right_leg_leaves_a_limb_lead_almost_flat(arm, lead, axis):
    quality = assess(testing.exchange(testing.simulate(axis=axis), arm, "RL"))
    assert quality.kinds == ("arm-leg-swap",) and f"lead {lead} is almost flat" in quality.reasons[0]


def test_with_lost_precordials_the_arms_are_judged_and_their_own_exchanges_are_not():
    swapped = testing.swap_arms(testing.simulate())
    chest = testing.exchange(testing.simulate(), "V5", "V6")
    for lost, seen in ((["V6"], True), (["V1"], True), (["V5", "V6"], True), (["V3", "V4", "V5", "V6"], False)):
        gone = testing.flat(swapped, lost)
        assert ("arm-swap" in assess(gone).kinds) is seen
        leads = [lead for lead in LEADS if lead not in lost]
        assert (
            "arm-swap" in assess(ECG(swapped.signal[[LEADS.index(lead) for lead in leads]], 500, leads)).kinds
        ) is seen
    assert swaps(chest) and not swaps(testing.flat(chest, ["V6"]))
    assert not swaps(testing.simulate(leads=["II", "V1", "V2", "V3", "V4", "V5", "V6"]))


def test_undoing_makes_natural_what_the_exchange_made_unnatural():
    beat = np.random.default_rng(3).standard_normal((8, 75))
    for place, exchange in enumerate(EXCHANGES):
        there, back = gains(beat)[place], gains(exchange.matrix @ beat)[place]
        assert there == pytest.approx(-back, abs=1e-3)
        assert there == pytest.approx(naturalness(exchange.matrix @ beat) - naturalness(beat), abs=1e-3)


def test_the_gain_does_not_matter():
    beat = np.random.default_rng(4).standard_normal((3, 8, 75))
    assert np.allclose(naturalness(beat), naturalness(beat * 1000), atol=1e-3)
    assert np.isfinite(naturalness(np.zeros((8, 75))))


def test_nothing_at_all_is_no_exchange():
    lead, share = between_legs(np.zeros((8, 75)))
    assert share == 0 and lead == "I"
    assert not find_misplaced(np.zeros((8, 75)), np.zeros(12, bool))


def test_real_chest_leads_are_named_or_left_unnamed(real_ptbxl):
    """Before these were known, V1 for V6, and all six upside down, were called V1-V6 in reverse order."""
    paths = sorted((real_ptbxl / "records100" / "00000").glob("*.dat"))[:50]
    ecgs = [ECG(np.fromfile(path, "<i2").reshape(-1, 12).T / np.float32(1000), 100) for path in paths]
    for name in ("V1-V6", "V2-V5", "V1-V6 inverted", "V3 inverted"):
        right = set(next(one for one in EXCHANGES if one.name == name).leads)
        found = [[leads for _, leads in swaps(CHANGES[name](ecg))] for ecg in ecgs]
        assert np.mean([each == [] or set(each[0]) in (right, set(LEADS[6:])) for each in found]) > 0.95
        assert np.mean([bool(each) and set(each[0]) == right for each in found]) > 0.9


def test_what_is_not_clear_is_not_named():
    beat = next(
        beat
        for beat in np.random.default_rng(5).standard_normal((4000, 8, 75)).cumsum(axis=-1)
        if (odds := np.sort(gains(beat))[-2:])[0] > 4.5
        and odds[1] - odds[0] < 0.9
        and EXCHANGES[int(gains(beat).argmax())].kind in CHEST
        and EXCHANGES[int(gains(beat).argsort()[-2])].kind in CHEST
        and between_legs(beat)[1] > 0.2
    )
    (finding,) = find_misplaced(beat, np.ones(12, bool))
    assert finding.leads == LEADS[6:] and "not clear" in finding.text and finding.kind == "precordial-swap"
