from __future__ import annotations

import pytest

from einthoven.datasets.datasheet import NOT_ANSWERED, NOT_COUNTED, NOT_STATED, QUESTIONS, _answers, datasheet, names
from einthoven.datasets.published import published
from einthoven.datasets.table1 import Summary
from einthoven.ecg import UsageError


def counted(**changes) -> Summary:
    facts = dict(records=20699, patients=17921, without_patient=0, training=17418, seconds=(10, 10), rates=(100, 100))
    facts |= dict(with_age=20000, with_sex=20699, with_text=20699, with_statements=20699, folds={1: 2175, 9: 2183})
    return Summary("ptb-xl", **(facts | dict(systems=("SCP",)) | changes))


@pytest.mark.parametrize("name", names())
def test_every_question_is_asked_and_counts_are_filled_in(name):
    page = datasheet(name, counted())
    for questions in QUESTIONS.values():
        for question in questions.values():
            assert page.count(f"**{question}**") == 1
    assert "17,418" in page and "{" not in page
    assert page.count(NOT_STATED) <= 4 and (page.count(NOT_ANSWERED) <= 17)


@pytest.mark.parametrize("name", published())
def test_without_a_collection_nothing_is_counted(name):
    page, one = datasheet(name), published()[name]
    assert "Nothing was counted" in page and NOT_COUNTED in page and one.confirmed in page and one.confirmed
    assert (f"{one.records:,} records" if one.records else "not published as one number") in page
    assert "{" not in page and "None" not in page.replace("None by its", "")


def test_answers_are_of_known_sets_and_questions():
    keys = {key for questions in QUESTIONS.values() for key in questions}
    for name, key in _answers():
        assert name in published() and key in keys
    with pytest.raises(UsageError, match="no datasheet of 'nowhere'"):
        datasheet("nowhere", counted())


def test_what_is_not_there_is_said():
    page = datasheet("mimic-iv-ecg", counted(patients=0, with_age=0, folds={}))
    assert "Age is known of 0" in page and "not told apart" in page and "By fold" not in page
