"""What `data check ecg-qa` finds: whole files, and each way in which one can be wrong."""

from __future__ import annotations

import json
import shutil

import pytest
from typer.testing import CliRunner

from einthoven.cli.main import app
from einthoven.datasets import ecgqa_check
from einthoven.datasets.ecgqa_check import check_ecgqa
from einthoven.ecg import DataError


def question(sample: int, **changes: object) -> dict[str, object]:
    return {
        "sample_id": sample, "template_id": 1, "question_id": 0, "question_type": "single-verify",
        "attribute_type": "scp_code", "question": "Is it?", "answer": ["yes"], "ecg_id": [2], "attribute": None,
    } | changes  # fmt: skip


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A whole ECG-QA of three ECGs and two questions in each part."""
    monkeypatch.setattr(ecgqa_check, "QUESTIONS", dict.fromkeys(("train", "valid", "test"), 2))
    monkeypatch.setattr(ecgqa_check, "ECGS", dict.fromkeys(("train", "valid", "test"), 1))
    inner = tmp_path / "ecgqa" / "ptbxl"
    inner.mkdir(parents=True)
    (inner / "answers.csv").write_text("index,class\n0,yes\n1,no\n")
    (inner / "answers_for_each_template.csv").write_text("template_id,classes\n1,\"['yes', 'no']\"\n")
    for number, part in enumerate(("train", "valid", "test"), 1):
        (inner / f"{part}_ecgs.tsv").write_text(f"0\t{number}\n")
        for wording in ("paraphrased", "template"):
            (inner / wording / part).mkdir(parents=True)
            some = [question(n, ecg_id=[number]) for n in range(2)]
            (inner / wording / part / "00000.json").write_text(json.dumps(some))
    return tmp_path


def test_whole_files_are_right_and_the_other_data_set_is_missing(folder):
    found = check_ecgqa(folder)
    assert found.faults == [] and found.missing == ["mimic-iv-ecg/"] and found.files == 6
    assert set(found.questions.values()) == {2} and found.published == found.questions


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"ecg_id": [3]}, "ptb-xl/00003, which valid does not list"),
        ({"template_id": 2}, "template 2, which is not known"),
        ({"answer": ["perhaps"]}, "'perhaps', not allowed"),
        ({"sample_id": 1}, "a number that another has"),
        ({"ecg_id": "x"}, "another shape"),
    ],
)
def test_a_wrong_question_is_named(folder, changes, said):
    path = folder / "ecgqa/ptbxl/template/valid/00000.json"
    path.write_text(json.dumps([question(0, **changes), question(1)]))
    assert any(said in fault for fault in check_ecgqa(folder).faults)
    told = CliRunner().invoke(app, ["data", "check", "ecg-qa", str(folder)])
    assert isinstance(told.exception, DataError) and "not as published" in told.exception.message


def test_a_cut_file_and_lists_that_share_an_ecg_are_wrong(folder):
    inner = folder / "ecgqa/ptbxl"
    (inner / "template/test/00000.json").write_text('[{"sample')
    (inner / "test_ecgs.tsv").write_text("0\t1\n")
    faults = " ".join(check_ecgqa(folder).faults)
    assert "template/test" in faults and "ptb-xl/00001 is in ptbxl/train_ecgs.tsv and in ptbxl/test_ecgs.tsv" in faults


def test_what_is_not_there_is_missing_and_nothing_at_all_refused(folder, tmp_path):
    shutil.rmtree(folder / "ecgqa/ptbxl/template")
    (folder / "ecgqa/ptbxl/answers.csv").unlink()
    found = check_ecgqa(folder)
    assert found.faults == [] and {"ptbxl/answers.csv", "ptbxl/template/train/"} <= set(found.missing)
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="nothing of ECG-QA"):
        check_ecgqa(tmp_path / "empty")


def test_the_real_part_is_right(real_data):
    found = check_ecgqa(real_data / "ecg-qa")
    assert found.faults == [] and sum(found.questions.values()) == 14_663
