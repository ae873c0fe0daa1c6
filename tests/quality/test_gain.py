"""A lead, or all, at a wrong gain is named, by how much, and is no exchange of electrodes; hearts are let be."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven import testing
from einthoven.ecg import ECG, LEADS
from einthoven.formats import read
from einthoven.quality import Finding, assess
from einthoven.quality.beat import OWN, OWN_ROWS
from einthoven.quality.identities import PLANE, limb_gains


def scaled(ecg: ECG, factor: float, *leads: str) -> ECG:
    signal = ecg.signal.copy()
    signal[[LEADS.index(lead) for lead in leads]] *= factor
    return testing.with_signal(ecg, signal)


def told(ecg: ECG) -> list[tuple[str, tuple[str, ...]]]:
    return [(one.kind, one.leads) for one in assess(ecg).findings]


@pytest.mark.parametrize("lead", LEADS)
@pytest.mark.parametrize("factor", [10, 0.1, 1000])
def test_one_lead_is_named_and_nothing_else_is_said(lead, factor):
    assert told(scaled(testing.simulate(), factor, lead)) == [("lead-gain", (lead,))]
    unknown = testing.simulate(calibrated=False)
    assert told(scaled(unknown, factor, lead)) == [
        ("lead-gain", (lead,))
    ]  # leads tell each other's gain without a unit


@pytest.mark.parametrize(
    ("factor", "kind"), [(10, "wrong-unit"), (0.1, "wrong-unit"), (4.5, "lead-gain"), (0.3, "lead-gain")]
)
def test_all_leads_at_a_wrong_gain_are_told_if_the_gain_is_said_to_be_known(factor, kind):
    (finding,) = assess(scaled(testing.simulate(), factor, *LEADS)).findings
    assert finding.kind == kind and finding.severe is (kind == "wrong-unit") and " mV" in finding.text
    assert not told(scaled(testing.simulate(calibrated=False), factor, *LEADS))


@pytest.mark.parametrize("lead", OWN)
@pytest.mark.parametrize("factor", [10, 0.1])
def test_with_derived_limb_leads_the_eight_others_tell(lead, factor):
    ecg = testing.simulate(axis=35)
    own = ECG(scaled(ecg, factor, lead).signal[OWN_ROWS], ecg.rate, OWN)
    found = [one for one in assess(own).findings if one.kind == "lead-gain"]
    assert [one.leads for one in found] == [(lead,)]


@pytest.mark.parametrize("factor", [1e-3, 0.2, 30.0, 1e4])
def test_a_common_scale_without_a_unit_is_no_gain_of_one_lead(factor):
    ecg = testing.simulate(axis=35)
    own = ECG(ecg.signal[OWN_ROWS] * np.float32(factor), ecg.rate, OWN, calibrated=False)
    assert not told(own)
    wrong = own.signal[OWN_ROWS] * np.array([1, 1, 1, 1, 10, 1, 1, 1], np.float32)[:, None]
    assert told(ECG(wrong, ecg.rate, OWN, calibrated=False)) == [("lead-gain", ("V3",))]


def test_two_leads_are_both_named():
    assert told(scaled(scaled(testing.simulate(), 10, "V2"), 0.1, "V5")) == [
        ("lead-gain", (one,)) for one in ("V5", "V2")
    ]


def test_a_gain_does_not_hide_exchanged_electrodes():
    ecg = scaled(testing.exchange(testing.simulate(), "V1", "V2"), 10, "V5")
    assert told(ecg) == [("lead-gain", ("V5",)), ("precordial-swap", ("V1", "V2"))]


@pytest.mark.parametrize("seed", range(8))
def test_limb_leads_give_their_gains_back_whatever_these_are(seed):
    rng = np.random.default_rng(seed)
    gain = 10 ** rng.uniform(-1, 1, 6)
    factor, (finding,) = limb_gains((gain[:, None] * (PLANE @ rng.standard_normal((2, 500)))).astype(np.float32))
    assert np.allclose(factor / factor[0], gain / gain[0], rtol=1e-3)
    assert finding.leads == LEADS[:6] and finding.level == "caution"


def test_limb_leads_that_no_gain_explains_have_none():
    rng = np.random.default_rng(1)
    sound = PLANE @ rng.standard_normal((2, 500))
    assert limb_gains(rng.standard_normal((6, 500)).astype(np.float32))[1] == []
    noise = np.eye(6)[3][:, None] * rng.standard_normal(500)
    for limbs in (sound, 7 * sound, sound + noise, sound * np.array([1, 1, -1, 1, 1, 1])[:, None], 0 * sound):
        factor, found = limb_gains(limbs.astype(np.float32))
        assert not found and (factor == 1).all()


def test_a_gain_a_lead_in_a_real_file_is_told_by_its_name(real_data):
    findings: list[Finding] = []
    for path in sorted((real_data / "ludb" / "data").glob("1*.hea")):  # each lead's range is made 1 mV by its header
        quality = assess(read(path))
        assert quality.usable and "einthoven-residual" not in quality.kinds
        findings += [one for one in quality.findings if one.kind == "lead-gain"]
    assert sum(one.leads == LEADS[:6] for one in findings) >= 10


def test_real_files_of_a_wrong_gain_are_told(real_data):
    """The header of the first says 200 a millivolt, and PTB-XL's own of the same ECG 1000."""
    folder = real_data / "cinc2021"
    assert ("lead-gain", LEADS) in told(read(folder / "ptb-xl" / "HR20715.hea"))
    assert "wrong-unit" in assess(read(folder / "georgia" / "E00015.hea")).kinds
