from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from einthoven.ecg import CollectionError
from einthoven.metrics import expected_calibration_error
from einthoven.retrieval import Calibration, Guarantee
from einthoven.retrieval.calibration import LOGIT_LIMIT, LOOSE_PRIOR, PRIOR, fit_weights, smoothed_votes
from einthoven.retrieval.guarantee import Bounds


def logit(p):
    return np.log(p / (1 - p))


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def slow_fit(votes, head, truth, centre, prior):
    """The same problem, given to a general optimiser as it is written down."""
    votes, head = (np.clip(logit(p), -LOGIT_LIMIT, LOGIT_LIMIT) for p in (votes, head))

    def loss(w):
        odds = w[0] + w[1] * votes + w[2] * head
        return np.logaddexp(0, np.where(truth, -odds, odds)).sum() + prior / 2 * ((w - centre) ** 2).sum()

    bounds = [(None, None), (0, None), (0, None)]
    return minimize(
        loss, np.maximum(centre, 0), method="L-BFGS-B", bounds=bounds, options={"ftol": 1e-14, "gtol": 1e-9}
    )


def known_world(queries=3000, seed=0, weights=((-0.5, 0.9, 0.6), (0.3, 1.2, 0.2), (-1.0, 0.4, 0.9))):
    """Votes and heads, and truth drawn with probabilities that follow from them."""
    rng = np.random.default_rng(seed)
    votes = np.clip(rng.beta(0.6, 1.5, (queries, len(weights))), 0.01, 0.99)
    head = np.clip(sigmoid(0.5 * logit(votes) + rng.normal(0, 1.2, votes.shape)), 0.01, 0.99)
    w = np.array(weights)
    chance = sigmoid(w[:, 0] + w[:, 1] * logit(votes) + w[:, 2] * logit(head))
    return votes, head, rng.random(votes.shape) < chance, chance


def make(**changes) -> Calibration:
    values = {
        "version": 3,
        "k": 25,
        "source": "made up",
        "queries": 300,
        "patients": 250,
        "far": 0.1,
        "distant": 0.2,
        "weights": {"*": (0.0, 0.5, 0.5), "AFIB": (-0.25, 1.5, 0.75)},
        "guarantee": Guarantee(0.1, 0.02, 125, {"AFIB": Bounds(0.6, 0.1, 30), "WPW": Bounds(None, None, 2)}, 0.05),
    }
    return Calibration(**{**values, **changes})


@pytest.mark.parametrize("seed", range(5))
def test_weights_are_those_of_an_independent_fit(seed):
    rng = np.random.default_rng(seed)
    hostile = tuple((float(a), float(b), float(c)) for a, b, c in rng.normal(0, 1, (3, 3)))  # some below 0
    votes, head, truth, _ = known_world(400, seed, hostile)
    found = fit_weights(["a", "b", "c"], votes, head, truth)
    every = slow_fit(votes.ravel(), head.ravel(), truth.ravel(), np.array([0, 0.5, 0.5]), LOOSE_PRIOR)
    assert found["*"] == pytest.approx(every.x, abs=2e-4)
    for column, code in enumerate("abc"):
        centre = np.array(found["*"])
        one = slow_fit(votes[:, column], head[:, column], truth[:, column], centre, PRIOR)
        assert found[code] == pytest.approx(one.x, abs=2e-4)


def test_a_code_that_is_never_true_has_the_weights_of_all():
    votes, head, truth, _ = known_world(200)
    truth[:, 1] = False
    assert set(fit_weights(["a", "b", "c"], votes, head, truth)) == {"*", "a", "c"}


@pytest.mark.parametrize("value", [True, False])
def test_separable_truth_gives_finite_weights(value):
    votes = np.linspace(0.01, 0.99, 60)[:, None].repeat(2, 1)
    truth = np.full(votes.shape, value)
    truth[:, 0] = votes[:, 0] > 0.5
    found = fit_weights(["a", "b"], votes, votes, truth)
    assert np.isfinite(list(found.values())).all()


def test_confidence_is_calibrated_where_the_truth_follows_known_probabilities():
    codes = ["a", "b", "c"]
    votes, head, truth, _ = known_world()
    calibration = make(weights=fit_weights(codes, votes, head, truth))
    votes, head, truth, chance = known_world(seed=1)
    confidence = calibration.confidence(codes, votes, head)
    assert np.abs(confidence - chance).mean() < 0.02
    assert expected_calibration_error(truth.ravel(), confidence.ravel()) < 0.02
    assert expected_calibration_error(truth.ravel(), votes.ravel()) > 0.05  # what it would be without


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_confidence_never_falls_with_vote_or_head(seed, low, high, other):
    rng = np.random.default_rng(seed)
    votes, head = rng.random((2, 50, 2))
    truth = rng.random((50, 2)) < rng.random()
    calibration = make(weights=fit_weights(["a", "b"], votes, head, truth))
    low, high = sorted((low, high))
    steps, fixed = np.array([[low, low], [high, high]]), np.full((2, 2), other)
    for first, second in ((steps, fixed), (fixed, steps)):
        confidence = calibration.confidence(["a", "b"], first, second)
        assert (confidence[1] >= confidence[0]).all()
        assert ((confidence >= 0) & (confidence <= 1)).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 6), st.integers(1, 4))
def test_smoothed_votes_by_loop(seed, k, codes):
    rng = np.random.default_rng(seed)
    carried, base = rng.random((3, k, codes)) < 0.4, rng.random(codes)
    found = smoothed_votes(carried, base)
    for q in range(3):
        for code in range(codes):
            count = sum(bool(carried[q, neighbour, code]) for neighbour in range(k))
            assert found[q, code] == pytest.approx((count + base[code]) / (k + 1))


def test_one_of_an_earlier_form_says_that_it_is_to_be_made_again():
    values = make().to_dict()
    del values["form"], values["guarantee"]
    for old in (values, values | {"form": 1}, make().to_dict() | {"form": 3}):
        with pytest.raises(CollectionError, match=r"of form \d; this") as caught:
            Calibration.from_dict(old)
        assert "einthoven archive calibrate" in caught.value.mend


def test_an_unknown_code_takes_the_weights_of_all():
    confidence = make().confidence(["AFIB", "SR"], np.array([0.7, 0.7]), np.array([0.4, 0.4]))
    expected = [-0.25 + 1.5 * logit(0.7) + 0.75 * logit(0.4), 0.5 * logit(0.7) + 0.5 * logit(0.4)]
    assert confidence == pytest.approx(sigmoid(np.array(expected)))


def test_it_comes_back_from_json_as_it_was():
    calibration = make()
    assert Calibration.from_dict(json.loads(json.dumps(calibration.to_dict()))) == calibration


PROMISE = make().to_dict()["guarantee"]


@pytest.mark.parametrize("field", [field.name for field in dataclasses.fields(Calibration)])
def test_a_missing_field_is_damage(field):
    values = make().to_dict()
    del values[field]
    with pytest.raises(CollectionError, match="calibration") as caught:
        Calibration.from_dict(values)
    assert "einthoven archive calibrate" in caught.value.mend


@pytest.mark.parametrize(
    "change",
    [
        {"weights": {}},
        {"weights": {"AFIB": [0, 1, 1]}},
        {"weights": {"*": [0, 1]}},
        {"weights": {"*": [0, 1, 1, 1]}},
        {"weights": {"*": [0, 1, float("nan")]}},
        {"weights": {"*": "abc"}},
        {"weights": {"*": 7}},
        {"weights": [1, 2]},
        {"weights": None},
        {"version": "3"},
        {"k": None},
        {"far": "near"},
        {"far": float("nan")},
        {"surplus": 1},
        {"guarantee": None},
        {"guarantee": {}},
        {"guarantee": PROMISE | {"alpha": 1.5}},
        {"guarantee": PROMISE | {"critical": 2.0}},
        {"guarantee": PROMISE | {"critical": float("nan")}},
        {"guarantee": PROMISE | {"patients": "many"}},
        {"guarantee": PROMISE | {"labels": {"AFIB": [0.5, 0.1, 3]}}},
        {"guarantee": PROMISE | {"labels": {"AFIB": {"present": "high", "absent": 0.1, "patients": 3}}}},
        {"guarantee": PROMISE | {"labels": {"AFIB": {"present": -1, "absent": 0.1, "patients": 3}}}},
    ],
)
def test_damaged_values_are_refused(change):
    with pytest.raises(CollectionError):
        Calibration.from_dict({**make().to_dict(), **change})
