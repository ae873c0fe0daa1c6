"""A whole training on 24 made-up ECGs in PTB-XL's layout, and its parts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from einthoven.ecg import DataError, ModelError, UsageError
from einthoven.metrics import auc
from einthoven.models import load_model
from einthoven.models.checkpoint import load_network
from einthoven.models.config import ModelConfig, Preparation
from einthoven.models.encoders.settings import ConvNeXt, ResNet
from einthoven.models.generator import Generator
from einthoven.models.generator_settings import Generating
from einthoven.statements import VOCABULARY, label_map, label_set, wordings
from einthoven.testing import simulate
from einthoven.training.augment import Augmentation
from einthoven.training.batch import Examples
from einthoven.training.data import Data, Lists
from einthoven.training.generating import start_from
from einthoven.training.loop import batched
from einthoven.training.plan import Plan
from einthoven.training.recipe import Member, Recipe, Teachers
from einthoven.training.run import (
    every_wording,
    judge_on,
    membership,
    metrics_of,
    plan_of,
    speaker,
    start_at_base_rates,
    train,
)

CODES = VOCABULARY.codes()


def test_training_gives_a_checkpoint_that_opens(trained, small_recipe):
    model = load_model(trained / "checkpoint", threads=1)
    assert model.name == small_recipe.name and model.codes == CODES
    z, p = model.run([simulate()])
    assert z.shape == (1, 24) and np.linalg.norm(z) == pytest.approx(1, abs=1e-5)
    assert ((p > 0) & (p < 1)).all()


def test_the_run_folder(trained, small_recipe):
    facts = json.loads((trained / "recipe.json").read_text())
    said = json.loads(json.dumps(asdict(small_recipe)))
    del said["data"]["kept"]  # where signals are kept decides nothing
    assert facts["recipe"] == said
    assert facts["dataset"] == {"name": "ptb-xl", "release": "unknown (24 rows)"}
    assert facts["train"]["ecgs"] == facts["choose"]["ecgs"] == 12
    assert facts["train"]["sha256"] != facts["choose"]["sha256"]
    network = load_network(trained / "checkpoint")
    assert facts["parameters"] > sum(p.numel() for p in network.parameters())  # with the text tower
    (line,) = map(json.loads, (trained / "metrics.jsonl").read_text().splitlines())
    assert {"epoch", "seconds", "statements", "groups", "contrast", "score", "head_super", "vote_all"} <= set(line)
    means = [line[key] for key in ("head_super", "vote_super", "head_all", "vote_all")]
    assert line["score"] == pytest.approx(sum(means) / 4, abs=1e-4)


def test_a_folder_with_another_run_is_refused_and_left(trained, small_recipe, made_up_ptbxl):
    before = (trained / "recipe.json").read_text()
    with pytest.raises(UsageError, match="another configuration"):
        train(replace(small_recipe, embedding=16), made_up_ptbxl, trained, device="cpu")
    assert (trained / "recipe.json").read_text() == before


def test_a_folder_without_the_data_set_is_refused(small_recipe, tmp_path):
    with pytest.raises(DataError):
        train(small_recipe, tmp_path, tmp_path / "out", device="cpu")
    assert not (tmp_path / "out").exists()


def test_membership():
    groups = membership(CODES, "super")
    assert groups.shape == (5, 71) and set(groups.sum(0)) == {0, 1}
    for line, label in zip(groups, label_set("super"), strict=True):
        assert {CODES[code] for code in np.flatnonzero(line)} == {
            c for c, s in label_map("super").items() if s == label
        }


@pytest.mark.parametrize(("level", "labels"), [("super", 5), ("sub", 23)])
def test_groups_are_the_labels_of_the_benchmark(level, labels):
    groups = membership(CODES, level)
    assert groups.shape == (labels, 71) and groups.dtype == np.float32
    for row, label in zip(groups, label_set(level), strict=True):
        for value, code in zip(row, CODES, strict=True):
            assert value == (label_map(level).get(code) == label)
    assert groups.any(1).all()


def test_an_untrained_network_says_how_frequent_each_code_is(task):
    network = task.network()
    target = np.zeros((40, 3), np.float32)
    target[:10, 0], target[:, 1] = 1, 1
    start_at_base_rates(network, target)
    rates = [1 / (1 + np.exp(-bias)) for bias in network.statements.bias.tolist()]
    assert rates == pytest.approx([0.25, 0.99, 0.5 / 40], rel=1e-5)


@pytest.fixture
def quick(small_resnet) -> Recipe:
    """One epoch of a residual network without a text tower."""
    return Recipe(
        "quick-1",
        encoder=ResNet(size=small_resnet, stem_kernel=5),
        text=None,
        embedding=8,
        plan=Plan(epochs=1, batch=6, contrast=0, vote=0.5, augmentation=Augmentation(crop_seconds=5.0)),
    )


def test_what_a_recipe_asks_for_is_what_is_trained(quick, made_up_ptbxl, tmp_path, without_export):
    recipe = replace(
        quick,
        data=Data(targets="likelihood"),
        preparation=Preparation(normalise="lead"),
        embedding=32,  # mean and maximum of 16 channels
        projection="none",
        plan=replace(quick.plan, epochs=3, hierarchy="super+sub", precision="bfloat16", judge_every=2, asymmetry=2.0),
    )
    train(recipe, made_up_ptbxl, tmp_path / "run", device="cpu")
    network = load_network(tmp_path / "run" / "checkpoint")
    assert network.config == recipe.config(CODES) and not list(network.embedding.parameters())
    lines = metrics_of(tmp_path / "run")
    assert [("score" in line, "vote" in line) for line in lines] == [(False, True), (True, True), (True, True)]
    best = max(line["score"] for line in lines if "score" in line)
    card = (tmp_path / "run" / "checkpoint" / "README.md").read_text()
    (head,) = {line["head_super"] for line in lines if line.get("score") == best}
    assert f"{head:.3f}" in card


def test_a_network_that_cannot_be_built_is_refused_before_its_data_are_read(quick, made_up_ptbxl, tmp_path):
    said = []
    recipe = replace(quick, projection="none")
    with pytest.raises(UsageError, match="as long as the encoder's pooled vector: 32"):
        train(recipe, made_up_ptbxl, tmp_path / "run", said.append, device="cpu")
    assert not said and not (tmp_path / "run").exists()
    with pytest.raises(UsageError, match="pooled vector"):
        plan_of(recipe, made_up_ptbxl)


def test_a_run_belongs_to_its_teachers(quick, made_up_ptbxl, tmp_path, without_export):
    teacher = train(quick, made_up_ptbxl, tmp_path / "teacher", device="cpu")
    recipe = replace(quick, teachers=Teachers((str(teacher),), 0.5))
    said = []
    folder = train(recipe, made_up_ptbxl, tmp_path / "run", said.append, device="cpu")
    assert "heard the teacher quick-1" in said
    assert "50% of each target from 1 trained checkpoints" in (folder / "README.md").read_text()
    lines = metrics_of(tmp_path / "teacher"), metrics_of(tmp_path / "run")
    assert lines[0][0]["statements"] != lines[1][0]["statements"]
    (teacher / "model.onnx").write_bytes(b"another")
    with pytest.raises(UsageError, match="another configuration"):
        train(recipe, made_up_ptbxl, tmp_path / "run", device="cpu")
    nowhere = replace(quick, teachers=Teachers((str(tmp_path / "none"),)))
    with pytest.raises(ModelError):
        train(nowhere, made_up_ptbxl, tmp_path / "other", device="cpu")


def pair(recipe):
    """Two members, the second of another seed."""
    return Member(recipe.encoder, recipe.plan), Member(recipe.encoder, replace(recipe.plan, seed=1))


def test_members_become_one_network(quick, made_up_ptbxl, tmp_path, without_export):
    recipe = replace(quick, members=pair(quick))
    said = []
    folder = train(recipe, made_up_ptbxl, tmp_path / "run", said.append, device="cpu")
    assert {line[:15] for line in said if line.startswith("member")} == {"member 1 of 2: ", "member 2 of 2: "}
    whole = load_network(folder)
    members = [load_network(tmp_path / "run" / f"member{place}" / "checkpoint") for place in range(2)]
    assert whole.config.name == "quick-1" and whole.config.embedding == 16
    signal = np.random.default_rng(0).standard_normal((3, 12, 1000)).astype(np.float16)
    logits = [np.log(p / (1 - p)) for p in (batched(one, signal)[1].astype(float) for one in (whole, *members))]
    np.testing.assert_allclose(logits[0], (logits[1] + logits[2]) / 2, atol=1e-3)
    (line,) = metrics_of(tmp_path / "run")
    seconds = sum(metrics_of(tmp_path / "run" / f"member{place}")[-1]["seconds"] for place in range(2))
    assert line["seconds"] == pytest.approx(seconds) and "score" in line
    facts = json.loads((tmp_path / "run" / "recipe.json").read_text())
    assert facts["parameters"] == sum(p.numel() for p in whole.parameters()) and len(facts["recipe"]["members"]) == 2
    assert "1 epochs in batches of 6; 1 epochs in batches of 6" in (folder / "README.md").read_text()


@pytest.mark.parametrize("members", [1, 3])
@pytest.mark.parametrize("family", ["convnextv2", "resnet"])
def test_what_would_be_trained(quick, made_up_ptbxl, small_size, family, members):
    encoder = ConvNeXt(size=small_size) if family == "convnextv2" else quick.encoder
    member = Member(encoder, quick.plan)
    recipe = replace(quick, encoder=encoder, members=(member,) * members if members > 1 else ())
    found = plan_of(recipe, made_up_ptbxl)
    assert (found["ECGs"], found["batch"], found["steps"]) == (12, ", ".join(["6"] * members), 2 * members)
    assert found["parameters"] > 1000 * members and found["name"] == "quick-1"


def test_a_speaker_says_what_is_there_in_any_of_our_wordings():
    speak = speaker(CODES)
    target = np.zeros(71, np.float32)
    present = ("NORM", "SR", "IMI")
    target[[CODES.index(code) for code in present]] = 1
    said = {speak(target, np.random.default_rng(seed)) for seed in range(200)}
    assert len(said) > 30
    for text in said:
        assert any(
            sorted(text.split(", ")) == sorted(", ".join(choice).split(", "))
            for language in ("en", "de")
            for choice in _choices([wordings(code, language) for code in present])
        )
    assert speak(np.zeros(71, np.float32), np.random.default_rng(0)) == ""


def _choices(sets):
    return [[a, b, c] for a in sets[0] for b in sets[1] for c in sets[2]]


def test_the_tokenizer_reads_every_wording_once():
    every = every_wording(CODES)
    assert len(every) == sum(len(wordings(code, language)) for code in CODES for language in ("en", "de"))


@pytest.mark.parametrize("known", [8, 240])
def test_the_judge_scores_head_and_neighbours(known, task):
    """Signals that give their class away, and a network that reads it off them."""
    import torch

    rng = np.random.default_rng(0)

    def examples(count):
        target = np.zeros((count, 3), np.float32)
        target[np.arange(count), rng.integers(0, 3, count)] = 1
        return Examples(np.repeat(target[:, :, None], 4, 2).astype(np.float16), target, 100.0)

    class Perfect(torch.nn.Module):
        def __init__(self, sign):
            super().__init__()
            self.sign = torch.nn.Parameter(torch.tensor(float(sign)))

        def forward(self, signal):
            seen = signal[:, :, 0]
            return seen, self.sign * 5 * (2 * seen - 1)

    judge = judge_on(examples(60), examples(known), np.array([[1, 0, 0], [0, 1, 1]], np.float32))
    good, bad = judge(Perfect(1)), judge(Perfect(-1))
    assert good["head_super"] == good["head_all"] == 1
    assert bad["head_all"] == 0
    if known > 200:  # with fewer than 25 of each class, neighbours of other classes vote, too
        assert good["vote_all"] > 0.9
    assert good["score"] == pytest.approx(sum(v for k, v in good.items() if k != "score") / 4)


@pytest.mark.parametrize(("codes", "said"), [([0], "no statement is"), ([2, None], "no superclass is")])
def test_ecgs_of_one_class_are_refused_before_anything_is_trained(codes, said):
    """The judge is made before the first step: one that cannot score would be seen after an epoch of hours."""
    target = np.zeros((40, 3), np.float32)
    for at in range(40):
        if codes[at % len(codes)] is not None:
            target[at, codes[at % len(codes)]] = 1
    same = Examples(np.zeros((40, 12, 8), np.float16), target, 100.0)
    with pytest.raises(UsageError, match=said) as refusal:
        judge_on(same, same, np.array([[1, 0, 0], [0, 1, 0]], np.float32))
    assert "data.choose" in refusal.value.mend


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_the_judge_is_a_slow_loop(task, precision):
    """Means of AUCs by pairs; votes of the 25 nearest of every fourth known ECG."""
    rng = np.random.default_rng(3)
    network = task.network().eval()
    groups = np.array([[1, 0, 1], [0, 1, 0]], np.float32)

    def examples(count):
        target = (rng.random((count, 3)) < 0.4).astype(np.float32) * rng.choice([0.5, 1], (count, 3)).astype(np.float32)
        return Examples(rng.standard_normal((count, 12, 256)).astype(np.float16), target, 100.0)

    held_out, base = examples(40), examples(120)
    found = judge_on(held_out, base, groups, precision)(network)
    embedding, probability = batched(network, held_out.signal, precision=precision)
    known = batched(network, base.signal[[*range(0, 120, 4)]], precision=precision)[0]
    carried = [set(np.flatnonzero(row)) for row in base.target[[*range(0, 120, 4)]]]
    truth = [set(np.flatnonzero(row)) for row in held_out.target]

    def mean_auc(labels, score):
        """Of labels as sets of codes: present where any code of theirs is."""
        each = []
        for place, label in enumerate(labels):
            there = [bool(label & codes) for codes in truth]
            each.append(auc(there, [score(q, label, place) for q in range(40)]))
        return sum(each) / len(each)

    def vote(q, label, place):
        nearest = sorted(range(30), key=lambda j: -float(embedding[q] @ known[j]))[:25]
        return sum(bool(label & carried[j]) for j in nearest) / 25

    def any_of(q, label, place):
        return 1 - np.prod([1 - float(probability[q, code]) for code in label])

    codes, supers = [{0}, {1}, {2}], [{0, 2}, {1}]
    assert found["head_all"] == pytest.approx(mean_auc(codes, lambda q, label, place: probability[q, place]))
    assert found["head_super"] == pytest.approx(mean_auc(supers, any_of), abs=1e-6)
    assert found["vote_all"] == pytest.approx(mean_auc(codes, vote))
    assert found["vote_super"] == pytest.approx(mean_auc(supers, vote))


def test_an_embedding_of_logits_is_fitted_before_it_is_judged_and_kept(quick, made_up_ptbxl, tmp_path, without_export):
    recipe = replace(quick, projection="logits", plan=replace(quick.plan, vote=0))
    voting, silent = pair(quick)[0], pair(recipe)[1]
    folder = train(replace(recipe, members=(voting, silent)), made_up_ptbxl, tmp_path / "run", device="cpu")
    assert load_network(tmp_path / "run" / "member0" / "checkpoint").config.projection == "linear"
    for one in (folder, tmp_path / "run" / "member1" / "checkpoint"):
        network = load_network(one)
        assert network.config.embedding == len(CODES)
        weight, head = network.embedding.weight.detach().numpy(), network.statements.weight.detach().numpy()
        # the layer is a square matrix of the head's: it sees nothing that the logits do not say
        assert np.linalg.matrix_rank(np.concatenate([weight, head]), tol=1e-3) == np.linalg.matrix_rank(head, tol=1e-3)


def test_what_a_split_trained_is_marked_in_config_and_card_and_teaches_nobody_else(
    quick, made_up_ptbxl, tmp_path, without_export
):
    (tmp_path / "lists" / "ptbxl").mkdir(parents=True)
    for part, numbers in {"train": range(13, 24), "valid": range(1, 13), "test": [24]}.items():
        lines = "".join(f"{at}\t{number}\n" for at, number in enumerate(numbers))
        (tmp_path / "lists" / "ptbxl" / f"{part}_ecgs.tsv").write_text(lines)
    listed = replace(quick, data=Data(train=(), choose=(), split=Lists("ecg-qa", str(tmp_path / "lists"))))
    folder = train(listed, made_up_ptbxl, tmp_path / "run", device="cpu")
    assert ModelConfig.load(folder / "config.json").split == "ecg-qa"
    card = (folder / "README.md").read_text()
    for words in (
        "| trained on | ptb-xl unknown (24 rows), ECG-QA's train ECGs: 11 ECGs",
        "| chosen on | ECG-QA's validation ECGs: 12 ECGs |",
        "**Any number on a fold of PTB-XL.**",
        "not shipped",
    ):
        assert words in card, words
    assert '"split"' not in (train(quick, made_up_ptbxl, tmp_path / "folds", device="cpu") / "config.json").read_text()
    taught_by = Teachers((str(folder),))
    with pytest.raises(UsageError, match="other parts of PTB-XL"):
        train(replace(quick, teachers=taught_by), made_up_ptbxl, tmp_path / "student", device="cpu")
    train(replace(listed, teachers=taught_by), made_up_ptbxl, tmp_path / "other", device="cpu")
    with pytest.raises(UsageError, match="has seen ECGs of folds 9 and 10"):
        start_from(Generator(quick.encoder, Generating()), folder, quick)


def test_the_model_that_ships_was_trained_on_folds():
    assert load_model(threads=1).config.split is None
