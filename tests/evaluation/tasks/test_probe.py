"""Linear probes: numbers made another way, the parts of the data, what is refused."""

from __future__ import annotations

import json

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score, precision_recall_curve, roc_auc_score
from sklearn.preprocessing import StandardScaler

from einthoven.datasets import open_dataset
from einthoven.ecg import FileError, UsageError
from einthoven.evaluation.question import Question
from einthoven.evaluation.store import Store
from einthoven.evaluation.tasks.few_shot import drawn_patients, evaluate_few_shot
from einthoven.evaluation.tasks.probe import evaluate_probe
from einthoven.evaluation.tasks.retrieval import evaluate_retrieval
from einthoven.statements import labels_of

pytest.importorskip("torch")


def by_hand(folder, model, fold):
    """Truth (n, 3) of HYP, MI and NORM and embeddings of some folds."""
    source = open_dataset("ptb-xl", folder)
    rows = [source.row(one) for one in source.present(fold)]
    labels = [labels_of([s.code for s in row.statements], "super") for row in rows]
    kept = [place for place, some in enumerate(labels) if some]
    truth = np.array([[name in labels[place] for name in ("HYP", "MI", "NORM")] for place in kept])
    return truth, model.embed([rows[place].ecg() for place in kept])


def test_the_numbers_are_those_of_sklearn(folder, model) -> None:
    table = evaluate_probe(model, Question(folder, 9), seeds=1)
    (known, x), (val_truth, val), (truth, asked) = (by_hand(folder, model, part) for part in (range(1, 8), [8], [9]))
    assert len(truth) == 35
    scaler = StandardScaler().fit(x)
    areas, scores = [], []
    for label in range(3):
        fitted = LogisticRegression(C=1.0, tol=1e-10, max_iter=10_000).fit(scaler.transform(x), known[:, label])
        mine = fitted.predict_proba(scaler.transform(asked))[:, 1]
        areas.append(roc_auc_score(truth[:, label], mine))
        chosen = fitted.predict_proba(scaler.transform(val))[:, 1]
        precision, recall, cuts = precision_recall_curve(val_truth[:, label], chosen)
        best = cuts[np.argmax((2 * precision * recall / np.maximum(precision + recall, 1e-12))[:-1])]
        scores.append(f1_score(truth[:, label], mine >= best))
    row = table.cells["model"]
    assert row["macro-AUC"].value == pytest.approx(np.mean(areas), abs=1e-6)
    assert row["macro-F1, thresholds from fold 8 (uses labels)"].value == pytest.approx(np.mean(scores), abs=0.05)
    assert list(table.cells) == ["model", "baseline: plain signal", "baseline: random weights"]
    assert table.facts["test"] == "fold 9, 35 ECGs of 18 patients"
    assert "3 of 5 labels" in table.title
    rare = next(part for part in table.parts if part.title.startswith("Labels with fewer"))
    assert {name: row["positives"] for name, row in rare.cells.items()} == {"CD": 1, "STTC": 0}
    json.dumps(table.to_dict(), allow_nan=False)


def test_a_few_shots_are_drawn_by_patient_and_seed(folder, model) -> None:
    train = open_dataset("ptb-xl", folder).present(range(1, 8))
    draws = [drawn_patients(train, 0.25, seed) for seed in (0, 0, 1)]
    assert [len(one) for one in draws] == [5, 5, 5] and draws[0] == draws[1] != draws[2]
    table = evaluate_few_shot(model, Question(folder, 9), share=0.25, draws=3)
    assert table.facts["ecgs_a_draw"] == "10, 10, 10"
    row = table.cells["model"]
    (known, x), (truth, asked) = by_hand(folder, model, range(1, 8)), by_hand(folder, model, [9])
    patients = [one.patient for one in train]
    areas = []
    for seed in range(3):
        kept = np.isin(patients, sorted(drawn_patients(train, 0.25, seed)))
        scaler = StandardScaler().fit(x[kept])
        each = []
        for label in range(3):
            if not 0 < known[kept, label].sum() < kept.sum():
                each.append(0.5)
                continue
            fit = LogisticRegression(C=1.0, tol=1e-10, max_iter=9999).fit(scaler.transform(x[kept]), known[kept, label])
            each.append(roc_auc_score(truth[:, label], fit.decision_function(scaler.transform(asked))))
        areas.append(np.mean(each))
    assert row["macro-AUC"].value == pytest.approx(np.mean(areas), abs=1e-6)
    assert row["sd of macro-AUC over draws or seeds"] == pytest.approx(np.std(areas, ddof=1), abs=1e-6)


def test_what_cannot_be_asked_is_refused(folder, model) -> None:
    with pytest.raises(UsageError, match="compared with itself"):
        evaluate_probe(model, Question(folder, 9), against=[model])
    with pytest.raises(UsageError, match="share of 0"):
        evaluate_few_shot(model, Question(folder, 9), share=0)


def test_fold_10_is_logged_before_it_is_read(folder, model, ptbxl_at, make_ecg, tmp_path) -> None:
    made = ptbxl_at(tmp_path / "ptb-xl")
    for n in range(90):
        made.add(make_ecg(n, kind="normal" if n // 2 % 2 else "slow"), strat_fold=str(1 + 9 * (n > 50) - (n > 70)))
    with pytest.raises(FileError, match="cannot be written"):
        evaluate_probe(model, Question(made.write(), 10, log=tmp_path / "no" / "log"), seeds=1)
    assert model.seen == 0


def test_retrieval_and_probe_hold_a_model_beside_one_and_the_same_random_network(folder, model, tmp_path, monkeypatch):
    monkeypatch.setattr("einthoven.evaluation.tasks.retrieval.DRAWS", 20)
    with Store(tmp_path / "kept") as store:
        evaluate_retrieval(model, Question(folder, 9), store=store)
        evaluate_probe(model, Question(folder, 9), seeds=1, store=store)
    assert len(list((tmp_path / "kept").glob("baseline--random-weights*"))) == 1
