"""The losses of one batch, each made again by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch

from einthoven.models.text_tower import encode
from einthoven.training.augment import Augmentation, augment
from einthoven.training.batch import Examples, Objective
from einthoven.training.objectives import contrast_loss, group_loss, statement_loss, vote_loss
from einthoven.training.plan import Plan

STILL = Augmentation(None, 0.0, 0.0, 0.0, mixup=0.0)
PLAN = Plan(batch=4, groups=0.0, contrast=0.0, augmentation=STILL)
ROWS = np.array([4, 0, 7, 2])


@pytest.fixture
def losses(task):
    """`losses(plan)` are those of four ECGs by a small network that does not drop anything out."""
    network = task.network().eval()

    def compute(plan, rows=ROWS, examples=task.examples, memory=None, speak=task.speak):
        objective = Objective(examples, task.groups, plan, speak, task.tokenizer, "cpu")
        memory = memory or objective.memory(network)
        found = objective.losses(network, rows, memory, np.random.default_rng(0))
        return {name: value.item() for name, value in found.items()}, memory

    compute.network = network
    return compute


def outputs(losses, task, rows=ROWS):
    signal = torch.from_numpy(task.examples.signal[rows].astype(np.float32))
    with torch.no_grad():
        return (*losses.network(signal), torch.from_numpy(task.examples.target[rows]))


def test_a_loss_that_weighs_nothing_is_not_there(losses):
    assert set(losses(PLAN)[0]) == {"statements"}
    every = replace(PLAN, groups=1.0, vote=1.0, contrast=1.0)
    assert set(losses(every)[0]) == {"statements", "groups", "vote", "contrast"}


def test_each_loss_is_weighed(losses, task):
    plan = replace(PLAN, groups=0.5, vote=3.0, asymmetry=2.0)
    embedding, logits, target = outputs(losses, task)
    present = [[max(row[code] for code in range(3) if group[code]) for group in task.groups] for row in target.tolist()]
    none = torch.zeros(0, 8), torch.zeros(0, 3)
    found, _ = losses(plan)
    assert found["statements"] == pytest.approx(statement_loss(logits, target, 2.0).item(), rel=1e-5)
    grouped = group_loss(logits, torch.from_numpy(task.groups), torch.tensor(present))
    assert found["groups"] == pytest.approx(0.5 * grouped.item(), rel=1e-5)
    assert found["vote"] == pytest.approx(3 * vote_loss(embedding, target, *none).item(), rel=1e-5)


def test_a_mixed_ecg_belongs_to_a_group_as_if_its_codes_were_independent(losses, task):
    groups = np.array([[1, 1, 0], [0, 1, 1]], np.float32)
    target = np.random.default_rng(0).random((11, 3)).astype(np.float32)
    present = [
        [1 - np.prod([1 - p for p, g in zip(row, group, strict=True) if g]) for group in groups] for row in target
    ]
    examples = replace(task.examples, target=target)
    objective = Objective(examples, groups, replace(PLAN, groups=1.0), None, None, "cpu")
    found = objective.losses(losses.network, ROWS, objective.memory(losses.network), np.random.default_rng(0))
    _, logits, _ = outputs(losses, task)
    expected = group_loss(logits, torch.from_numpy(groups), torch.tensor(np.array(present)[ROWS]).float())
    assert found["groups"].item() == pytest.approx(expected.item(), rel=1e-5)


def test_the_disturbed_ecgs_and_their_targets_are_judged(losses, task):
    plan = replace(PLAN, vote=1.0, augmentation=Augmentation(crop_seconds=2.0))
    signal, target = augment(
        task.examples.signal[ROWS], task.examples.target[ROWS], 100.0, plan.augmentation, np.random.default_rng(0)
    )
    with torch.no_grad():
        embedding, logits = losses.network(torch.from_numpy(signal))
    found, memory = losses(plan)
    assert found["statements"] == pytest.approx(statement_loss(logits, torch.from_numpy(target)).item(), rel=1e-5)
    np.testing.assert_allclose(memory.known, embedding, atol=1e-6)
    np.testing.assert_array_equal(memory.carried, target)


def test_earlier_batches_vote_and_later_ones_do_not_know_the_future(losses, task):
    plan = replace(PLAN, vote=1.0, memory=5)
    first, memory = losses(plan, ROWS)
    known = memory.known.clone(), memory.carried.clone()
    second, memory = losses(plan, np.array([1, 3]), memory=memory)
    embedding, _, target = outputs(losses, task, np.array([1, 3]))
    assert second["vote"] == pytest.approx(vote_loss(embedding, target, *known).item(), rel=1e-5)
    assert len(memory.known) == 5
    np.testing.assert_allclose(memory.known[-2:], embedding, atol=1e-6)
    assert first["vote"] == pytest.approx(losses(replace(plan, memory=0))[0]["vote"])


@pytest.mark.parametrize("remembered", [0, 2048])
def test_one_ecg_alone_has_no_neighbour_to_vote(losses, remembered):
    plan = replace(PLAN, vote=1.0, contrast=1.0, memory=remembered)
    alone, memory = losses(plan, np.array([3]))
    assert set(alone) == {"statements"}
    _, memory = losses(plan, ROWS, memory=memory)
    last, _ = losses(plan, np.array([3]), memory=memory)
    assert ("vote" in last) == (remembered > 0)
    assert all(np.isfinite(value) for value in (*alone.values(), *last.values()))


def test_neighbours_vote_on_groups_too(losses, task):
    plan = replace(PLAN, vote=1.0, vote_on="codes+groups")
    found, memory = losses(plan)
    embedding, _, target = outputs(losses, task)
    both = torch.cat([target, target[:, :2]], 1)  # each group of the task is one code
    np.testing.assert_array_equal(memory.carried, both)
    expected = vote_loss(embedding, both, torch.zeros(0, 8), torch.zeros(0, 5))
    assert found["vote"] == pytest.approx(expected.item(), rel=1e-5)


def contrast(losses, task, texts, same):
    with torch.no_grad():
        text = losses.network.embed_text(encode(task.tokenizer, texts))
        return contrast_loss(outputs(losses, task)[0], text, losses.network.scale(), torch.tensor(same)).item()


def test_reports_are_those_of_the_same_ecgs_and_equal_ones_are_no_negatives(losses, task):
    reports = tuple("sinus rhythm" if row in (0, 7) else f"old infarction {row}" for row in range(11))
    examples = replace(task.examples, reports=reports)
    plan = replace(PLAN, contrast=2.0, contrast_text="report")
    found, _ = losses(plan, examples=examples)
    same = [[one == two or {one, two} == {0, 7} for two in ROWS.tolist()] for one in ROWS.tolist()]
    texts = [reports[row] for row in ROWS]
    assert found["contrast"] == pytest.approx(2 * contrast(losses, task, texts, same), rel=1e-5)


def test_texts_say_what_is_stated_whatever_teachers_think(losses, task):
    heard = []

    def speak(row, rng):
        heard.append(np.flatnonzero(row).tolist())
        return task.speak(row, rng)

    plan = replace(PLAN, contrast=1.0)
    soft = replace(task.examples, target=task.examples.target * 0.5 + 0.2, stated=task.examples.target)
    taught, _ = losses(plan, examples=soft, speak=speak)
    assert heard == [[code] for code in (ROWS % 3).tolist()]
    assert taught["contrast"] == pytest.approx(losses(plan)[0]["contrast"])
    assert taught["statements"] != pytest.approx(losses(plan)[0]["statements"])


def test_texts_that_say_the_same_are_alike_however_likely_the_codes(losses, task):
    likely = np.linspace(0.3, 1, 11, dtype=np.float32)[:, None]
    examples = replace(task.examples, target=task.examples.target * likely)
    plan = replace(PLAN, contrast=1.0)
    assert losses(plan, examples=examples)[0]["contrast"] == pytest.approx(losses(plan)[0]["contrast"])


def test_bfloat16_is_close_and_its_losses_are_float32(losses, task, bfloat16):
    plan = replace(PLAN, groups=0.5, vote=1.0, contrast=1.0)
    half = replace(plan, precision="bfloat16")
    exact, rough = losses(plan)[0], losses(half)[0]
    assert exact != rough
    assert exact == pytest.approx(rough, rel=0.03, abs=0.03)
    objective = Objective(task.examples, task.groups, half, task.speak, task.tokenizer, "cpu")
    memory = objective.memory(losses.network)
    found = objective.losses(losses.network, ROWS, memory, np.random.default_rng(0))
    assert {value.dtype for value in found.values()} == {torch.float32} == {memory.known.dtype}


def test_a_device_may_have_a_number(losses, task):
    objective = Objective(task.examples, task.groups, replace(PLAN, precision="bfloat16"), None, None, "cpu:0")
    network = losses.network
    assert objective.losses(network, ROWS, objective.memory(network), np.random.default_rng(0))["statements"] > 0


def test_examples_have_a_length(task):
    assert len(Examples(task.examples.signal[:4], task.examples.target[:4], 100.0)) == 4
