from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import einthoven
from einthoven.cli.demo import demo_file
from einthoven.ecg import ModelError, UsageError
from einthoven.models import BUNDLED, load_model
from einthoven.reporting import DISCLAIMER
from einthoven.reporting.classify import classify
from einthoven.testing import simulate


@pytest.fixture(scope="module")
def model():
    return load_model(threads=1)


@pytest.fixture(scope="module")
def normal():
    return einthoven.read(demo_file())


def by_label(found):
    return {one.label.asked: one for one in found.labels}


def test_labels_in_words_and_codes_of_two_languages(model, normal):
    asked = ["LBBB", "Vorhofflimmern", "normal ECG", "MI"]
    found = by_label(classify(normal, asked, model))
    assert set(found) == set(asked)
    probability, head = model.similarity([normal], ["LBBB"])[0, 0], model.predict([normal])[0]
    assert found["LBBB"].similarity == pytest.approx(probability, abs=1e-5)
    assert found["LBBB"].probability == pytest.approx(model.text.config.likelihood.probability(probability), abs=1e-5)
    assert found["LBBB"].head == {"CLBBB": pytest.approx(head[model.codes.index("CLBBB")], abs=1e-5)}
    assert found["Vorhofflimmern"].head["AFIB"] < 0.1 and not found["Vorhofflimmern"].convincing
    assert found["normal ECG"].convincing and found["normal ECG"].calibrated
    members = [model.codes.index(code) for code in found["MI"].label.codes]
    assert found["MI"].head["any of them"] == pytest.approx(1 - np.prod(1 - head[members]), abs=1e-5)


def test_what_fits_best_stands_first_and_what_was_not_scored_does_not_count(model, normal):
    found = classify(normal, ["no LBBB", "LBBB", "normal ECG", "age 50 years", "xyzzy quux"], model)
    scored = [one for one in found.labels if one.similarity is not None]
    assert [one.label.asked for one in scored] == ["normal ECG", "LBBB"] and found.none_of_these is False
    refused = {one.label.asked: one.refused for one in found.labels if one.refused}
    assert set(refused) == {"no LBBB", "age 50 years", "xyzzy quux"}
    assert "cannot read" in refused["xyzzy quux"] and "about the patient" in refused["age 50 years"]


def test_none_of_these(model, normal):
    found = classify(normal, ["LBBB", "atrial fibrillation"], model)
    assert found.none_of_these and "None of these is convincing." in str(found)
    assert classify(normal, ["no LBBB"], model).none_of_these is None


def test_a_label_outside_the_vocabulary_is_guesswork(model, normal):
    (one,) = classify(normal, ["Brugada pattern"], model).labels
    assert one.head == {} and not one.calibrated and one.probability is not None
    assert "guesswork" in str(classify(normal, ["Brugada pattern"], model))


def test_an_ecg_that_is_not_fit_is_not_labelled(model, normal):
    flat = simulate(leads=("I", "II", "V1", "V2", "V3"))
    found = classify(flat, ["LBBB", "SR"], model)
    assert found.outcome == "none" and found.none_of_these is None and found.reasons
    assert all(one.similarity is None and one.head == {} for one in found.labels)
    assert "not fit" in str(found) and json.dumps(found.to_dict(), allow_nan=False)


def test_doubts_of_the_ecg_are_said(model):
    found = classify(simulate(seconds=4, calibrated=False), ["LBBB"], model)
    assert found.outcome == "caution"
    assert any("gain is unknown" in reason for reason in found.reasons)
    assert any("lasts only" in reason for reason in found.reasons)


def test_the_same_as_text_and_json(model, normal):
    found = classify(normal, ["LBBB", "Brugada pattern", "no LBBB"], model)
    document = found.to_dict()
    assert document["disclaimer"] == DISCLAIMER and str(found).endswith(DISCLAIMER)
    assert [one["label"] for one in document["labels"]] == [one.label.asked for one in found.labels]
    assert document["model"]["sha256"] == model.sha256 and document["model"]["text_sha256"] == model.text.sha256
    json.dumps(document, allow_nan=False)


def test_a_critical_finding_is_convincing_earlier(model, normal):
    found = by_label(classify(normal, ["third-degree AV block", "LVH"], model))
    for name, critical in (("third-degree AV block", True), ("LVH", False)):
        one = replace(found[name], probability=0.3, head={})
        assert one.critical == critical and one.convincing == critical


@pytest.mark.parametrize("labels", [[], ["LBBB", "CLBBB"], [""]])
def test_lists_that_cannot_be_meant(model, normal, labels):
    with pytest.raises(UsageError):
        classify(normal, labels, model)


def test_a_model_without_text_side_says_what_to_do(normal, tmp_path):
    shutil.copytree(BUNDLED, tmp_path / "bare")
    shutil.rmtree(tmp_path / "bare" / "text")
    with pytest.raises(ModelError, match="no text side"):
        classify(normal, ["LBBB"], load_model(tmp_path / "bare"))


def test_none_of_these_is_not_said_over_a_label_that_was_not_scored(model, normal):
    found = classify(normal, ["VT", "atrial fibrillation"], model)
    assert found.none_of_these is None and "None of these" not in str(found)


def test_what_no_statement_says_is_not_scored_as_if_it_were_absent(model, normal):
    found = by_label(classify(normal, ["VT", "Kammerflimmern", "asystole", "normal ECG"], model))
    assert found["normal ECG"].similarity is not None
    for label in ("VT", "Kammerflimmern", "asystole"):
        one = found[label]
        assert one.similarity is None and not one.head and one.refused.startswith("No statement known here says ")
