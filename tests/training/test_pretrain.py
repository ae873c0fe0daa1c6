"""A whole contrastive captioning on made-up ECGs in PTB-XL's layout, and what is done with its checkpoint."""

from __future__ import annotations

import csv
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

import einthoven
from einthoven import Archive
from einthoven.cli import main
from einthoven.ecg import ECG, FileError, ModelError, UsageError
from einthoven.models import load_model
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner_checkpoint import CaptionWriter
from einthoven.models.checkpoint import load_network
from einthoven.models.config import TextTower
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.reporting.caption import caption
from einthoven.statements.withheld import told_of, withheld
from einthoven.testing import simulate
from einthoven.training import state
from einthoven.training.augment import Augmentation
from einthoven.training.captions import Captions
from einthoven.training.plan import Plan, TrainingError
from einthoven.training.pretrain import TEXTS
from einthoven.training.recipe import Recipe
from einthoven.training.run import plan_of, train


@pytest.fixture(scope="module")
def recipe(small_size):
    return Recipe(
        "captioned-1",
        encoder=ConvNeXt(size=small_size, stem_kernel=8),
        text=TextTower(width=16, layers=1, heads=2, tokens=40, vocabulary=500),
        embedding=8,
        captioning=Captions(Captioning(queries=2, pool_heads=2, layers=1, heads=2), text="findings"),
        plan=Plan(epochs=1, batch=6, groups=0, contrast=0, augmentation=Augmentation(5.0, mixup=0)),
    )


@pytest.fixture(scope="module")
def captioned(recipe, made_up_ptbxl, tmp_path_factory, one_thread):
    return train(recipe, made_up_ptbxl, tmp_path_factory.mktemp("runs") / "captioned", device="cpu")


def test_the_checkpoint_embeds_both_sides_without_a_head(captioned):
    model, ecgs = load_model(captioned, threads=1), [simulate(60), simulate(90)]
    embedding, probability = model.run(ecgs)
    assert embedding.shape == (2, 8) and probability.shape == (2, 0) and model.codes == ()
    np.testing.assert_allclose(np.linalg.norm(embedding, axis=1), 1, atol=1e-5)
    with pytest.raises(ModelError, match="without statements"):
        model.predict(ecgs)
    assert model.similarity(ecgs, ["atrial fibrillation", "sinus rhythm"]).shape == (2, 2)
    assert load_network(captioned).config == model.config


def test_a_run_without_a_group_leaves_the_proof_before_it_trains(recipe, made_up_ptbxl, tmp_path, monkeypatch):
    def stop(*given, **named):
        raise TrainingError("far enough")

    monkeypatch.setattr("einthoven.training.pretrain.pretrain", stop)
    how = replace(recipe.captioning, without="rhythm")
    with pytest.raises(TrainingError, match="far enough"):
        train(replace(recipe, captioning=how), made_up_ptbxl, tmp_path / "run", device="cpu")
    texts = (tmp_path / "run" / TEXTS).read_text().splitlines()
    assert len(texts) == len(set(texts)) > 1 and all("ECG Findings:" in text for text in texts)
    assert not any(told_of(text, withheld("rhythm")) for text in texts)
    with pytest.raises(UsageError, match="not a known group of codes"):
        replace(how, without="rythm")


def test_an_archive_is_built_on_it(captioned, tmp_path):
    archive = Archive.create(tmp_path / "archive", load_model(captioned, threads=1))
    archive.add([(f"r{n}", simulate(60 + n, seed=n)) for n in range(4)])
    found = archive.search(simulate(75, seed=9), k=2)
    assert len(found) == 2 and found[0].similarity >= found[1].similarity


def test_what_is_written_of_the_run(captioned, recipe):
    run = captioned.parent
    (line,) = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
    mine = {"contrast", "caption", "held_out_contrast", "held_out_caption", "retrieval_1", "vote_super", "vote_all"}
    assert mine <= set(line) and "head_all" not in line
    assert line["score"] == pytest.approx((line["vote_super"] + line["vote_all"]) / 2, abs=1e-4)
    assert json.loads((run / "recipe.json").read_text())["commit"] and (run / "events.out.tfevents.run").exists()
    card = (captioned / "README.md").read_text()
    assert "no statement head" in card and f"vote_all {line['vote_all']:.3f}" in card


def test_its_checkpoint_writes_captions(captioned, tmp_path, capsys, monkeypatch):
    file = tmp_path / "ecg.hea"
    einthoven.write(simulate(70), file)
    for extra in ((), ("--beam", "2"), ("--nucleus", ".9", "--seed", "3")):
        monkeypatch.setattr(
            "sys.argv", ["einthoven", "caption", str(file), "--model", str(captioned), *extra, "--json"]
        )
        with pytest.raises(SystemExit) as end:
            main()
        said = json.loads(capsys.readouterr().out)
        assert end.value.code == 0 and said["outcome"] in ("written", "caution") and isinstance(said["caption"], str)
        assert said["evidence"] == [] and said["disclaimer"].startswith("Research use only")
    long = caption(simulate(70, seconds=20), CaptionWriter(captioned))
    assert any("only its first" in notice for notice in long.notices) and "CAPTION" in str(long)
    flat = caption(ECG(np.zeros((12, 1000), np.float32), 100), CaptionWriter(captioned))
    assert flat.outcome == "none" and flat.caption is None and flat.to_dict()["caption"] is None


def test_what_would_be_trained(recipe, made_up_ptbxl, one_thread):
    found = plan_of(recipe, made_up_ptbxl)
    assert (found["ECGs"], found["batch"], found["steps"]) == (12, 6, 2)
    assert found["parameters"] > 5000 and "GiB kept" in found["memory"] and found["hours"] > 0


@pytest.mark.parametrize(
    "changes",
    [
        {"text": None},
        {"plan": Plan(groups=0, contrast=0.1, augmentation=Augmentation(mixup=0))},
        {"plan": Plan(groups=0, contrast=0)},
        {"projection": "logits"},
    ],
)
def test_what_does_not_go_with_captioning_is_refused(recipe, changes):
    with pytest.raises(UsageError) as refusal:
        replace(recipe, **changes)
    assert refusal.value.mend


@pytest.mark.parametrize(
    ("codes", "error", "says"),
    [("{}", TrainingError, "No ECG carries"), ("{'NORM': 100.0}", UsageError, "scored on them")],
    ids=["nothing", "one class"],
)
def test_a_data_set_that_says_nothing_or_always_the_same_is_refused(
    recipe, made_up_ptbxl, tmp_path, one_thread, codes, error, says
):
    folder = tmp_path / "poor"
    shutil.copytree(made_up_ptbxl, folder)
    with (folder / "ptbxl_database.csv").open(newline="") as file:
        lines = list(csv.DictReader(file))
    with (folder / "ptbxl_database.csv").open("w", newline="") as file:
        table = csv.DictWriter(file, list(lines[0]))
        table.writeheader()
        table.writerows({**line, "scp_codes": codes} for line in lines)
    with pytest.raises(error, match=says) as refusal:
        train(recipe, folder, tmp_path / "run", device="cpu")
    left = {path.name for path in (tmp_path / "run").glob("*")}
    assert refusal.value.mend and not left & {"checkpoint", "metrics.jsonl"}, "nothing was trained"


def test_a_full_disk_leaves_nothing_half_written(captioned, recipe, made_up_ptbxl, tmp_path, monkeypatch):
    run = tmp_path / "run"
    shutil.copytree(captioned.parent, run)

    def full(*given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(state, "save_file", full)
    (run / state.FILE).unlink()
    with pytest.raises(FileError, match="No space left") as refusal:
        train(recipe, made_up_ptbxl, run, device="cpu")
    assert "--resume" in refusal.value.mend and not (run / state.FILE).exists()
    assert not list(run.glob("*.new"))
