"""Targets from teachers: against the teachers' own numbers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from einthoven.datasets import PTBXL
from einthoven.ecg import ModelError, UsageError
from einthoven.models import ModelConfig, load_model
from einthoven.training import distil
from einthoven.training.augment import Augmentation
from einthoven.training.batch import Objective
from einthoven.training.distil import Teaching, taught
from einthoven.training.prepared import prepare_rows
from einthoven.training.recipe import Teachers


@pytest.fixture
def teachers(task, monkeypatch):
    """Two networks as if they were read from the folders "one" and "two"; how often each was asked."""
    networks = {"one": task.network(1).eval(), "two": task.network(2).eval()}
    for network in networks.values():
        network.asked = 0
        network.register_forward_hook(lambda module, *_: setattr(module, "asked", module.asked + 1))
    monkeypatch.setattr(distil, "load_network", lambda folder: networks[folder.name])
    return networks


def probabilities(network, signal):
    with torch.no_grad():
        logits = network(torch.from_numpy(signal.astype(np.float32)))[1].tolist()
    return [[1 / (1 + np.exp(-x)) for x in row] for row in logits]


@pytest.mark.parametrize("share", [0.25, 1.0])
@pytest.mark.parametrize("folders", [("one",), ("one", "two")])
def test_the_target_is_shared_with_the_mean_of_the_teachers(task, teachers, folders, share):
    found = taught(task.examples, Teachers(folders, share), task.config)
    heard = [probabilities(teachers[folder], task.examples.signal) for folder in folders]
    for row, column in np.ndindex(11, 3):
        mean = sum(one[row][column] for one in heard) / len(heard)
        stated = float(task.examples.target[row, column])
        assert found.target[row, column] == pytest.approx((1 - share) * stated + share * mean, abs=1e-5)
    assert found.target.dtype == np.float32
    np.testing.assert_array_equal(found.stated, task.examples.target)
    assert found.signal is task.examples.signal


def test_progress_names_each_teacher(task, teachers):
    said = []
    taught(task.examples, Teachers(("one", "two")), task.config, said.append)
    assert said == ["heard the teacher small"] * 2


def test_a_teacher_that_does_not_fit_is_refused_before_any_is_heard(task, teachers):
    for change in (
        {"codes": ("NORM", "SR", "IMI")},
        {"preparation": replace(task.config.preparation, normalise="record")},
    ):
        teachers["two"].config = replace(task.config, **change)
        with pytest.raises(UsageError, match="teacher two") as refusal:
            taught(task.examples, Teachers(("one", "two")), task.config)
        assert refusal.value.mend
    assert teachers["one"].asked == 0


def test_a_teacher_of_another_size_fits(task, teachers):
    teachers["one"].config = replace(task.config, name="large", embedding=99)
    taught(task.examples, Teachers(("one",)), task.config)


def test_a_checkpoint_teaches_what_it_predicts(checkpoint, made_up_ptbxl):
    config = ModelConfig.load(checkpoint / "config.json")
    rows = list(PTBXL(made_up_ptbxl).rows([9]))
    examples = prepare_rows(rows, config.codes, config.preparation).examples
    found = taught(examples, Teachers((str(checkpoint),), 0.4), config)
    predicted = load_model(checkpoint, threads=1).predict([row.ecg() for row in rows])
    np.testing.assert_allclose(found.target, 0.6 * examples.target + 0.4 * predicted, atol=2e-3)


def test_a_folder_that_is_no_checkpoint_is_refused(task, tmp_path):
    with pytest.raises(ModelError):
        taught(task.examples, Teachers((str(tmp_path / "none"),)), task.config)


@pytest.mark.parametrize("share", [0.25, 1.0])
def test_teachers_hear_a_batch_as_the_student_sees_it(task, teachers, share):
    seen, stated = task.examples.signal[:4, :, :128].astype(np.float32) * 2, task.examples.target[:4]
    teach = Teaching(Teachers(("one", "two"), share, "batches"), task.config)
    found = teach(torch.from_numpy(seen), torch.from_numpy(stated))
    heard = [probabilities(teachers[folder], seen) for folder in ("one", "two")]
    for row, column in np.ndindex(4, 3):
        mean = (heard[0][row][column] + heard[1][row][column]) / 2
        wanted = (1 - share) * float(stated[row, column]) + share * mean
        assert found[row, column].item() == pytest.approx(wanted, abs=1e-5)
    assert not found.requires_grad


def test_what_is_taught_is_what_the_losses_ask_for(task, plan):
    """A student whose targets a teacher replaces by certainty loses as if the data set had stated them so."""
    certain = replace(plan, augmentation=Augmentation(None, 0, 0, 0, 0, 0), vote=0, contrast=0, groups=0)
    network, rows = task.network(1).eval(), np.arange(5)
    losses = []
    for teach, target in ((lambda x, y: 1 - y, task.examples.target), (None, 1 - task.examples.target)):
        examples = replace(task.examples, target=target)
        one = Objective(examples, task.groups, certain, None, None, "cpu", teach)
        losses.append(one.losses(network, rows, one.memory(network), np.random.default_rng(0))["statements"].item())
    assert losses[0] == pytest.approx(losses[1], rel=1e-6)
