"""The promise itself, on whole bags and in simulations; and the threshold by trying every one."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.metrics import controlled_threshold, patient_shares

ALPHAS = st.sampled_from(["1/20", "1/10", "1/4", "1/3", "1/2", "4/5"]).map(Fraction)


def slow_threshold(score, wrong, counted, patients, alpha: Fraction, within):
    """Every score is tried, and the mean loss of each patient is added up in fractions."""
    people = sorted(set(patients))

    def total(threshold) -> Fraction:
        losses = []
        for person in people:
            own = [at for at, one in enumerate(patients) if one == person]
            loss = sum((int(wrong[at] and score[at] < threshold) - alpha * int(counted[at]) for at in own), Fraction())
            losses.append(loss / len(own))
        return sum(losses, Fraction()) + (1 - alpha if within else 1)

    fitting = [t for t in (-math.inf, *sorted(set(score)), math.inf) if total(t) <= 0]
    if not fitting:
        return None
    # Between two scores nothing changes, so the least score at which too many are let through bounds it.
    return fitting[-1] if fitting[-1] == math.inf else max(fitting)


@st.composite
def bags(draw):
    n = draw(st.integers(2, 40))
    within = draw(st.booleans())
    rng = np.random.default_rng(draw(st.integers(0, 10**6)))
    counted = rng.random(n) < draw(st.sampled_from([0.2, 0.6, 1.0]))
    wrong = rng.random(n) < draw(st.sampled_from([0.05, 0.3, 0.8]))
    wrong = wrong & counted if within else wrong & ~counted
    score = rng.integers(0, draw(st.sampled_from([3, 1000])), n) / 10  # with many ties, or few
    patients = rng.integers(0, draw(st.sampled_from([n, n // 2 + 1])), n)
    return score, wrong, counted, patients, within


@settings(max_examples=150, deadline=None)
@given(bags(), ALPHAS)
def test_it_is_the_threshold_of_a_slow_search(bag, alpha):
    score, wrong, counted, patients, within = bag
    found = controlled_threshold(score, wrong, counted, patients, float(alpha), within)
    slow = slow_threshold(score, wrong, counted, patients, alpha, within)
    if slow is None or found is None:
        assert found is slow
    else:  # not the same number where no error lies between, but the same errors let through
        assert ((score < found) & wrong).tolist() == ((score < slow) & wrong).tolist()
        assert found >= slow


@settings(max_examples=150, deadline=None)
@given(bags(), ALPHAS)
def test_of_any_bag_of_patients_each_being_the_new_one_once_the_promise_holds(bag, alpha):
    """The theorem itself: the mean over who of the bag is new is the expectation, given the bag."""
    score, wrong, counted, patients, within = bag
    weight = patient_shares(patients, len(score))
    errors = 0.0
    for new in set(patients.tolist()):
        own = patients == new
        if own.all():
            return
        rest = ~own
        found = controlled_threshold(score[rest], wrong[rest], counted[rest], patients[rest], float(alpha), within)
        errors += weight[own & wrong & (score < (-math.inf if found is None else found))].sum()
    assert errors <= float(alpha) * weight[counted].sum() + 1e-9


def test_of_one_class_it_is_the_quantile_of_split_conformal_prediction():
    """Left out at most alpha of those that have it: the floor(alpha (n + 1))-th smallest score."""
    rng = np.random.default_rng(0)
    for n in (5, 19, 20, 60, 399):
        for alpha in (0.05, 0.1, 0.2):
            score = rng.random(n)
            found = controlled_threshold(score, np.ones(n), np.ones(n), np.arange(n), alpha, within=True)
            place = math.floor(alpha * (n + 1) + 1e-9)
            assert found == (sorted(score)[place - 1] if place else None)


@pytest.mark.parametrize("n", [25, 60, 300])
def test_on_new_patients_it_holds_and_is_not_idle(n):
    """Patients with one to three ECGs that resemble each other; false calls for each that has it, and left out."""
    alpha, rng = 0.2, np.random.default_rng(n)

    def draw(people):
        chance = np.repeat(rng.beta(0.5, 1.0, people), ecgs := rng.integers(1, 4, people))
        return chance, rng.random(len(chance)) < chance, np.repeat(np.arange(people), ecgs)

    false, missed, there = [], [], []
    for _ in range(600):
        score, truth, patients = draw(n)
        call = controlled_threshold(-score, ~truth, truth, patients, alpha, within=False)
        leave = controlled_threshold(score, truth, truth, patients, alpha, within=True)
        score, truth, patients = draw(60)
        weight = patient_shares(patients, len(score)) / 60
        false.append(weight[~truth & (-score < (-math.inf if call is None else call))].sum())
        missed.append(weight[truth & (score < (-math.inf if leave is None else leave))].sum())
        there.append(weight[truth].sum())
    for errors in (np.array(false), np.array(missed)):
        excess = errors - alpha * np.array(there)
        spread = excess.std() / len(excess) ** 0.5
        assert excess.mean() <= 3 * spread
        assert errors.mean() >= (alpha - 3 / n) * np.mean(there) - 3 * spread


def test_without_the_correction_it_would_not_hold():
    """What the +1 is for: with ten patients the plain share lets too much through, and this does not."""
    alpha, rng, plain, ours = 0.25, np.random.default_rng(0), [], []
    for _ in range(3000):
        score, new = rng.random(10), rng.random()
        plain.append(new < np.quantile(score, 0.3, method="lower"))
        ours.append(new < controlled_threshold(score, np.ones(10), np.ones(10), range(10), alpha, within=True))
    assert np.mean(plain) > alpha > np.mean(ours)


def test_ends():
    ones = np.ones(30)
    assert controlled_threshold(ones, 0 * ones, ones, range(30), 0.1, within=True) == math.inf
    assert controlled_threshold(ones, 0 * ones, ones, range(30), 0.01, within=True) is None
    assert controlled_threshold(ones, ones, 0 * ones, range(30), 0.1, within=False) is None
    # Fifteen ECGs of one patient are one patient.
    assert controlled_threshold(ones, 0 * ones, ones, ones, 0.1, within=True) is None


def test_what_cannot_be_meant_is_refused():
    good = {"score": [0.1, 0.2], "wrong": [0, 1], "counted": [1, 1], "patients": [1, 2], "alpha": 0.4, "within": True}
    changes = [
        {"alpha": 0.0},
        {"alpha": 1.0},
        {"alpha": float("nan")},
        {"score": [0.1]},
        {"score": [0.1, float("nan")]},
        {"wrong": [0, 2]},
        {"counted": [1, 1, 1]},
        {"counted": [1, 0]},
        {"patients": [1]},
        {"patients": [None, 1]},
        {"score": [], "wrong": [], "counted": [], "patients": []},
    ]
    controlled_threshold(**good)
    for change in changes:
        with pytest.raises(UsageError):
            controlled_threshold(**{**good, **change})
