"""Disturbed ECGs of a made-up PTB-XL, asked of a small archive; and what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest

from einthoven.ecg import DataError, UsageError
from einthoven.evaluation.disturbances import KINDS, Kind, mixed_up, without_leads
from einthoven.evaluation.question import Question
from einthoven.evaluation.tasks import robustness
from einthoven.evaluation.tasks.robustness import UNDISTURBED, evaluate_robustness
from einthoven.metrics import macro_auc
from einthoven.reporting import report
from einthoven.retrieval import Archive
from einthoven.statements import label_set, labels_of

pytest.importorskip("scipy")

SHAPES = ("normal", "slow", "fast", "fibrillation")
CODES = ("NORM", "IMI", "NDT", "CRBBB", "LVH")
FEW = (Kind("leads missing", ("0", "4"), "0", without_leads), Kind("wrong", ("right", "µV"), "right", mixed_up))


@pytest.fixture(autouse=True)
def _few(monkeypatch, tmp_path):
    monkeypatch.setattr(robustness, "DRAWS", 30)
    monkeypatch.setattr(robustness, "FEWEST_POSITIVES", 3)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def folder(tiny_ptbxl, make_ecg):
    """20 ECGs in fold 9 and as many in fold 10, four of each superclass; three in folds 1-8."""
    for n in range(43):
        fold = "9" if n < 20 else "10" if n < 40 else "3"
        ecg = make_ecg(3000 + n, kind=SHAPES[n % 4])
        tiny_ptbxl.add(ecg, scp_codes=f"{{'{CODES[n % 5]}': 100.0}}", strat_fold=fold)
    return tiny_ptbxl.write()


@pytest.fixture(scope="session")
def archive(tmp_path_factory, stand_in, make_ecg) -> Archive:
    """80 ECGs that carry the codes of the superclasses beside their own."""
    from einthoven.ecg import Statement

    made = Archive.create(tmp_path_factory.mktemp("robust") / "archive", stand_in(), name="robust")
    ecgs = [make_ecg(n, kind=SHAPES[n % 4]) for n in range(80)]
    told = [ecg.described(statements=[Statement(code=CODES[n % 5], system="SCP")]) for n, ecg in enumerate(ecgs)]
    made.add((f"r{n:04d}", ecg) for n, ecg in enumerate(told))
    return made


def test_the_table(archive, folder):
    said: list[str] = []
    table = evaluate_robustness(archive, Question(folder, 9), progress=said.append, drafted=6, kinds=FEW)
    assert list(table.cells)[:3] == [UNDISTURBED, "leads missing: 4", "wrong: µV"]
    before, gone, wrong = (table.cells[name] for name in list(table.cells)[:3])
    assert set(before) == {"head", "vote", "draft", "caution", "none"}
    assert set(gone) == {*before, "head: change", "vote: change", "cosine"}  # nothing was a plain draft before
    for way in ("head", "vote"):
        assert gone[f"{way}: change"].value == pytest.approx(gone[way].value - before[way].value)
    assert wrong["none"].successes == 6  # microvolt taken for millivolt is noticed
    assert gone["cosine"].value < 1
    assert (table.facts["ecgs"], table.facts["drafted_of_them"], table.facts["fold"]) == (20, 6, 9)
    assert table.facts["leads_missing_after_deriving"].keys() == {"leads missing: 4"}
    assert said[:3] == list(table.cells)[:3]
    assert "noticed" not in table.markdown()
    json.dumps(table.to_dict(), allow_nan=False)
    # the folder has copies at 500 Hz of all records; those of fold 10 are left alone
    assert table.facts["own_500_hz_copies"] == 23
    assert set(table.cells["sampling rate, Hz: 500, own copies"]) == {"cosine"}


def test_scores_are_those_of_a_slow_loop(archive, folder):
    table = evaluate_robustness(archive, Question(folder, 9), drafted=0, kinds=FEW)
    from einthoven.datasets import PTBXL

    source = PTBXL(folder)
    rows = list(source.rows([9]))
    labels = label_set("super")
    truth = np.array(
        [[label in labels_of([s.code for s in row.statements], "super") for label in labels] for row in rows]
    )
    vote, head = np.zeros(truth.shape), np.zeros(truth.shape)
    for n, row in enumerate(rows):
        ecg = without_leads(row.ecg(), "4", n)
        found = archive.evidence(ecg)
        chances = dict(zip(archive.model.codes, archive.model.run([ecg])[1][0], strict=True))
        for column, label in enumerate(labels):
            vote[n, column] = np.mean([label in labels_of(near.codes, "super") for near in found.neighbours])
            of = [chance for code, chance in chances.items() if labels_of([code], "super") == (label,)]
            head[n, column] = 1 - np.prod(1 - np.array(of))
    row = table.cells["leads missing: 4"]
    assert row["vote"].value == pytest.approx(macro_auc(truth, vote, 3).value)
    assert row["head"].value == pytest.approx(macro_auc(truth, head, 3).value)
    assert "draft" not in row


def test_noticed_is_of_plain_drafts(archive, folder, monkeypatch):
    """Every other undisturbed ECG gets a plain draft; with a wrong unit none does."""

    class Plain:
        outcome = "draft"

    def sometimes(ecg, archive):
        return (
            Plain()
            if np.abs(ecg.signal).max() < 20 and ecg.signal[0, 0] > np.median(ecg.signal[0])
            else report(ecg, archive)
        )

    monkeypatch.setattr(robustness, "report", sometimes)
    table = evaluate_robustness(archive, Question(folder, 9), drafted=20, kinds=FEW[1:])
    plain = table.cells[UNDISTURBED]["draft"].successes
    noticed = table.cells["wrong: µV"]["noticed"]
    assert 0 < plain < 20 and (noticed.successes, noticed.trials) == (plain, plain)


def test_a_model_without_head(folder, tmp_path, stand_in, make_ecg):
    class Headless(stand_in):
        codes = ()

        def run(self, ecgs):
            return self.embed(ecgs), np.empty((len(ecgs), 0), np.float32)

    made = Archive.create(tmp_path / "headless", Headless())
    made.add((f"r{n}", make_ecg(n)) for n in range(30))
    table = evaluate_robustness(made, Question(folder, 9), drafted=0, kinds=FEW[:1])
    assert set(table.cells["leads missing: 4"]) == {"vote", "vote: change", "cosine"}


def test_each_use_of_fold_10_is_logged(archive, folder, tmp_path):
    log = tmp_path / "uses.log"
    evaluate_robustness(archive, Question(folder, 9, log=log, why="not said"), drafted=0, kinds=())
    assert not log.exists()
    evaluate_robustness(archive, Question(folder, 10, log=log, why="once"), drafted=0, kinds=())
    (line,) = log.read_text().splitlines()
    assert "evaluate robustness, robust, stand-in-0" in line and line.endswith("once")


def test_what_cannot_be_meant_is_refused(archive, folder, tmp_path, stand_in, make_ecg, monkeypatch):
    with pytest.raises(UsageError, match="Fold 3"):
        evaluate_robustness(archive, Question(folder, 3))
    with pytest.raises(DataError):
        evaluate_robustness(archive, Question(tmp_path / "nowhere", 9))
    monkeypatch.setattr(robustness, "FEWEST_POSITIVES", 5)
    with pytest.raises(UsageError, match="fewer than 5"):
        evaluate_robustness(archive, Question(folder, 9))
    monkeypatch.setattr(robustness, "FEWEST_POSITIVES", 3)
    few = Archive.create(tmp_path / "few", stand_in())
    few.add((f"r{n}", make_ecg(n)) for n in range(10))
    with pytest.raises(UsageError, match="25 at least"):
        evaluate_robustness(few, Question(folder, 9))
    few.add([("ptb-xl/00002", make_ecg(500))])
    with pytest.raises(UsageError, match="1 records of fold 9"):
        evaluate_robustness(few, Question(folder, 9))


def test_every_kind_can_be_asked(archive, folder):
    table = evaluate_robustness(archive, Question(folder, 9), drafted=1)
    rows = [f"{kind.name}: {strength}" for kind in KINDS for strength in kind.disturbing]
    assert list(table.cells) == [UNDISTURBED, *rows, "sampling rate, Hz: 500, own copies"]
    assert all("cosine" in table.cells[row] for row in rows)
    assert table.cells["sampling rate, Hz: 500"]["cosine"].value > 0.99
