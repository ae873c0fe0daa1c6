"""A report generator trained on made-up ECGs: its folder, its resume, and where its encoder starts."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models.checkpoint import load_network
from einthoven.models.generator import Generator
from einthoven.models.generator_checkpoint import ReportWriter
from einthoven.models.generator_settings import Generating
from einthoven.testing import simulate
from einthoven.training.generating import start_from
from einthoven.training.generation_settings import Generation
from einthoven.training.run import train


@pytest.fixture
def recipe(small_recipe):
    network = Generating(width=16, layers=1, heads=2, memory=8, looked_at=2, tokens=12, vocabulary=200, beam=2)
    plan = replace(
        small_recipe.plan,
        epochs=2,
        groups=0,
        contrast=0,
        vote=0,
        augmentation=replace(small_recipe.plan.augmentation, mixup=0),
    )
    return replace(small_recipe, name="writer", text=None, plan=plan, generating=Generation(network))


def test_training_gives_a_writer_that_costs_less_than_before_and_a_stopped_run_goes_on(recipe, made_up_ptbxl, tmp_path):
    folder = train(recipe, made_up_ptbxl, tmp_path / "run", device="cpu")
    lines = [json.loads(line) for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()]
    assert (
        len(lines) == 2 and lines[1]["report"] < lines[0]["report"] and lines[0]["score"] == -lines[0]["choose_report"]
    )
    texts = ReportWriter(folder)([simulate(72), simulate(45)])
    assert len(texts) == 2 and all(isinstance(text, str) for text in texts)

    def stop(line: str) -> None:
        if line.startswith("epoch 2/2"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(recipe, made_up_ptbxl, tmp_path / "again", stop, device="cpu")
    train(recipe, made_up_ptbxl, tmp_path / "again", device="cpu")
    again = (tmp_path / "again" / "checkpoint" / "model.safetensors").read_bytes()
    assert again == (folder / "model.safetensors").read_bytes()


def test_the_encoder_starts_where_a_checkpoint_ends(recipe, trained):
    checkpoint = trained / "checkpoint"
    network = Generator(recipe.encoder, recipe.generating.network)
    start_from(network, checkpoint, recipe)
    for name, value in load_network(checkpoint).encoder.state_dict().items():
        assert torch.equal(network.encoder.state_dict()[name], value)
    other = replace(recipe, preparation=replace(recipe.preparation, highpass=None))
    with pytest.raises(UsageError, match="another encoder or preparation"):
        start_from(network, checkpoint, other)


def test_what_cannot_be_trained_is_refused(recipe, small_recipe):
    with pytest.raises(UsageError, match="text half of its own"):
        replace(recipe, text=small_recipe.text)
    with pytest.raises(UsageError, match="no statement head"):
        replace(recipe, plan=replace(recipe.plan, groups=0.5))
    with pytest.raises(UsageError, match="encoder_share"):
        Generation(encoder_share=2)
