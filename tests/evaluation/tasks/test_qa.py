"""Exact match, baselines and ceilings of question answering; the check against published questions."""

from __future__ import annotations

import dataclasses
import json
from collections import Counter

import numpy as np
import pytest

from einthoven.collection import Collection, Row
from einthoven.datasets import ECGQA
from einthoven.datasets.ecg_qa import asked_of, frozen_hash, generate, pairs
from einthoven.ecg import DataError, Statement, UsageError
from einthoven.evaluation import qa_exam
from einthoven.evaluation.qa_answers import Given, allowed, normal, read_answers
from einthoven.evaluation.qa_check import check_published
from einthoven.evaluation.qa_exam import Choice, Exam, write_questions
from einthoven.evaluation.qa_measured import Measuring
from einthoven.evaluation.tasks import qa
from einthoven.evaluation.tasks.qa import BY_KIND, BY_TEMPLATE, EVERY, STATED, TABLE, evaluate_qa


@pytest.fixture(scope="module", autouse=True)
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(qa, "DRAWS", 20)
        patch.setattr(pairs, "MOST", 200)
        yield


CODES = [["NORM", "SR"], ["IMI", "SR"], ["AFIB"], ["LVH", "NDT", "SR"], ["SBRAD"], ["CRBBB", "1AVB", "SR"]]


@pytest.fixture(scope="module")
def table_alone(tmp_path_factory):
    """A made-up PTB-XL of 120 ECGs, two of a patient, of which only the table is there."""
    folder = tmp_path_factory.mktemp("ptb-xl")
    columns = (
        *("ecg_id", "patient_id", "age", "sex", "recording_date", "report", "scp_codes", "strat_fold", "device"),
        *("heart_axis", "infarction_stadium1", "infarction_stadium2", "baseline_drift", "static_noise", "burst_noise"),
        *("electrodes_problems", "extra_beats", "filename_lr", "filename_hr"),
    )
    lines = [",".join(columns)]
    for number in range(1, 121):
        patient = number // 2
        codes = ", ".join(f"'{code}': 100.0" for code in CODES[number % len(CODES)])
        line = dict.fromkeys(columns, "") | {
            "ecg_id": str(number),
            "patient_id": f"{patient}.0",
            "recording_date": f"19{90 + number % 2}-01-02 03:04:05",
            "scp_codes": "{" + codes + "}",
            "strat_fold": str(1 + patient % 10),
            "static_noise": (" , I-AVR,  ", " , mittel,  ", "", "", "alles")[number % 5],
            "heart_axis": ("MID", "ALAD", "")[number % 3],
            "filename_lr": "none/x_lr",
            "filename_hr": "none/x_hr",
        }
        lines.append(",".join(f'"{line[name]}"' for name in columns))
    (folder / "ptbxl_database.csv").write_text("\n".join(lines) + "\n")
    return folder


@pytest.fixture(scope="module")
def exam(table_alone, small):
    return Choice(table_alone).exam()


def test_parts_follow_the_folds_and_are_learnt_from_others(exam, table_alone):
    assert {exam.folds[record] for record in exam.records()} == {9}
    learnt = {record for one in exam.learnt for record in one.records}
    assert {exam.folds[record] for record in learnt} <= set(range(1, 9))
    assert not {exam.facts[r].patient for r in learnt} & {exam.facts[r].patient for r in exam.records()}
    train = Choice(table_alone, part="train").exam()
    assert {train.folds[record] for record in train.records()} == set(range(1, 9)) and not train.learnt


def test_scores_are_the_shares_of_equal_sets(exam):
    rng = np.random.default_rng(0)
    wrong = {one.sample for one in exam.questions if rng.random() < 0.3}
    said = {one.sample: ("nothing of this",) if one.sample in wrong else normal(one.answers) for one in exam.questions}
    cells = evaluate_qa(exam, [Given("some", "0" * 64, said)]).cells
    for column, cell in cells["some"].items():
        asked = [one for one in exam.questions if column in (EVERY, one.kind)]
        assert cells["questions"][column] == len(asked)
        assert float(getattr(cell, "value", cell)) == pytest.approx(np.mean([one.sample not in wrong for one in asked]))


def test_baselines_are_learnt_elsewhere_and_ceilings_know_what_is_stated(exam):
    table = evaluate_qa(exam)
    most = Counter(one.answers for one in exam.learnt if one.kind == "single-verify").most_common(1)[0][0]
    verify = [one for one in exam.questions if one.kind == "single-verify"]
    held = np.mean([one.answers == most for one in verify])
    assert table.cells[BY_KIND]["single-verify"].value == pytest.approx(held)
    about = table.parts[0].cells
    assert about[STATED]["scp_code"].value == 1.0
    assert about[STATED]["noise"].value == about[BY_TEMPLATE]["noise"].value < 1
    assert TABLE not in table.cells  # of questions of our own it is right by construction
    by_template = table.parts[1].cells
    assert not table.parts[1].shown and sum(row["questions"] for row in by_template.values()) == len(exam.questions)
    facts = table.facts
    assert facts["frozen_sha256"] == frozen_hash() and facts["ptb-xl_folds"] == f"9: {len(exam.records())}"
    assert json.loads(json.dumps(table.to_dict())) == table.to_dict()


def test_a_callable_is_asked_with_what_is_allowed(exam):
    table = evaluate_qa(exam, callables={"first": lambda question, options: options[0], "silent": lambda q, o: None})
    firsts = [set(one.answers) == {allowed(one)[0]} for one in exam.questions]
    assert table.cells["first"][EVERY].value == pytest.approx(np.mean(firsts))
    assert table.cells["silent"][EVERY].value == 0
    with pytest.raises(UsageError, match="no text"):
        evaluate_qa(exam, callables={"odd": lambda question, options: 3})


def test_case_and_order_do_not_matter_and_an_empty_list_is_none():
    assert normal(["Lead V1", "lead  i"]) == normal(("lead I", "LEAD V1"))
    assert normal([]) == normal("none") and normal(None) is None


def test_answers_of_another_exam_or_shape_are_refused(exam, tmp_path):
    file = tmp_path / "a.json"
    file.write_text(json.dumps({"answers": {"999999": ["yes"]}}))
    with pytest.raises(UsageError, match="question 999999, which is not asked"):
        evaluate_qa(exam, [read_answers(file)])
    for content in ("", "[]", '{"answers": 3}', '{"x": ["yes"]}', '{"1": 2}', '{"1": [2]}'):
        file.write_text(content)
        with pytest.raises(DataError, match=r"a\.json"):
            read_answers(file)
    file.write_text('{"0": "yes", "1": ["yes", "perhaps"]}')
    said = next(
        value for key, value in evaluate_qa(exam, [read_answers(file)]).facts.items() if key.startswith("answers")
    )
    assert f"{len(exam.questions) - 2} not given, 1 outside" in said
    with pytest.raises(UsageError, match="same name"):
        evaluate_qa(exam, [read_answers(file), read_answers(file)])
    with pytest.raises(UsageError, match="no question"):
        evaluate_qa(Exam("x", "valid", [], {}))


def test_labels_of_fold_10_are_logged_also_where_nobody_answers(table_alone, tmp_path):
    log = tmp_path / "fold10.log"
    exam = Choice(table_alone, part="test", log=log, why="a test").exam()
    evaluate_qa(exam)
    evaluate_qa(exam, [Given("ours", "0", {})])
    alone, ours = log.read_text().splitlines()
    assert "evaluate qa, baselines and ceilings alone  a test" in alone and "evaluate qa, ours  a test" in ours
    other = Choice(table_alone, part="valid", log=tmp_path / "no.log").exam()
    evaluate_qa(other)
    assert not (tmp_path / "no.log").exists()
    evaluate_qa(dataclasses.replace(other, learnt=exam.questions, folds={**other.folds, **exam.folds}))
    assert "baselines" in (tmp_path / "no.log").read_text()


def test_the_hash_of_the_data_follows_questions_and_answers(exam):
    first, learnt = exam.questions[0], exam.learnt
    assert (
        evaluate_qa(exam).facts["data_sha256"]
        == exam.hashes()
        == Exam("x", "valid", exam.questions, {}, learnt).hashes()
    )
    other = dataclasses.replace(first, answers=("another",))
    changed = dataclasses.replace(exam, questions=[other, *exam.questions[1:]]).hashes()
    assert changed["asked"] != exam.hashes()["asked"] and changed["learnt_from"] == exam.hashes()["learnt_from"]


def test_written_questions_can_be_answered_and_hold_no_answer(exam, tmp_path):
    file = tmp_path / "questions.json"
    write_questions(exam, file)
    document = json.loads(file.read_text())
    assert document["frozen_sha256"] == frozen_hash() and len(document["questions"]) == len(exam.questions)
    assert set(document["questions"][0]) == {"sample", "template", "kind", "question", "options", "records"}


def test_a_limit_takes_so_many_of_each_kind(table_alone):
    exam = Choice(table_alone, limit=5, seed=1).exam()
    assert set(Counter(one.kind for one in exam.questions).values()) <= {5}
    assert exam.questions == Choice(table_alone, limit=5, seed=1).exam().questions


def test_a_collection_of_statements_is_asked_about(tmp_path):
    rows = [
        Row(
            f"a/{n:03d}", "a", f"{n:064x}", 100.0, 10, patient=f"p{n // 2}",
            statements=tuple(Statement(code=code, system="SCP") for code in CODES[n % len(CODES)]),
        )
        for n in range(48)
    ]  # fmt: skip
    collection = Collection.create(tmp_path / "c")
    collection.append(rows)
    exam = Choice(tmp_path / "c", part="test").exam()
    assert exam.questions and {one.attribute_kind for one in exam.questions} == {"scp_code"}
    with pytest.raises(UsageError, match="is not PTB-XL"):
        Choice(tmp_path / "c", tmp_path).exam()
    with pytest.raises(UsageError, match="measured"):
        Choice(tmp_path / "c", measure=True).exam()
    with pytest.raises(UsageError, match="no part"):
        Choice(tmp_path / "c", part="dev").exam()


def test_measured_values_are_asked_about_where_signals_are(made_up_ptbxl):
    exam = Choice(made_up_ptbxl, measure=True).exam()
    assert "0 without a signal" in exam.measured
    levels = next(iter(Measuring(made_up_ptbxl)({"ptb-xl/00020": exam.facts["ptb-xl/00020"]}).values())).levels
    assert levels == exam.facts["ptb-xl/00020"].levels and levels["rr interval"] == "within"  # simulated at 80/min


def test_our_answers_equal_the_published_ones_wherever_the_table_decides(real_data, real_ptbxl, tmp_path):
    table = check_published(real_ptbxl, real_data / "ecg-qa", log=tmp_path / "log", why="a test")
    assert (tmp_path / "log").read_text().endswith("evaluate qa --check, labels alone  a test\n")
    assert {len(one) for one in table.facts["data_sha256"].values()} == {64}
    rows = {key: row for key, row in table.cells.items() if key != "all"}
    assert table.cells["all"] == {
        "questions": 14_663, "equal": 9_964, "different": 1, "not decided": 4_698, "not read": 0
    }  # fmt: skip
    assert sum(row["not decided"] for key, row in rows.items() if "noise" in key) == 35
    (differing,) = table.parts[0].cells.values()
    assert (differing["ours"], differing["published"], differing["of"]) == ("yes", "no", "static noise")


def test_the_check_can_fail(real_data, real_ptbxl, monkeypatch, tmp_path):
    """With published answers turned round, nothing is equal that was."""
    source = ECGQA(real_data / "ecg-qa")
    some = [one for _, one in zip(range(200), source.questions("train"), strict=False)]
    turned = [
        type(one)(**{**one.__dict__, "answers": ("no",) if one.answers == ("yes",) else ("yes",)}) for one in some
    ]
    monkeypatch.setattr("einthoven.evaluation.qa_check._questions", lambda source: iter(turned))
    table = check_published(real_ptbxl, real_data / "ecg-qa", log=tmp_path / "log")
    assert table.cells["all"]["equal"] == 0 and table.cells["all"]["different"] >= 195


def test_published_questions_are_scored_beside_the_table(real_data, real_ptbxl, monkeypatch, tmp_path):
    exam = Choice(real_ptbxl, real_data / "ecg-qa", part="train", limit=300, log=tmp_path / "log").exam()
    table = evaluate_qa(exam)
    assert table.cells[TABLE]["single-verify"].value > 0.99
    assert table.facts["seed"] is None and table.facts["learnt_from_itself"] == "single-verify"
    assert all(asked_of(one) is not None for one in exam.questions)
    monkeypatch.setattr(qa_exam, "LEARNT_FROM", 20)
    assert len(qa_exam._some_of(exam.facts, 0)) < 40
    assert list(generate([], "valid")) == []
