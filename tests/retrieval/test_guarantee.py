"""The bounds of an archive's confidences: what they promise on new patients, and for whom they promise nothing."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.collection import Row
from einthoven.retrieval import POSSIBLE, Calibration, Guarantee
from einthoven.retrieval.guarantee import Bounds, guarantee_of, halves, highest_critical

CODES = ("SR", "AFIB", "WPW", "IMI")


def world(patients: int, rng: np.random.Generator):
    """Confidences that mean what they say, of patients with one or two ECGs; AFIB and WPW are critical."""
    ecgs = rng.integers(1, 3, patients)
    chance = np.repeat(rng.beta([3, 0.4, 0.1, 0.6], [1, 4, 12, 2], (patients, 4)), ecgs, 0)
    truth = rng.random(chance.shape) < chance
    return chance, truth, truth[:, 1:3].any(1), np.repeat(np.arange(patients), ecgs).astype(str)


def test_what_it_promises_holds_on_new_patients():
    rng = np.random.default_rng(0)
    spent, allowed, missed, unseen = np.zeros((2, 4)), np.zeros(4), [], []
    for _ in range(150):
        found = guarantee_of(CODES, *world(250, rng), alpha=0.2, critical_alpha=0.05)
        chance, truth, critical, _ = world(200, rng)
        for column, code in enumerate(CODES):
            one = found.labels[code]
            called = [found.verdict(code, sure) == "kept" for sure in chance[:, column]]
            spent[0, column] += (called & ~truth[:, column]).sum()
            spent[1, column] += (truth[:, column] & (chance[:, column] < (one.absent or 0))).sum()
        allowed += 0.2 * truth.sum(0)
        highest = highest_critical(CODES, chance)
        calm = highest < POSSIBLE
        missed.append((calm & critical & (highest < (found.critical or 0))).sum())
        unseen.append(calm.sum())
    assert (spent <= 1.03 * allowed).all()
    assert (spent[:, [0, 1, 3]] >= 0.6 * allowed[[0, 1, 3]]).all()  # no idle promise, where patients suffice
    assert 0.7 * 0.05 < sum(missed) / sum(unseen) <= 0.05 * 1.03


def test_too_few_patients_with_it_give_no_bound_and_say_how_many():
    rng = np.random.default_rng(1)
    chance, truth, critical, patients = world(300, rng)
    truth[:, 2] = False
    truth[np.unique(patients, return_index=True)[1][:8], 2] = True  # one ECG each of eight patients
    found = guarantee_of(CODES, chance, truth, critical, patients, alpha=0.1)
    assert found.labels["WPW"] == Bounds(None, None, 8)
    assert found.guaranteed == ("SR", "AFIB", "IMI") and found.patients == 300
    assert found.verdict("WPW", 0.99) == found.verdict("never seen", 0.99) == "none"
    assert found.summary()["statements_without"] == 1


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 60))
def test_a_stricter_level_never_calls_or_leaves_out_more(seed, people):
    asked = world(people, np.random.default_rng(seed))
    strict, loose = (guarantee_of(CODES, *asked, alpha=a, critical_alpha=a / 2) for a in (0.1, 0.3))
    for code in CODES:
        one, other = strict.labels[code], loose.labels[code]
        assert one.present is None or one.present >= other.present
        assert one.absent is None or one.absent <= other.absent
    assert strict.critical is None or strict.critical <= loose.critical


def test_a_critical_level_that_cannot_be_reached_is_none():
    chance, truth, critical, patients = world(30, np.random.default_rng(2))
    assert guarantee_of(CODES, chance, truth, critical, patients).critical is None
    assert (
        guarantee_of(CODES, np.zeros_like(chance), truth, critical & False, patients, critical_alpha=0.1).critical == 1
    )
    assert highest_critical(("SR", "IMI"), chance[:, :2]).tolist() == [0] * len(chance)


def test_it_comes_back_from_json_as_it_was():
    from dataclasses import asdict

    found = guarantee_of(CODES, *world(120, np.random.default_rng(3)))
    assert Guarantee.from_dict(json.loads(json.dumps(asdict(found)))) == found


@pytest.mark.parametrize("people", [2, 7, 100])
def test_halves_share_no_patient(people):
    patients = [f"p{n % people}" for n in range(3 * people)]
    first = halves(patients)
    assert len({p for p, one in zip(patients, first, strict=True) if one}) == (people + 1) // 2
    assert first.tolist() == np.tile(first[:people], 3).tolist()
    assert first.tolist() == halves(patients).tolist()


def test_an_archive_learns_it_from_patients_apart_and_keeps_it(filled, make_ecg, stand_in):
    rows = [Row.from_ecg(make_ecg(n), f"q{n}", "made up") for n in range(2000, 2420)]
    found = filled.calibrate(rows).guarantee
    assert found.patients == 105 and set(found.labels) == {"NORM", "SR", "SBRAD", "STACH", "AFIB"}
    assert sum(one.patients for one in found.labels.values()) == 105 + found.labels["SR"].patients
    assert (
        Calibration.from_dict(json.loads((filled.path / "archive.json").read_text())["calibration"]).guarantee == found
    )
    assert filled.info()["guarantee"]["statements_with"] == len(found.guaranteed)


def test_the_archive_that_ships_is_calibrated_as_it_stands_by_patients_of_fold_9():
    from einthoven.retrieval import demo_archive

    archive = demo_archive()
    found = archive.calibration
    assert found is not None and found.source == "PTB-XL fold 9"
    assert found.guarantee.critical is not None and 0.01 < found.guarantee.critical < POSSIBLE
    assert {"NORM", "SR", "AFIB", "IMI", "LVH"} <= set(found.guarantee.guaranteed)
    assert {path.name for path in archive.path.iterdir()} <= {"archive.json", "ecgs.lance", "SHA256SUMS"} | {
        path.name for path in archive.path.glob("embeddings_*.lance")
    }
