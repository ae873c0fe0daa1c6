"""Fine-tuning as a task: rows, resumption, and what it refuses."""

from __future__ import annotations

import pytest

pytest.importorskip("torch")

from einthoven.ecg import ModelError, UsageError
from einthoven.evaluation.one_shot import identifiers
from einthoven.evaluation.people import SPREADS
from einthoven.evaluation.question import Question
from einthoven.evaluation.tasks.finetune import evaluate_finetune
from einthoven.evaluation.tasks.identify import evaluate_identify
from einthoven.models import load_model
from einthoven.training.finetune import Tuning


def test_a_checkpoint_is_tuned_beside_random_weights_and_probes(folder, checkpoint, tmp_path) -> None:
    model, how = load_model(checkpoint, threads=1), Tuning(epochs=1, batch=12)
    table = evaluate_finetune(model, Question(folder, 9), tmp_path / "run", how=how, seeds=2)
    assert list(table.cells) == [
        "fine-tuned",
        "supervised from random weights, same plan",
        "frozen, linear probe",
        "baseline: plain signal: frozen, linear probe",
        "baseline: random weights: frozen, linear probe",
    ]
    assert "sd of macro-AUC over draws or seeds" in table.cells["fine-tuned"]
    assert (table.facts["epochs"], table.facts["layer_decay"]) == (1, 0.75)
    with pytest.raises(UsageError, match="--resume"):
        evaluate_finetune(model, Question(folder, 9), tmp_path / "run", how=how, seeds=2)
    again = evaluate_finetune(model, Question(folder, 9), tmp_path / "run", how=how, seeds=2, resume=True)
    assert again.cells == table.cells
    with pytest.raises(UsageError, match="another configuration"):
        evaluate_finetune(model, Question(folder, 9), tmp_path / "run", how=Tuning(epochs=2), resume=True)


def test_networks_learn_people(folder, checkpoint, tmp_path) -> None:
    model = load_model(checkpoint, threads=1)
    trained = identifiers(model, tmp_path / "run", Tuning(epochs=2, batch=9, rate=1e-3), seeds=2)
    table = evaluate_identify(model, Question(folder, 9), seeds=1, trained=trained)
    for part in (table, *table.parts):
        assert {"fine-tuned", "supervised from random weights, same plan"} <= set(part.cells)
        assert set(SPREADS.values()) <= set(part.cells["fine-tuned"])
    with pytest.raises(UsageError, match="--resume"):
        identifiers(model, tmp_path / "run")


def test_only_checkpoints_are_tuned(folder, model, tmp_path) -> None:
    with pytest.raises(ModelError, match="no checkpoint of Einthoven"):
        evaluate_finetune(model, Question(folder, 9), tmp_path / "run")
