from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import DataError, UsageError
from einthoven.evaluation import retrieval
from einthoven.evaluation.embedded import embed_all, random_encoder
from einthoven.evaluation.retrieval import evaluate_retrieval
from einthoven.metrics import macro_auc
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.statements import VOCABULARY

pytest.importorskip("sklearn")
torch = pytest.importorskip("torch")

KINDS = ("normal", "fibrillation", "slow")
CODES = {"normal": "{'NORM': 100.0, 'SR': 0.0}", "fibrillation": "{'AFIB': 0.0, 'IMI': 50.0}", "slow": "{'LVH': 80.0}"}


@pytest.fixture
def folder(tiny_ptbxl, make_ecg) -> Path:
    """48 ECGs in folds 1-8, 36 in fold 9 and 36 in fold 10, of three kinds."""
    for n in range(120):
        kind = KINDS[n % 3]
        fold = 1 + n % 8 if n < 48 else 9 if n < 84 else 10
        tiny_ptbxl.add(make_ecg(n, kind=kind), scp_codes=CODES[kind], strat_fold=str(fold))
    return tiny_ptbxl.write()


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch, tmp_path):
    monkeypatch.setattr(retrieval, "DRAWS", 30)
    monkeypatch.chdir(tmp_path)


def test_the_table(folder, stand_in, tmp_path):
    said: list[str] = []
    table = evaluate_retrieval(stand_in(), "ptb-xl", folder, fold=9, progress=said.append)
    names = list(table.cells)
    assert names[:3] == ["vote of 25 neighbours", "linear probe", "statement head"]
    assert [name for name in names if name.startswith("baseline: ")] == names[3:]
    assert len(names) == 7
    codes = "all with >= 10 positives (5)"
    assert set(table.cells["vote of 25 neighbours"]) >= {"superclasses (5)", codes}
    # Three kinds that are easily told apart, 16 of each in the index.
    for name, least in (("linear probe", 0.9), ("vote of 25 neighbours", 0.6), ("baseline: vote by plain signal", 0.6)):
        cell = table.cells[name][codes]
        assert least < cell.low <= cell.value <= cell.high <= 1
    assert table.cells["baseline: most common"][codes].value == 0.5
    difference = table.cells["linear probe"][f"{codes}: minus probe, random weights"]
    both = [table.cells[name][codes].value for name in ("linear probe", "baseline: probe, random weights")]
    assert difference.value == pytest.approx(both[0] - both[1])
    assert (table.facts["ecgs"], table.facts["patients"], table.facts["fold"]) == (36, 36, 9)
    assert table.facts["index"] == "folds 1-8, 48 ECGs, 48 patients"
    assert table.facts["positives"]["AFIB"] == 12
    assert set(table.facts["positives"]) == set(VOCABULARY)
    assert said[-1] == "probes and intervals"
    assert not list(tmp_path.rglob("*.log"))  # fold 9 is not logged
    json.dumps(table.to_dict(), allow_nan=False)
    assert "ptb-xl unknown (120 rows)" in table.markdown()


def test_the_vote_is_that_of_a_slow_loop(folder, stand_in):
    source = retrieval.open_dataset("ptb-xl", folder)
    codes = VOCABULARY.codes()
    model = stand_in()
    index = embed_all(model, source.rows(range(1, 9)), codes, lambda n: None)
    asked = embed_all(model, source.rows([9]), codes, lambda n: None)
    votes = np.zeros((len(asked), len(codes)))
    for q in range(len(asked)):
        nearest = np.argsort(-(index.embedding @ asked.embedding[q]))[:25]
        votes[q] = index.carried[nearest].mean(0)
    expected = macro_auc(asked.carried, votes, 10).value
    table = evaluate_retrieval(model, "ptb-xl", folder, fold=9)
    assert table.cells["vote of 25 neighbours"]["all with >= 10 positives (5)"].value == pytest.approx(expected)
    counted = asked.carried.sum(0) >= 10
    head = np.tile(index.carried.mean(0), (len(asked), 1))
    for column, code in enumerate(model.codes):
        head[:, codes.index(code)] = asked.head[:, column]
    expected = macro_auc(asked.carried[:, counted], head[:, counted], 10).value
    assert table.cells["statement head"]["all with >= 10 positives (5)"].value == pytest.approx(expected)


def test_a_model_without_head_has_no_row_for_it(folder, stand_in):
    class Headless(stand_in):
        codes = ()

        def run(self, ecgs):
            return self.embed(ecgs), np.empty((len(ecgs), 0), np.float32)

    table = evaluate_retrieval(Headless(), "ptb-xl", folder, fold=9)
    assert "statement head" not in table.cells
    assert "all with >= 10 positives (5)" in table.cells["linear probe"]


def test_each_use_of_fold_10_is_logged(folder, stand_in, tmp_path):
    log = tmp_path / "uses.log"
    for number in (1, 2):
        evaluate_retrieval(stand_in(), "ptb-xl", folder, fold=10, log=log, why=f"reason {number}")
        assert len(log.read_text().splitlines()) == number
    assert "stand-in-0" in log.read_text()
    assert log.read_text().splitlines()[1].endswith("reason 2")


def test_fold_10_is_not_read_when_it_cannot_be_logged(folder, stand_in, tmp_path):
    model = stand_in()
    with pytest.raises(UsageError, match="cannot be written"):
        evaluate_retrieval(model, "ptb-xl", folder, fold=10, log=tmp_path / "nowhere" / "log")
    assert model.seen == 0


@pytest.mark.parametrize("fold", [9, 10])
def test_a_patient_in_index_and_fold_is_refused(folder, tiny_ptbxl, make_ecg, stand_in, tmp_path, fold):
    tiny_ptbxl.add(make_ecg(500), strat_fold=str(fold), patient_id="7.0")
    tiny_ptbxl.write()
    model = stand_in()
    with pytest.raises(UsageError, match="1 patients are in the index"):
        evaluate_retrieval(model, "ptb-xl", folder, fold=fold, log=tmp_path / "log")
    assert model.seen == 0
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize("fold", [0, 1, 8, 11])
def test_a_fold_of_the_index_is_refused(folder, stand_in, fold):
    with pytest.raises(UsageError, match=f"Fold {fold}"):
        evaluate_retrieval(stand_in(), "ptb-xl", folder, fold=fold)


def test_too_little_data_is_refused(folder, stand_in):
    for limit in (0, 24):
        with pytest.raises(UsageError, match="too few"):
            evaluate_retrieval(stand_in(), "ptb-xl", folder, fold=9, limit=limit)
    with pytest.raises(UsageError, match="10 positives"):
        evaluate_retrieval(stand_in(), "ptb-xl", folder, fold=9, limit=26)
    with pytest.raises(DataError):
        evaluate_retrieval(stand_in(), "ptb-xl", folder / "nowhere", fold=9)
    table = evaluate_retrieval(stand_in(), "ptb-xl", folder, fold=9, limit=33)
    assert (table.facts["limited_to"], table.facts["ecgs"]) == (33, 33)
    assert "limited_to 33" in table.markdown()


def test_the_random_encoder_is_the_same_each_time_and_leaves_the_generator_alone():
    signal = np.random.default_rng(0).standard_normal((2, 12, 1000)).astype(np.float32)
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    one, other = random_encoder(ConvNeXt())(signal), random_encoder(ConvNeXt())(signal)
    assert (torch.rand(3) == expected).all()
    assert (one == other).all()
    assert np.linalg.norm(one, axis=1) == pytest.approx(np.ones(2), abs=1e-5)
