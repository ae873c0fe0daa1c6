"""Ours beside controls and language models: leaks are refused, and what is fitted is not asked."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from einthoven.answering.protocol import Protocol
from einthoven.datasets import ECGQA, PTBXL
from einthoven.datasets.ecg_qa import pairs
from einthoven.ecg import CollectionError, UsageError
from einthoven.evaluation.qa_contest import OTHER, OURS, RANDOM
from einthoven.evaluation.qa_exam import Choice
from einthoven.evaluation.qa_fairness import Who, only_about, refuse_leaks, trained_folds
from einthoven.evaluation.qa_lift import lifts
from einthoven.evaluation.qa_run import Run
from einthoven.evaluation.qa_sides import archive_of_ecgqa, sides_of
from einthoven.evaluation.tasks import qa
from einthoven.llm import Answer, EndpointError
from einthoven.retrieval import Archive, demo_archive

TRAINED = range(1, 9)


@pytest.fixture(scope="module", autouse=True)
def small():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(qa, "DRAWS", 20)
        patch.setattr(pairs, "MOST", 60)
        yield


@pytest.fixture(scope="module")
def index(made_up_ptbxl, stand_in, tmp_path_factory):
    source = PTBXL(made_up_ptbxl)
    made = Archive.create(tmp_path_factory.mktemp("index") / "archive", stand_in(), keep_ids=True)
    made.add(map(source.row, source.present(TRAINED)))
    return made


@pytest.fixture(scope="module")
def exam(made_up_ptbxl, small):
    return Choice(made_up_ptbxl).exam()


class Says:
    name = "says"

    def __init__(self, text: str | None) -> None:
        self.text = text

    def complete(self, messages, schema=None, max_tokens=512, temperature=0.0, seed=None):
        if self.text is None:
            raise EndpointError("nobody answers there")
        return Answer(self.text, None, 1, 1, self.name, "stop")


def test_ours_stands_beside_controls_and_models(made_up_ptbxl, index, exam):
    models = {"good": Protocol(Says('{"answer": "no"}')), "gone": Protocol(Says(None)), "none": "no key"}
    run = Run(made_up_ptbxl, index, models=models, trained_on=TRAINED, limit=12)
    table = run.table(exam)
    rows = table.cells
    assert {OURS, RANDOM, OTHER, "good, k = 3 reports", "control: good, reports drawn at random"} <= set(rows)
    assert "nobody answers" in rows["gone"]["all questions"] and "no key" in rows["none"]["all questions"]
    assert set(rows["questions"]) - {"all questions"} <= {"single-verify", "single-choose", "single-query"}
    assert table.facts["shared_patients"] == 0 and "6 ECGs of fold 9" in table.facts["fitted_to"]
    assert table.facts["ecgs"] <= 6 and "outside the options" in table.facts["answers of good, k = 3 reports"]
    titles = [part.title for part in table.parts]
    assert any("Lift" in one for one in titles) and any("not sure" in one for one in titles)
    read = next(part for part in table.parts if "words alone" in part.title).cells
    assert all(cell.successes == cell.trials for cell in read["right"].values())


def test_leaks_are_refused(made_up_ptbxl, index, exam):
    with pytest.raises(UsageError, match="Nobody says"):
        Run(made_up_ptbxl, index).table(exam)
    with pytest.raises(UsageError, match="trained on"):
        Run(made_up_ptbxl, index, trained_on=range(1, 10)).table(exam)
    who = Who.of(made_up_ptbxl)
    known = next(one for one in exam.learnt)
    with pytest.raises(UsageError, match="are in the archive"):
        refuse_leaks([known], index, who, ())
    other = dataclasses.replace(who, patient={k: v for k, v in who.patient.items() if who.fold[k] == 9})
    with pytest.raises(UsageError, match="not in PTB-XL's table"):
        refuse_leaks(exam.questions, index, other, ())
    with pytest.raises(UsageError, match="Fold 3"):
        Run(made_up_ptbxl, index, fold=3).table(exam)
    with pytest.raises(UsageError, match="such ECGs alone"):
        only_about(exam, [])


def test_the_shipped_model_says_what_it_was_trained_on():
    assert trained_folds(demo_archive()) == frozenset(TRAINED)


def test_lift_is_the_difference_of_shares(exam):
    rng = np.random.default_rng(0)
    right = {name: rng.random(len(exam.questions)) < share for name, share in (("a", 0.8), ("b", 0.4))}
    patients = np.array([exam.facts[one.records[0]].patient for one in exam.questions])
    shown, hidden = lifts(right, ["a"], ["b"], exam.questions, patients, 20)
    value = shown.cells["a - b"]["all questions"]
    assert float(getattr(value, "value", value)) == pytest.approx(right["a"].mean() - right["b"].mean())
    assert set(hidden.cells) == {str(one.template) for one in exam.questions} and not hidden.shown


PARTS = {"train": range(1, 9), "valid": [*range(9, 13), 21, 22], "test": [*range(13, 21), 23]}  # 13 to 24 are of fold 9


@pytest.fixture(scope="module")
def lists(tmp_path_factory):
    folder = tmp_path_factory.mktemp("ecg-qa")
    (folder / "ptbxl").mkdir()
    for part, numbers in PARTS.items():
        lines = "".join(f"{at}\t{number}\n" for at, number in enumerate(numbers))
        (folder / "ptbxl" / f"{part}_ecgs.tsv").write_text(lines)
    return folder


@pytest.fixture(scope="module")
def listed(made_up_ptbxl, stand_in, lists, tmp_path_factory):
    """An archive of the train ECGs, of a model that says it was trained on them."""
    model = stand_in(5)
    model.config = dataclasses.replace(model.config, split="ecg-qa")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("einthoven.retrieval.learn.FEWEST_PATIENTS", 4)
        folder = tmp_path_factory.mktemp("listed") / "archive"
        return archive_of_ecgqa(PTBXL(made_up_ptbxl), ECGQA(lists), model, folder)


def named(numbers):
    return {f"ptb-xl/{n:05d}" for n in numbers}


def test_a_model_of_ecg_qas_train_ecgs_is_asked_about_its_test_ecgs_whatever_their_folds(made_up_ptbxl, listed, lists):
    source, who = PTBXL(made_up_ptbxl), Who.of(made_up_ptbxl)
    sides = sides_of(source, who, listed, None, lists, "test")
    assert sides.asked == named(PARTS["test"]) and sides.fitted == named(PARTS["valid"])
    assert sides.seen == named([*PARTS["train"], *PARTS["valid"]])
    assert set(listed.collection.columns(["record"])["record"]) <= named(PARTS["train"])
    assert listed.calibration is not None and listed.calibration.source == "ECG-QA's validation ECGs"
    valid = sides_of(source, who, listed, None, lists, "valid")
    assert valid.fitted | valid.asked == named(PARTS["valid"]) and valid.fitted and valid.asked
    assert not valid.fitted & valid.asked and valid.seen == named(PARTS["train"])

    exam = Choice(made_up_ptbxl, lists, "test", own=True).exam()
    table = Run(made_up_ptbxl, listed, limit=12, published=lists).table(exam)
    assert table.facts["part_asked"] == "ECG-QA's test ECGs, 9 with signals here"
    assert table.facts["model_trained_on"].startswith("ECG-QA's train ECGs")
    assert table.facts["ecg_qa_lists"] == "train 8, valid 6, test 9" and table.facts["shared_patients"] == 0
    assert "6 ECGs of ECG-QA's validation ECGs" in table.facts["fitted_to"]
    assert {OURS, RANDOM, OTHER} <= set(table.cells)


def test_such_a_model_is_asked_about_nothing_else(made_up_ptbxl, index, listed, lists, exam):
    for fold, published, said in ((9, lists, "every fold"), (10, None, "every fold"), (None, None, "every fold")):
        with pytest.raises(UsageError, match=said):
            Run(made_up_ptbxl, listed, fold, published=published).table(exam)
    train = dataclasses.replace(exam, part="train")
    with pytest.raises(UsageError, match="trained on these ECGs"):
        Run(made_up_ptbxl, listed, published=lists).table(train)
    with pytest.raises(UsageError, match="was not trained on ECG-QA's train ECGs"):
        archive_of_ecgqa(PTBXL(made_up_ptbxl), ECGQA(lists), index.model, made_up_ptbxl / "none")
    with pytest.raises(CollectionError, match="something else than an archive"):  # which is not put out of the way
        archive_of_ecgqa(PTBXL(made_up_ptbxl), ECGQA(lists), listed.model, lists)
    assert (lists / "ptbxl").is_dir()
    asked = Choice(made_up_ptbxl, lists, "test", own=True).exam().questions
    who = Who.of(made_up_ptbxl)
    with pytest.raises(UsageError, match="trained on 1 of the patients"):
        refuse_leaks(asked, listed, who, named([PARTS["test"][0]]))


def test_scales_are_learnt_anew_where_those_that_ship_may_have_seen_the_asked(
    made_up_ptbxl, listed, lists, index, exam, monkeypatch
):
    learnt = []

    def fit(views, facts):
        learnt.append(set(facts))
        return {}

    monkeypatch.setattr("einthoven.evaluation.qa_run.fit_scales", fit)
    Run(made_up_ptbxl, index, trained_on=TRAINED, limit=2).table(exam)
    assert not learnt
    test = Choice(made_up_ptbxl, lists, "test", own=True).exam()
    Run(made_up_ptbxl, listed, limit=2, published=lists).table(test)
    assert learnt == [named(PARTS["valid"])]
