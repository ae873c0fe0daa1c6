"""Contrastive captioning as a pretraining: losses, cached accumulation, what comes out, exact resume."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.numpy import load_file
from safetensors.torch import save_file as save_state

from einthoven.ecg import FileError, UsageError
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.config import ModelConfig, Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt, ResNet
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.training import state, stopped
from einthoven.training.augment import Augmentation
from einthoven.training.caption_scores import ranks_of_own
from einthoven.training.captioning import CaptionPretraining
from einthoven.training.captions import Captions
from einthoven.training.loop import batched, pretrain
from einthoven.training.objectives import caption_loss, contrast_loss
from einthoven.training.pieces import gradient
from einthoven.training.plan import Plan, TrainingError

TOWER = TextTower(width=16, layers=1, heads=2, tokens=12, vocabulary=120)
HOW = Captions(Captioning(queries=3, pool_heads=2, layers=1, heads=2))
TEXTS = tuple(f"{'a normal' if n % 2 else 'an old'} ecg {'of some length' * (n % 3)} {n}" for n in range(11))
PLAN = Plan(
    epochs=2, batch=5, rate=3e-3, groups=0, contrast=0, augmentation=Augmentation(2.0, 0, 0, 0, mixup=0), average=0.5
)


@pytest.fixture
def made(task, small_size):
    """A pretraining on eleven made-up ECGs: `made(how, plan)`."""

    def make(how=HOW, plan=PLAN, encoder=None, seed=0):
        torch.manual_seed(seed)
        encoder = encoder or ConvNeXt(size=small_size)
        config = ModelConfig("small", (), 8, Preparation(seconds=2.56), encoder, pool=how.pool(TOWER.width))
        network = Captioner(encoder, TOWER, 8, how.model)
        tokenizer = build_tokenizer(TEXTS, TOWER, marks=True)
        held_out = (task.examples, TEXTS)
        return CaptionPretraining(network, config, how, plan, task.examples, TEXTS, tokenizer, held_out)

    return make


ROWS = np.array([3, 0, 10, 7, 4])


def losses(work, rows=ROWS):
    return work.losses(work.network, rows, None, np.random.default_rng(0))


def slopes(network):
    return {name: p.grad.clone() for name, p in network.named_parameters() if p.grad is not None}


def test_the_losses_are_contrast_and_caption_of_one_pass(made, task):
    work = made()
    work.network.eval()
    found = losses(work)
    ids = encode(work.tokenizer, [TEXTS[row] for row in ROWS])
    signal = work.batch(ROWS, np.random.default_rng(0))[0]
    both = work.network(signal, ids)
    assert found["contrast"].item() == pytest.approx(contrast_loss(both.ecg, both.text, both.scale).item(), rel=1e-5)
    assert found["caption"].item() == pytest.approx(caption_loss(both.logits, ids).item(), rel=1e-5)


@pytest.mark.parametrize(
    "how",
    [
        HOW,
        replace(HOW, contrast=0.5, caption=2.0, caption_reduction="sum", equal_texts="ignored"),
        replace(HOW, caption=0.0),
        replace(HOW, contrast=0.0),
        replace(HOW, negatives="local", model=replace(HOW.model, text_pass="single")),
        replace(HOW, model=replace(HOW.model, text_pass="bidirectional", pool="vector")),
        replace(HOW, alignment=0.7, model=replace(HOW.model, views=True)),
        replace(HOW, alignment=1.0, caption=0.0, negatives="local", model=replace(HOW.model, views=True)),
        replace(HOW, alignment=1.0, contrast=0.0, model=replace(HOW.model, views=True)),
    ],
)
@pytest.mark.parametrize("pieces", [2, 3, 5])
def test_a_batch_in_pieces_has_the_gradient_of_the_whole(made, how, pieces):
    """GradCache against one pass, without dropout."""
    work = made(how)
    work.network.eval()
    whole = losses(work)
    sum(whole.values()).backward()
    expected = slopes(work.network)
    work.network.zero_grad()
    found = gradient(work, work.network, ROWS, None, np.random.default_rng(0), pieces)
    assert found.keys() == whole.keys() == {name for name in ("contrast", "caption", "alignment") if getattr(how, name)}
    for name, value in whole.items():
        assert found[name].item() == pytest.approx(value.item(), rel=1e-4)
    mine = slopes(work.network)
    assert mine.keys() == expected.keys()
    for name, slope in expected.items():
        torch.testing.assert_close(mine[name], slope, atol=2e-5, rtol=2e-3, msg=name)


def test_alignment_tells_an_ecg_by_one_view_from_the_others_by_their_other_view(made):
    """MERL's part without texts, in numpy: each view has a map of its own of the mean features."""
    work = made(replace(HOW, alignment=0.5, model=replace(HOW.model, views=True)))
    work.network.eval()
    found = losses(work)["alignment"].item()
    signal = work.batch(ROWS, np.random.default_rng(0))[0]
    with torch.no_grad():
        mean = work.network.encoder(signal)[0].mean(1).double().numpy()
    maps = (work.network.views.first.weight, work.network.views.second.weight)
    first, second = (mean @ one.detach().double().numpy().T for one in maps)
    first, second = (one / np.linalg.norm(one, axis=1, keepdims=True) for one in (first, second))
    told = np.exp(first @ second.T / 0.07)
    own = np.diag(told)
    expected = -np.log(own / told.sum(1)).mean() - np.log(own / told.sum(0)).mean()
    assert found == pytest.approx(0.5 * expected, rel=1e-4)


def test_views_leave_out_other_entries_in_training_and_none_when_read(made):
    work = made(replace(HOW, alignment=1.0, model=replace(HOW.model, views=True)))
    features = torch.rand(300, work.network.views.first.in_features) + 0.1
    with torch.no_grad():
        views = work.network.views.train()(features)
        left_out = (views == 0).float()
        assert left_out.mean().item() == pytest.approx(0.1, abs=0.02)
        assert not torch.equal(left_out[:, 0], left_out[:, 1])
        assert (work.network.views.eval()(features) != 0).all()


@pytest.mark.parametrize("how", [{"alignment": 1.0}, {"model": replace(HOW.model, views=True)}, {"alignment": -1.0}])
def test_alignment_and_views_come_together(how):
    with pytest.raises(UsageError, match="alignment"):
        replace(HOW, **how)


@pytest.mark.parametrize("weights", [(1, 1, 0), (1, 1, 0.7), (0, 1, 0.7), (1, 0, 0.7)])
@pytest.mark.parametrize("text_pass", ["double", "single", "bidirectional"])
def test_both_passes_drop_the_same(made, text_pass, weights):
    """With dropout: pieces that are computed with all their graphs at once, from the same state of chance."""
    contrast, caption, alignment = weights
    model = replace(HOW.model, text_pass=text_pass, views=alignment > 0)
    work = made(replace(HOW, contrast=contrast, caption=caption, alignment=alignment, model=model))
    work.network.train()
    assert any(part.p > 0 for part in work.network.modules() if isinstance(part, torch.nn.Dropout))
    signal, texts = work.batch(ROWS, np.random.default_rng(0))
    ids = encode(work.tokenizer, texts)
    torch.manual_seed(7)
    found = []
    for part in (slice(0, 3), slice(3, 5)):
        before = torch.get_rng_state()
        with torch.no_grad():
            work.network(signal[part], ids[part], contrast=contrast > 0, caption=False)
        after = torch.get_rng_state()
        torch.set_rng_state(before)
        found.append(work.network(signal[part], ids[part], contrast=contrast > 0, caption=caption > 0))
        torch.set_rng_state(after)
    ecg, text, views, logits = (
        torch.cat([getattr(one, name) for one in found]) for name in ("ecg", "text", "views", "logits")
    )
    total = contrast_loss(ecg, text, work.network.scale()) if contrast else 0
    total = total + (caption_loss(logits, ids) if caption else 0)
    if alignment:
        assert (views == 0).any(), "entries are left out"
        total = total + alignment * contrast_loss(views[:, 0], views[:, 1], torch.tensor(1 / 0.07))
    total.backward()
    expected = slopes(work.network)
    work.network.zero_grad()
    torch.manual_seed(7)
    gradient(work, work.network, ROWS, None, np.random.default_rng(0), 2)
    mine = slopes(work.network)
    assert mine.keys() == expected.keys()
    for name, slope in mine.items():
        torch.testing.assert_close(slope, expected[name], atol=2e-5, rtol=2e-3, msg=name)


def test_what_does_not_accumulate_is_refused(made, small_resnet, tmp_path):
    work = made(plan=replace(PLAN, accumulate=2), encoder=ResNet(size=small_resnet))
    with pytest.raises(UsageError, match="batch normalisation"):
        run(work, tmp_path)


def run(work, folder, progress=lambda line: None, judge=None):
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"made-up/{n}" for n in range(11)]
    judge = judge or (lambda network: {**work.scores(network), "score": 1.0})
    return pretrain(work, names, work.plan, folder, judge, progress, signals=work.examples.signal)


def lines_of(folder):
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def test_training_lowers_both_losses_and_its_ecg_side_is_the_captioners(made, task, tmp_path):
    work = made(plan=replace(PLAN, epochs=6, seed=2))
    network = run(work, tmp_path)
    lines = lines_of(tmp_path)
    assert lines[-1]["contrast"] < lines[0]["contrast"] and lines[-1]["caption"] < lines[0]["caption"]
    assert {"held_out_contrast", "held_out_caption", "retrieval_1", "retrieval_10"} <= set(lines[0])
    alone = work.inference(network)
    signal = torch.from_numpy(task.examples.signal.astype(np.float32))
    with torch.no_grad():
        torch.testing.assert_close(torch.from_numpy(batched(alone, task.examples.signal)[0]), network.read(signal)[0])
        side, tokenizer = work.text_side(network)
        ids = encode(tokenizer, TEXTS)
        torch.testing.assert_close(side(ids), network.embed_text(ids))


@pytest.mark.parametrize("pool", ["queries", "vector"])
@pytest.mark.parametrize("text_pass", ["double", "single"])
def test_both_sides_without_training(made, task, pool, text_pass):
    work = made(replace(HOW, model=replace(HOW.model, pool=pool, text_pass=text_pass)))
    network = work.network.eval()
    valid = torch.ones(11, 256)
    valid[:, 100:] = 0
    signal = torch.from_numpy(task.examples.signal.astype(np.float32)) * valid[:, None]
    with torch.no_grad():
        torch.testing.assert_close(work.inference(network)(signal, valid)[0], network.read(signal, valid)[0])
        ids = encode(work.tokenizer, TEXTS)
        torch.testing.assert_close(work.text_side(network)[0](ids), network.embed_text(ids))


class KilledError(Exception):
    pass


@pytest.mark.parametrize("changes", [{}, {"accumulate": 2, "recompute": True, "precision": "bfloat16"}])
def test_a_killed_run_goes_on_exactly(made, tmp_path, changes):
    plan = replace(PLAN, epochs=3, **changes)
    whole = run(made(plan=plan), tmp_path / "whole")
    stops = ["epoch 2/3  step 2/3", "epoch 3/3  step 1/3"]

    def progress(line):
        if stops and line.startswith(stops[0]):
            stops.pop(0)
            raise KilledError

    for seed in (0, 4):
        with pytest.raises(KilledError):
            run(made(plan=plan, seed=seed), tmp_path / "killed", progress)
    again = run(made(plan=plan, seed=5), tmp_path / "killed", progress)
    assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), again.state_dict().values(), strict=True))
    assert lines_of(tmp_path / "killed") == lines_of(tmp_path / "whole")


def test_recomputation_changes_no_gradient(made, task):
    from einthoven.training.lighter import recompute

    work, lean = made(), made()
    recompute(lean.network)
    for one in (work, lean):
        one.network.train()
        torch.manual_seed(3)
        sum(losses(one).values()).backward()
    mine, expected = slopes(lean.network), slopes(work.network)
    assert mine.keys() == expected.keys()
    for name, slope in expected.items():
        torch.testing.assert_close(mine[name], slope, msg=name)


def test_a_loss_that_is_not_finite_names_its_ecgs(made, tmp_path):
    work = made()
    work.examples.signal[7] = math.nan
    with pytest.raises(TrainingError, match=r"made-up/\d+") as refusal:
        run(work, tmp_path)
    batch = json.loads((tmp_path / "stopped.json").read_text())
    assert "made-up/7" in batch["records"] and "stopped.json" in refusal.value.mend
    kept = load_file(tmp_path / "stopped.safetensors")["signal"]
    np.testing.assert_array_equal(kept, work.examples.signal[batch["rows"]])
    assert np.isnan(kept).any() and "stopped.safetensors" in refusal.value.mend


@pytest.mark.parametrize("fault", [OSError(28, "No space left on device"), FileError("No space left there.")])
def test_a_batch_that_cannot_be_kept_is_named_all_the_same(made, tmp_path, monkeypatch, fault):
    """On a full disk; and where the signals, which lie on one, cannot be read."""

    def full(*given):
        raise fault

    monkeypatch.setattr(stopped, "save_file", full)
    work = made()
    work.examples.signal[7] = math.nan
    with pytest.raises(TrainingError, match=r"made-up/\d+") as refusal:
        run(work, tmp_path)
    assert "No space left" in refusal.value.mend


def test_a_full_disk_leaves_the_epoch_before_and_the_run_goes_on(made, tmp_path, monkeypatch):
    writes = []

    def full(*given):
        writes.append(1)
        if len(writes) == 2:
            raise OSError(28, "No space left on device")
        save_state(*given)

    whole = run(made(), tmp_path / "whole")
    monkeypatch.setattr(state, "save_file", full)
    with pytest.raises(FileError, match="No space left"):
        run(made(), tmp_path / "run")
    assert [line["epoch"] for line in lines_of(tmp_path / "run")] == [1]
    again = run(made(seed=5), tmp_path / "run")
    for name, value in whole.state_dict().items():
        assert torch.equal(again.state_dict()[name], value), name
    one, other = ((tmp_path / name / "events.out.tfevents.run").stat().st_size for name in ("whole", "run"))
    assert one == other, "an epoch is there once"


def test_a_text_that_says_the_same_counts_as_found():
    cosines = torch.tensor([[0.1, 0.9, 0.8], [0.5, 0.4, 0.6], [0.2, 0.1, 0.3]])
    assert ranks_of_own(cosines, ["a", "b", "c"]).tolist() == [2, 2, 0]
    assert ranks_of_own(cosines, ["a", "a", "c"]).tolist() == [0, 1, 0]


@pytest.mark.parametrize("wrong", [{"contrast": -1}, {"contrast": 0, "caption": 0}, {"text": "regen"}])
def test_what_captioning_cannot_have(wrong):
    with pytest.raises(UsageError) as refusal:
        Captions(**wrong)
    assert refusal.value.mend
