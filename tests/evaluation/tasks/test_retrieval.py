from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from einthoven.datasets import open_dataset
from einthoven.ecg import DataError, FileError, UsageError
from einthoven.evaluation.embedded import embed_all
from einthoven.evaluation.question import Question
from einthoven.evaluation.tasks import retrieval
from einthoven.evaluation.tasks.retrieval import evaluate_retrieval
from einthoven.models import Preparation, load_model
from einthoven.statements import VOCABULARY, label_map, label_set

pytest.importorskip("torch")

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


def short_windows(stand_in):
    """A stand-in that reads the first 2.5 s at 50 Hz; all else is as in stand-in 1."""
    how = Preparation(rate=50, seconds=2.5, lowpass=20)

    class Short(stand_in):
        def __init__(self):
            super().__init__(1)
            self.config = replace(self.config, preparation=how)
            self._projection = self._projection[: 12 * how.samples]

    return Short()


@pytest.fixture(autouse=True)
def _few_draws(monkeypatch, tmp_path):
    monkeypatch.setattr(retrieval, "DRAWS", 30)
    monkeypatch.chdir(tmp_path)


SUPER, SUB, ALL, RHYTHM = (
    "superclasses (3 of 5)",
    "subclasses (3 of 23)",
    "all statements (5 of 71)",
    "rhythm (2 of 12)",
)
COLUMNS = [SUPER, SUB, ALL, RHYTHM]  # no statement of form has a positive
WAYS = ["vote of 25 neighbours", "linear probe", "statement head"]
BASELINES = [f"baseline: {name}" for name in ("most common", "vote by plain signal")]
BASELINES += [f"baseline: {way}, random weights" for way in ("vote", "probe")]


def test_the_table(folder, stand_in, tmp_path):
    said: list[str] = []
    table = evaluate_retrieval(stand_in(), Question(folder, 9), progress=said.append)
    assert list(table.cells) == WAYS + BASELINES
    assert all(list(row) == COLUMNS for row in table.cells.values())
    # Three kinds that are easily told apart, 16 of each in the index.
    for name, least in (("linear probe", 0.9), ("vote of 25 neighbours", 0.6), ("baseline: vote by plain signal", 0.6)):
        cell = table.cells[name][ALL]
        assert least < cell.low <= cell.value <= cell.high <= 1
    assert all(cell.value == 0.5 for cell in table.cells["baseline: most common"].values())
    assert (table.facts["ecgs"], table.facts["patients"], table.facts["fold"]) == (36, 36, 9)
    assert table.facts["index"] == "folds 1-8, 48 ECGs, 48 patients"
    assert table.facts["positives"]["AFIB"] == 12
    assert set(table.facts["positives"]) == set(VOCABULARY)
    assert table.facts["left_out"]["super"] == ["CD", "STTC"] and len(table.facts["left_out"]["form"]) == 19
    assert "C = 1," in table.facts["probe"]
    assert table.facts["head_lacks"] == "stand-in-0: LVH, IMI"  # the stand-in's five codes are without them
    assert said[-1] == "intervals"
    assert not list(tmp_path.rglob("*.log"))  # fold 9 is not logged
    json.dumps(table.to_dict(), allow_nan=False)
    assert "ptb-xl unknown (120 rows)" in table.markdown()


def test_differences_are_paired(folder, stand_in):
    table = evaluate_retrieval(stand_in(), Question(folder, 9))
    part, labels = table.parts
    assert list(part.cells) == [
        "vote of 25 neighbours, minus vote, random weights",
        "linear probe, minus probe, random weights",
    ]
    difference = part.cells["linear probe, minus probe, random weights"][ALL]
    both = [table.cells[name][ALL].value for name in ("linear probe", "baseline: probe, random weights")]
    assert difference.value == pytest.approx(both[0] - both[1])
    assert list(labels.cells) == [
        "model",
        *(f"baseline: {name}" for name in ("plain signal", "random weights", "random ECGs")),
    ]
    assert (
        labels.cells["model"]["P@10, subclasses"].value
        > labels.cells["baseline: random ECGs"]["P@10, subclasses"].value
    )
    assert table.facts["same_patient_hits"] == table.facts["same_record_hits"] == 0


def test_the_scores_are_those_of_slow_loops(folder, stand_in):
    source = open_dataset("ptb-xl", folder)
    codes = VOCABULARY.codes()
    model = stand_in()
    index = embed_all(source.rows(range(1, 9)), codes, {"m": model.run}, lambda n: None)
    asked = embed_all(source.rows([9]), codes, {"m": model.run}, lambda n: None)
    table = evaluate_retrieval(model, Question(folder, 9))
    for column, name in ((SUPER, "super"), (SUB, "sub"), (ALL, "all"), (RHYTHM, "rhythm")):
        areas: dict[str, list[float]] = {"vote of 25 neighbours": [], "statement head": []}
        for label in label_set(name):
            own = [code for code in codes if label_map(name).get(code) == label]
            truth = [any(line[codes.index(code)] for code in own) for line in asked.carried]
            if sum(truth) < 10:
                continue
            votes, heads = [], []
            for q in range(len(asked)):
                nearest = np.argsort(-(index.seen["m"].embedding @ asked.seen["m"].embedding[q]))[:25]
                votes.append(np.mean([any(index.carried[n][codes.index(code)] for code in own) for n in nearest]))
                none = 1.0
                for code in own:
                    known = code in model.codes
                    chance = (
                        float(asked.seen["m"].head[q, model.codes.index(code)])
                        if known
                        else index.carried[:, codes.index(code)].mean()
                    )
                    none *= 1 - chance
                heads.append(round(1 - none, 9))  # so that rounding errors do not break ties
            areas["vote of 25 neighbours"].append(roc_auc_score(truth, votes))
            areas["statement head"].append(roc_auc_score(truth, heads))
        for way, each in areas.items():
            assert table.cells[way][column].value == pytest.approx(np.mean(each), abs=1e-9), (way, column)


def test_against_models_of_other_preparation(folder, stand_in):
    ours, other = stand_in(), short_windows(stand_in)
    alone = evaluate_retrieval(ours, Question(folder, 9))
    swapped = evaluate_retrieval(other, Question(folder, 9))
    table = evaluate_retrieval(ours, Question(folder, 9), against=[other])
    theirs = f"stand-in-1 {other.sha256[:8]}"
    assert list(table.cells) == WAYS + [f"{theirs}: {way}" for way in WAYS] + BASELINES
    for way in WAYS:
        assert table.cells[way] == alone.cells[way]
        assert table.cells[f"{theirs}: {way}"] == swapped.cells[way]
        row = table.parts[0].cells[f"{way}, minus {theirs}"]
        for column in COLUMNS:
            expected = alone.cells[way][column].value - swapped.cells[way][column].value
            assert row[column].value == pytest.approx(expected)
    assert table.facts["against"] == f"stand-in-1 {other.sha256}"


def test_a_model_is_not_compared_with_itself(folder, stand_in):
    for against in ([stand_in()], [stand_in(1), stand_in(2), stand_in(1)]):
        with pytest.raises(UsageError, match="compared with itself"):
            evaluate_retrieval(stand_in(), Question(folder, 9), against=against)


def test_a_model_without_head_has_no_row_for_it(folder, stand_in):
    class Headless(stand_in):
        codes = ()

        def run(self, ecgs):
            return self.embed(ecgs), np.empty((len(ecgs), 0), np.float32)

    table = evaluate_retrieval(Headless(), Question(folder, 9), against=[stand_in(1)])
    assert "statement head" not in table.cells
    assert ALL in table.cells["linear probe"]
    assert not any(row.startswith("statement head") for row in table.parts[0].cells)


def test_each_use_of_fold_10_is_logged(folder, stand_in, tmp_path):
    log = tmp_path / "uses.log"
    for number in (1, 2):
        evaluate_retrieval(stand_in(), Question(folder, 10, log=log, why=f"reason {number}"))
        assert len(log.read_text().splitlines()) == number
    assert "stand-in-0" in log.read_text()
    assert log.read_text().splitlines()[1].endswith("reason 2")


def test_fold_10_is_not_read_when_it_cannot_be_logged(folder, stand_in, tmp_path):
    model = stand_in()
    with pytest.raises(FileError, match="cannot be written"):
        evaluate_retrieval(model, Question(folder, 10, log=tmp_path / "nowhere" / "log"))
    assert model.seen == 0


@pytest.mark.parametrize("fold", [9, 10])
def test_a_patient_in_index_and_fold_is_refused(folder, tiny_ptbxl, make_ecg, stand_in, tmp_path, fold):
    tiny_ptbxl.add(make_ecg(500), strat_fold=str(fold), patient_id="7.0")
    tiny_ptbxl.write()
    model = stand_in()
    with pytest.raises(UsageError, match="1 patients are in the index"):
        evaluate_retrieval(model, Question(folder, fold, log=tmp_path / "log"))
    assert model.seen == 0
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize("fold", [0, 1, 8, 11])
def test_a_fold_of_the_index_is_refused(folder, stand_in, fold):
    with pytest.raises(UsageError, match=f"Fold {fold}"):
        evaluate_retrieval(stand_in(), Question(folder, fold))


def test_too_little_data_is_refused(folder, stand_in):
    for limit in (0, 24):
        with pytest.raises(UsageError, match="too few"):
            evaluate_retrieval(stand_in(), Question(folder, 9, limit=limit))
    with pytest.raises(UsageError, match="10 positives"):
        evaluate_retrieval(stand_in(), Question(folder, 9, limit=26))
    with pytest.raises(DataError):
        evaluate_retrieval(stand_in(), Question(folder / "nowhere", 9))
    table = evaluate_retrieval(stand_in(), Question(folder, 9, limit=33))
    assert (table.facts["limited_to"], table.facts["ecgs"]) == (33, 33)
    assert "limited_to 33" in table.markdown()


def test_on_real_ecgs(real_ptbxl):
    """Head and vote of the bundled model, beside figures made another way."""
    model = load_model(threads=1)
    table = evaluate_retrieval(model, Question(real_ptbxl, 9))
    source = open_dataset("ptb-xl", real_ptbxl)
    entries = source.present([9])
    scores = model.predict([source.row(entry).ecg() for entry in entries])
    carried = [{s.code for s in entry.statements} for entry in entries]
    counted = [code for code in model.codes if 10 <= sum(code in some for some in carried) < len(entries)]
    assert counted
    each = [roc_auc_score([c in some for some in carried], scores[:, model.codes.index(c)]) for c in counted]
    cell = table.cells["statement head"][f"all statements ({len(counted)} of 71)"]
    assert cell.value == pytest.approx(np.mean(each), abs=1e-6)
