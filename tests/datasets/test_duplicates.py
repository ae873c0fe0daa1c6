from __future__ import annotations

import numpy as np
import pytest

from einthoven.collection import Collection, Row
from einthoven.datasets import PTBXL, Challenge
from einthoven.datasets.duplicates import duplicates, fingerprint
from einthoven.ecg import ECG, LEADS, UsageError
from einthoven.signal import resample_and_filter
from einthoven.testing import simulate


def row(ecg: ECG, name: str) -> Row:
    return Row.from_ecg(ecg, record=name, source="made-up")


@pytest.fixture
def fill(tmp_path):
    def make(ecgs: dict[str, ECG]) -> Collection:
        collection = Collection.create(tmp_path / "c")
        collection.append(row(ecg, name) for name, ecg in ecgs.items())
        return collection

    return make


def beside(n: int) -> ECG:
    return simulate(58 + n, rate=500, seconds=10, axis=10 + 7 * n, seed=n, noise=0.02)


def test_copies_are_found_however_they_were_processed(fill):
    ecgs = {f"own{n}": beside(n) for n in range(8)}
    ecgs["same"] = ecgs["own0"].described(format="other")
    ecgs["slow"] = ECG(resample_and_filter(ecgs["own1"].signal, 500, 100), 100)
    noise = np.random.default_rng(0).normal(0, 0.02, (12, 5000))
    ecgs["noisy"] = ECG(ecgs["own2"].signal + noise + 0.3, 500)
    ecgs["denoised"] = ECG(resample_and_filter(ecgs["own3"].signal, 500, 500, 0.5, 50), 500)
    ecgs["units"] = ECG(ecgs["own4"].signal * 200, 500, calibrated=False)
    kept = [lead for lead in LEADS if lead != "V3"]
    ecgs["without"] = ECG(ecgs["own5"].signal[[LEADS.index(lead) for lead in kept]], 500, kept)
    found = duplicates(fill(ecgs))
    assert {(one.one, one.other) for one in found} == {
        ("own0", "same"),
        ("own1", "slow"),
        ("own2", "noisy"),
        ("own3", "denoised"),
        ("own4", "units"),
        ("own5", "without"),
    }
    assert [one.exact for one in found] == [True, *[False] * 5]


def test_one_patient_recorded_twice_is_no_duplicate(fill):
    whole = simulate(70, rate=500, seconds=20, noise=0.01)  # of one rate, cut at other moments of the beat
    ecgs = {f"{n}": ECG(whole.signal[:, 310 * n : 310 * n + 5000], 500) for n in range(6)}
    assert duplicates(fill(ecgs)) == []


def test_pairs_are_those_of_a_slow_search(fill):
    ecgs = {f"{n}": beside(n % 5) for n in range(5)}
    for n in range(5):
        ecgs[f"again{n}"] = ECG(ecgs[str(n)].signal + np.random.default_rng(n).normal(0, 0.03 * n, (12, 5000)), 500)
    prints = {name: fingerprint(ecg) for name, ecg in ecgs.items()}
    names = list(ecgs)
    expected = {
        (one, other) for i, one in enumerate(names) for other in names[i + 1 :] if prints[one] @ prints[other] >= 0.95
    }
    found = {(one.one, one.other) for one in duplicates(fill(ecgs), 0.95) if not one.exact}
    exact = {("0", "again0")}
    assert found == expected - exact and expected


def test_what_is_too_short_or_flat_is_left_alone(fill, tmp_path):
    assert fingerprint(ECG(np.zeros((12, 5000)), 500)) is None
    assert fingerprint(simulate(60, rate=500, seconds=4)) is None
    ecgs = {"flat": ECG(np.zeros((12, 5000)), 500), "flat2": ECG(np.full((12, 5000), 0.5), 500)}
    assert duplicates(fill(ecgs)) == []
    with pytest.raises(UsageError, match="no threshold"):
        duplicates(Collection.open(tmp_path / "c"), 0.1)


def test_both_copies_and_the_challenges_of_the_real_ptb_xl(real_ptbxl, real_data, fill):
    slow, fast = PTBXL(real_ptbxl), PTBXL(real_ptbxl, 500)
    ids = [one.ecg_id for one in fast.recordings][:30]
    ecgs = {}
    for name, source in (("slow", slow), ("fast", fast)):
        ecgs |= {f"{name}{one.ecg_id}": source.row(one).ecg() for one in source.recordings if one.ecg_id in ids}
    challenge = Challenge(real_data / "cinc2021")
    copies = [one for one in challenge.recordings if one.source == "ptb-xl" and int(one.name[2:]) in ids]
    ecgs |= {f"hr{int(one.name[2:])}": challenge.row(one).ecg() for one in copies}
    found = {(one.one, one.other) for one in duplicates(fill(ecgs))}
    assert {(f"slow{n}", f"fast{n}") for n in ids} <= found
    for one, other in found:
        assert one.lstrip("slowfathr") == other.lstrip("slowfathr")
    assert {int(other[2:]) for one, other in found if other.startswith("hr")} == {int(one.name[2:]) for one in copies}
