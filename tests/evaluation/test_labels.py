from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import UsageError
from einthoven.evaluation.labels import any_of, counted_labels, membership_of
from einthoven.statements import LABEL_SETS, VOCABULARY, label_set, labels_of

CODES = VOCABULARY.codes()


def carrying(*each: tuple[str, ...]) -> np.ndarray:
    return np.array([[code in some for code in CODES] for some in each])


@pytest.mark.parametrize("name", LABEL_SETS)
def test_membership_gives_the_labels_of_an_ecg(name):
    rng = np.random.default_rng(0)
    membership = membership_of(name, CODES)
    assert membership.shape == (len(label_set(name)), 71)
    for _ in range(20):
        some = list(rng.choice(CODES, 4, replace=False))
        found = (carrying(tuple(some)) @ membership.T)[0]
        assert tuple(np.array(label_set(name))[found]) == labels_of(some, name)


def test_only_labels_with_ten_positives_and_a_negative_count():
    # 10 x IMI, 9 x ASMI, LVH beside each IMI, and one ECG of none of them; SR everywhere
    carried = carrying(*[("IMI", "LVH", "SR")] * 10, *[("ASMI", "SR")] * 9, ("SR",))
    labels = counted_labels(carried, CODES)
    assert list(labels.columns) == ["superclasses (2 of 5)", "subclasses (2 of 23)", "all statements (2 of 71)"]
    assert labels.left_out["super"] == ["CD", "NORM", "STTC"]
    assert "SR" in labels.left_out["all"] and "ASMI" in labels.left_out["all"] and len(labels.left_out["form"]) == 19
    # MI; the subclass IMI is not the code IMI, and LVH is the same everywhere but not the superclass HYP
    assert len(labels.membership) == 5
    truth = labels.truth(carried)
    for column, each in {
        "superclasses (2 of 5)": [("LVH",), ("IMI", "ASMI")],
        "subclasses (2 of 23)": [("IMI",), ("LVH",)],
        "all statements (2 of 71)": [("IMI",), ("LVH",)],
    }.items():
        expected = {tuple((carried @ carrying(some)[0]).tolist()) for some in each}
        assert {tuple(truth[:, place].tolist()) for place in labels.columns[column]} == expected


def test_a_full_set_is_said_to_be_full():
    carried = carrying(*[("IMI",), ("LVH",), ("NORM",), ("CLBBB",), ("ISC_",)] * 10)
    assert "superclasses (5)" in counted_labels(carried, CODES).columns


def test_no_label_is_refused():
    with pytest.raises(UsageError, match="10 positives"):
        counted_labels(carrying(*[("IMI",)] * 9, ("SR",)), CODES)


def test_any_of_several_codes():
    chance = np.array([[0.5, 0.5, 0.2], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    found = any_of(chance, np.array([[True, True, False], [True, True, True]]))
    np.testing.assert_allclose(found, [[0.75, 0.8], [1, 1], [0, 0]], atol=1e-8)


def test_one_code_keeps_its_order_down_to_the_smallest_probability():
    """So that the head's AUC of a class of one code is that of the code; 1 - (1 - p) would tie all below 1e-16."""
    chance = np.sort(np.exp(np.random.default_rng(0).uniform(-60, 0, 1000)).astype(np.float32))
    wide = np.stack([chance, np.full(1000, 0.3, np.float32)], axis=1)
    found = any_of(wide, np.array([[True, False]]))[:, 0]
    np.testing.assert_allclose(found, chance, rtol=1e-6)
    assert ((np.diff(found) > 0) == (np.diff(chance) > 0)).all()
