"""Answers: among the options, with evidence, not sure where they should not be."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime

import numpy as np
import pytest

from einthoven.answering import answer, answer_of, read_question, see
from einthoven.answering.answer import OTHER_WAY
from einthoven.answering.decide import judge
from einthoven.answering.scales import Scales, fit_line, odds
from einthoven.ecg import ECG, UsageError
from einthoven.reporting import DISCLAIMER


def test_a_finding_is_answered_with_the_neighbours_that_carry_it(fibrillating, normal, archive):
    there = answer(fibrillating, "Is there atrial fibrillation?", archive)
    assert there.outcome == "answer" and there.answers == ("yes",) and there.confidence > 0.8
    records = {one.record: one.codes for one in archive.search(fibrillating, 25)}
    assert there.grounds[0].records and all("AFIB" in records[one] for one in there.grounds[0].records)
    absent = answer(normal, "Gibt es Vorhofflimmern?", archive, ["Yes", "No"])
    assert (absent.outcome, absent.answers) == ("answer", ("No",))
    assert " of the 25 nearest" in absent.grounds[0].text
    json.dumps(there.to_dict())
    assert there.to_dict()["disclaimer"] == DISCLAIMER and DISCLAIMER in str(there)


def test_a_value_is_measured_and_a_question_without_words_for_it_is_not_understood(normal, archive):
    rate = answer(normal, "What is the heart rate?", archive)
    assert rate.value == pytest.approx(72, abs=2) and rate.unit == "bpm" and "72 bpm" in str(rate)
    strange = answer(normal, "Is the patient rich?", archive)
    assert strange.outcome == "not understood" and not strange.answers and "rich" in strange.reasons[0]
    assert "atrial fibrillation" in strange.reasons[1]


def test_two_ecgs(fibrillating, normal, archive):
    new = answer(normal, "Has atrial fibrillation appeared?", archive, second=fibrillating)
    assert new.answers == ("yes",) and [one.text.split(":")[0] for one in new.grounds] == ["first ECG", "second ECG"]
    idle = answer(normal, "Is the atrial fibrillation gone?", archive, second=fibrillating)
    assert idle.outcome == "not sure" and idle.leaning is None and "takes for granted" in idle.reasons[0]
    times = [one.described(time=datetime(2020, month, 1)) for month, one in ((2, normal), (1, fibrillating))]
    turned = answer(times[0], "Has atrial fibrillation appeared?", archive, second=times[1])
    assert turned.reasons[0] == OTHER_WAY and turned.answers == new.answers
    changed = answer(normal, "What has changed?", archive, second=fibrillating)
    assert "atrial fibrillation new" in changed.answers
    for question, second in (("What has changed?", None), ("Is there atrial fibrillation?", normal)):
        with pytest.raises(UsageError):
            answer(normal, question, archive, second=second)


def test_nothing_is_told_of_a_recording_that_is_not_fit(archive):
    flat = ECG(np.zeros((12, 1000)), 100, ["I", "II", "III", "aVR", "aVL", "aVF", *(f"V{n}" for n in range(1, 7))])
    found = answer(flat, "Is there atrial fibrillation?", archive)
    assert found.outcome == "not sure" and found.leaning is None and found.reasons
    assert answer(flat, "What is the heart rate?", archive).value is None


def test_a_critical_finding_is_not_called_absent_without_a_calibrated_bound(normal, archive):
    view = see(normal, archive)
    meaning = read_question("Is there third degree AV block?")
    unsure = answer_of(meaning, [dataclasses.replace(view, critical=None)], meaning.options)
    assert unsure.outcome == "not sure" and "critical" in unsure.reasons[0]
    bound = answer_of(meaning, [dataclasses.replace(view, critical=1.0)], meaning.options)
    assert bound.answers == ("no",)


@pytest.mark.parametrize(
    "question", ["What is the rhythm?", "Is it sinus rhythm or atrial fibrillation?", "Is there WPW?"]
)
def test_an_answer_outside_the_options_never_comes(question, fibrillating, archive):
    meaning = read_question(question)
    view = see(fibrillating, archive)
    for allowed in (meaning.options, meaning.options[:1], meaning.options[-1:]):
        for sure in (0.5, 0.8, 1.0):
            found = answer_of(meaning, [view], allowed, sure)
            assert set(found.answers) <= set(allowed)
            assert bool(found.answers) == (found.outcome == "answer")


def test_the_line_is_that_of_an_independent_fit():
    rng = np.random.default_rng(0)
    x = rng.normal(size=4000)
    truth = rng.random(4000) < 1 / (1 + np.exp(-(-0.7 + 1.8 * x)))
    assert fit_line(x, truth) == pytest.approx((-0.7, 1.8), abs=0.2)
    weights = np.array([0.0, 1.0])  # plain gradient descent on the same loss
    features = np.stack([np.ones(4000), x], 1)
    for _ in range(3000):
        p = 1 / (1 + np.exp(-features @ weights))
        weights = weights - 0.5 * (features.T @ (p - truth) + weights - [0, 1]) / 4000
    assert fit_line(x, truth) == pytest.approx(tuple(weights), abs=1e-3)
    assert fit_line(x, ~truth)[1] == 0.0


def test_a_choice_weighs_both_names_apart(fibrillating, archive):
    meaning = read_question("Is it sinus rhythm or atrial fibrillation?")
    view = see(fibrillating, archive)
    judged = judge(meaning, [view], Scales())
    both = list(judged.chances.values())
    assert judged.confidence == pytest.approx(np.prod([max(one, 1 - one) for one in both]))
    shifted = judge(dataclasses.replace(meaning, template=7), [view], Scales(), Scales({"template 7": (-9.0, 0.0)}))
    assert shifted.best == ("none",) and odds(0.5) == 0.0


def test_the_evidence_of_a_list_names_what_each_line_is_of(fibrillating, archive):
    found = answer(fibrillating, "What is the rhythm?", archive)
    told = [one.text for one in found.grounds]
    assert any("carry atrial fibrillation" in one for one in told) and not any("carry it" in one for one in told)


@pytest.mark.parametrize(
    "question",
    [
        "Is there a conduction disturbance?",
        "Is there anything abnormal?",
        "Is there an AV block?",
        "Is the ECG normal?",
    ],
)
def test_neither_a_class_nor_normal_denies_a_critical_finding_within_its_bound(question, normal, archive):
    meaning = read_question(question)
    view = dataclasses.replace(see(normal, archive), critical=1.0)
    free = answer_of(meaning, [view], meaning.options, 0.5)
    held = answer_of(meaning, [dataclasses.replace(view, critical=0.0)], meaning.options, 0.5)
    assert free.outcome == "answer" and free.answers in (("no",), ("yes",))
    assert held.outcome == "not sure" and "not ruled out" in held.reasons[0]


def test_a_choice_and_a_list_deny_no_critical_finding_within_its_bound(normal, archive):
    view = see(normal, archive)
    meaning = read_question("What is the rhythm?")
    strict = answer_of(meaning, [dataclasses.replace(view, critical=0.0)], meaning.options)
    loose = answer_of(meaning, [dataclasses.replace(view, critical=1.0)], meaning.options)
    unbound = answer_of(meaning, [dataclasses.replace(view, critical=None)], meaning.options)
    assert "atrial fibrillation" in dict(strict.open_names) and "atrial fibrillation" not in dict(loose.open_names)
    assert "calibrated for it" in unbound.reasons[0]
    choice = read_question("Is it sinus rhythm or atrial fibrillation?")
    assert answer_of(choice, [dataclasses.replace(view, critical=1.0)], choice.options).answers == ("sinus rhythm",)
    assert answer_of(choice, [dataclasses.replace(view, critical=0.0)], choice.options).outcome == "not sure"


def test_options_may_be_german(normal, archive):
    found = answer(normal, "Gibt es Vorhofflimmern?", archive, ["Ja", "Nein"])
    assert found.answers in (("Nein",), ()) and found.options == ("Ja", "Nein")
    with pytest.raises(UsageError):
        answer(normal, "Gibt es Vorhofflimmern?", archive, ["vielleicht"])


def with_confidence(view, critical, **confidence):
    """What is known of an ECG, with the confidences of some codes and the archive's bound of critical findings."""
    changed = np.full(len(view.found.codes), 0.001)
    for code, value in confidence.items():
        changed[view.places[code]] = value
    found = dataclasses.replace(view.found, confidence=changed)
    return dataclasses.replace(view, found=found, critical=critical)


PAIRS = {  # of AFIB in the first and the later ECG: whether the list would deny what the later one may have
    ("new", 0.001, 0.15): True,
    ("new", 0.95, 0.15): False,  # it was there before, so it is not new whatever the later one has
    ("new", 0.001, 0.001): False,
    ("kept", 0.15, 0.15): True,
    ("kept", 0.001, 0.15): False,  # nothing to keep
    ("gone", 0.99, 0.15): True,
    ("gone", 0.99, 0.001): False,
    ("lacking", 0.001, 0.15): True,
    ("lacking", 0.001, 0.001): False,
}


@pytest.mark.parametrize("case", PAIRS, ids=lambda case: "-".join(map(str, case)))
def test_a_list_about_two_ecgs_denies_no_critical_finding_within_its_bound(case, normal, archive):
    change, before, after = case
    view = see(normal, archive)
    asked = dataclasses.replace(read_question("What is the rhythm?"), change=change)
    views = [with_confidence(view, 0.02, SR=0.001, AFIB=value) for value in (before, after)]
    found = answer_of(asked, views, asked.options, 0.8)
    name = "atrial fibrillation"
    assert (name in dict(found.open_names)) == PAIRS[case], found
    assert not (PAIRS[case] and name in found.answers)
    named = before * (1 - after) if change == "gone" else (1 - before) * (1 - after) if change == "lacking" else 0
    assert (name in found.answers) == (named >= 0.8 and not PAIRS[case])


def test_all_that_has_changed_is_held_to_the_bound_too(normal, archive):
    view, asked = see(normal, archive), read_question("What has changed?")
    gone = [with_confidence(view, 0.02, AFIB=value) for value in (0.99, 0.15)]
    found = answer_of(asked, gone, asked.options, 0.8)
    assert "atrial fibrillation gone" in dict(found.open_names) and "atrial fibrillation gone" not in found.answers
    surely = [with_confidence(view, 0.02, AFIB=value) for value in (0.99, 0.001)]
    assert "atrial fibrillation gone" in answer_of(asked, surely, asked.options, 0.8).answers
    new = answer_of(asked, [with_confidence(view, 0.02, AFIB=value) for value in (0.001, 0.15)], asked.options, 0.8)
    assert "atrial fibrillation new" in dict(new.open_names)


def test_a_choice_about_two_ecgs_and_an_archive_without_bound(normal, archive):
    view = see(normal, archive)
    asked = dataclasses.replace(read_question("Is it sinus rhythm or atrial fibrillation?"), change="new")
    views = [with_confidence(view, 0.02, SR=value, AFIB=other) for value, other in ((0.001, 0.001), (0.99, 0.15))]
    found = answer_of(asked, views, asked.options, 0.5)
    assert found.outcome == "not sure" and "not ruled out" in found.reasons[0]
    free = [dataclasses.replace(one, critical=0.5) for one in views]
    assert answer_of(asked, free, asked.options, 0.5).answers == ("sinus rhythm",)
    rhythm = dataclasses.replace(read_question("What is the rhythm?"), change="gone")
    unbound = [dataclasses.replace(with_confidence(view, 0.02, AFIB=value), critical=None) for value in (0.99, 0.001)]
    left = answer_of(rhythm, unbound, rhythm.options, 0.8)
    assert "atrial fibrillation" not in left.answers and "atrial fibrillation" in dict(left.open_names)
    none = dataclasses.replace(rhythm, change="new")
    nothing = [dataclasses.replace(with_confidence(view, 0.02), critical=None) for _ in range(2)]
    assert any("calibrated for it" in one for one in answer_of(none, nothing, none.options, 0.8).reasons)
