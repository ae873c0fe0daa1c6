from __future__ import annotations

import json
from collections import Counter

import pytest

from einthoven.datasets import ECGQA
from einthoven.ecg import DataError, UsageError

ENTRY = {
    "template_id": 68, "question_id": 2470, "sample_id": 60000, "question_type": "comparison_irrelevant-query",
    "attribute_type": "numeric_feature", "question": "Which?", "answer": ["qt interval", "p duration"],
    "ecg_id": [3076, 3426], "attribute": None,
}  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    for of in ("ptbxl", "mimic-iv-ecg"):
        inner = tmp_path / "ecgqa" / of
        for wording in ("paraphrased", "template"):
            (inner / wording / "valid").mkdir(parents=True)
            for number in (10000, 0):
                entries = [ENTRY | {"sample_id": number, "attribute": ["a"] if number else None}]
                (inner / wording / "valid" / f"{number:05d}.json").write_text(json.dumps(entries))
        (inner / "valid_ecgs.tsv").write_text("0\t2\n1\t40000005\n")
        (inner / "answers.csv").write_text("index,class\n0,no\n1,not sure\n")
        (inner / "answers_for_each_template.csv").write_text(
            "template_id,classes\n1,\"['no', 'yes']\"\n68,\"['p duration', 'qt interval']\"\n"
        )
    return tmp_path


@pytest.mark.parametrize("wording", ["paraphrased", "template"])
def test_questions_about_either(folder, wording):
    found = ECGQA(folder, "ptb-xl", wording)
    first, second = found.questions("valid")
    assert (first.sample, first.attributes, second.sample, second.attributes) == (0, (), 10000, ("a",))
    assert first.records == ("ptb-xl/03076", "ptb-xl/03426")
    assert first.answers == ("qt interval", "p duration")
    assert found.options[first.template] == ("p duration", "qt interval")
    assert found.answers == ("no", "not sure")
    assert found.records("valid") == ("ptb-xl/00002", "ptb-xl/40000005")
    mimic = ECGQA(folder / "ecgqa", "mimic-iv-ecg", wording)
    assert next(mimic.questions("valid")).records == ("mimic-iv-ecg/3076", "mimic-iv-ecg/3426")


def test_what_is_not_there_is_refused(folder):
    for arguments in (("chapman", "template"), ("ptb-xl", "spoken")):
        with pytest.raises(UsageError, match="no questions"):
            ECGQA(folder, *arguments)
    with pytest.raises(UsageError, match="no part"):
        ECGQA(folder).records("dev")
    with pytest.raises(DataError, match="holds no questions"):
        next(ECGQA(folder).questions("test"))
    with pytest.raises(DataError, match="holds no ptbxl"):
        ECGQA(folder / "ecgqa" / "ptbxl")


@pytest.mark.parametrize("content", ["", "{}", "[1]", '[{"sample_id": 1}]', "[" * 5000, '[{"ecg_id": "x"}]'])
def test_a_damaged_file_is_named(folder, content):
    (folder / "ecgqa/ptbxl/paraphrased/valid/00000.json").write_text(content)
    with pytest.raises(DataError, match=r"00000\.json"):
        list(ECGQA(folder).questions("valid"))


def test_no_code_in_a_table_is_run(folder):
    (folder / "ecgqa/ptbxl/answers_for_each_template.csv").write_text('template_id,classes\n1,"exit()"\n')
    with pytest.raises(DataError, match="damaged"):
        ECGQA(folder).options  # noqa: B018


def test_the_real_one(real_data):
    found = ECGQA(real_data / "ecg-qa")
    parts = {part: set(found.records(part)) for part in ("train", "valid", "test")}
    assert [len(one) for one in parts.values()] == [11566, 1274, 3214]
    assert not parts["train"] & parts["test"] and not parts["valid"] & parts["test"]
    for part, count in (("train", 10000), ("valid", 4663)):
        questions = list(found.questions(part))
        assert len(questions) == count
        assert {record for one in questions for record in one.records} <= parts[part]
        for one in questions:
            assert set(one.answers) <= set(found.options[one.template])
    assert Counter(len(one.records) for one in questions) == {2: 4663}
    assert len(found.options) == 70
