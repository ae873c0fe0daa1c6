from __future__ import annotations

import pytest

from einthoven.ecg import UsageError
from einthoven.knowledge.labels import VOCABULARIES, read_label, read_labels, readable, vocabulary_labels
from einthoven.statements import LANGUAGES, VOCABULARY, label_set, wordings


def test_every_code_and_wording_is_read_as_its_code():
    for code in VOCABULARY:
        assert read_label(code.lower()).codes == (code,)
        for language in LANGUAGES:
            for text in wordings(code, language):
                assert code in read_label(text.upper()).codes, text


@pytest.mark.parametrize(
    ("asked", "codes"),
    [
        ("Hinterwandinfarkt", ("IMI",)),
        ("atrial fibrillation with left bundle branch block", ("AFIB", "CLBBB")),
        ("Brugada pattern", ()),
    ],
)
def test_words_are_read_as_reports_are(asked, codes):
    found = read_label(asked)
    assert set(found.codes) == set(codes) and found.text == asked and not found.refused and not found.any


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("no LBBB", "ask for the finding itself"),
        ("kein Vorhofflimmern", "ask for the finding itself"),
        ("age 50 years", "about the patient"),
        ("baseline wander", "technical note"),
        ("unchanged since the last ECG", "comparison"),
    ],
)
def test_what_is_no_finding_is_not_to_be_scored(asked, said):
    assert said in read_label(asked).refused


def test_a_text_that_is_not_known_is_marked():
    found = read_label("wobbly thing")
    assert not found.known and not found.refused and found.codes == ()


def test_superclasses_are_any_of_their_codes():
    found = read_label("mi")
    assert found.any and "IMI" in found.codes and found.text == "myocardial infarction or injury"
    assert read_label("Erregungsleitungsstörung").codes == read_label("CD").codes


@pytest.mark.parametrize(("name", "count"), [*zip(VOCABULARIES, (71, 44, 23, 5, 19, 12), strict=True)])
def test_whole_vocabularies(name, count):
    found = vocabulary_labels(name)
    assert [one.asked for one in found] == list(label_set(name.removeprefix("ptbxl-"))) and len(found) == count
    assert all(one.codes and one.text for one in found)
    assert read_labels(found) == found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ([], "no label"),
        (["LBBB", " "], "empty"),
        (["LBBB", "clbbb"], "mean the same"),
        (["wobbly thing", "WOBBLY  thing"], "mean the same"),
        (["Sinusrhythmus", "sinus rhythm"], "mean the same"),
        ("LBBB", "in a list"),
    ],
)
def test_lists_that_cannot_be_meant_are_refused(asked, said):
    with pytest.raises(UsageError, match=said):
        read_labels(asked)


def test_an_unknown_vocabulary_names_those_that_are_near():
    with pytest.raises(UsageError, match="ptbxl-super"):
        vocabulary_labels("ptbxl-supr")


def test_a_class_and_one_of_its_codes_may_stand_side_by_side():
    assert len(read_labels(["MI", "IMI", "inferior myocardial infarction or lateral myocardial infarction"])) == 3


def test_words_that_a_text_side_does_not_know_are_replaced_by_the_wording_of_their_codes():
    assert readable(read_label("fibrillating atria"), lambda text: 1.0) == "fibrillating atria"
    assert readable(read_label("fibrillating atria"), lambda text: 0.2) == "atrial fibrillation"
    assert readable(read_label("wobbly thing"), lambda text: 0.2) is None
    assert readable(read_label("MI"), lambda text: 0.2) is None
