from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
import yaml

from einthoven.ecg import UsageError
from einthoven.models.config import ModelConfig, Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt, ResNet
from einthoven.models.network import Network
from einthoven.training.augment import Augmentation
from einthoven.training.data import Data, Lists
from einthoven.training.plan import Plan
from einthoven.training.recipe import Member, Recipe, Teachers, read_recipe
from einthoven.training.text_recipe import read_text_recipe

CONFIGS = Path(__file__).parents[2] / "configs"
OTHERS = ("cqa_paper.yaml", "text.yaml")  # no recipes of a whole training
BASE = """
name: x
data: {dataset: ptb-xl, rate: 100, train: [1, 2, 3, 4, 5, 6, 7, 8], choose: [9]}
preparation: {rate: 100, seconds: 10, highpass: 0.5, lowpass: 40, unit_mv: 0.3}
encoder: {size: convnextv2_zepto, stem_kernel: 8}
text: {width: 64}
embedding: 128
plan: {epochs: 18, contrast: 0.2, augmentation: {crop_seconds: 6.4}}
"""


@pytest.fixture
def written(tmp_path):
    def write(values):
        path = tmp_path / "recipe.yaml"
        path.write_text(values if isinstance(values, str) else yaml.safe_dump(values))
        return path

    return write


@pytest.fixture
def base(written):
    return written(BASE)


def test_a_configuration_is_read_as_it_is_written(base):
    recipe = read_recipe(base)
    assert recipe.data == Data("ptb-xl", 100, (1, 2, 3, 4, 5, 6, 7, 8), (9,))
    assert recipe.preparation == Preparation(unit_mv=0.3) and recipe.encoder == ConvNeXt(stem_kernel=8)
    assert recipe.text == TextTower(width=64) and recipe.embedding == 128
    assert recipe.plan == Plan(epochs=18, contrast=0.2, augmentation=Augmentation(crop_seconds=6.4))


@pytest.mark.parametrize(
    "path", sorted(set(CONFIGS.glob("*.yaml")) - {CONFIGS / name for name in OTHERS}), ids=lambda path: path.name
)
def test_every_configuration_that_ships_is_legal_and_a_network(path):
    recipe = read_recipe(path)
    assert recipe.name and set(recipe.data.train).isdisjoint((*recipe.data.choose, 10)) and 10 not in recipe.data.choose
    assert (recipe.data.split is None) == bool(recipe.data.train and recipe.data.choose)
    with torch.device("meta"):
        network = Network(recipe.config(("NORM", "IMI")))
    assert sum(p.numel() for p in network.parameters()) > 100_000


def test_only_a_name_is_needed(written):
    assert read_recipe(written({"name": "x"})) == Recipe("x")


def test_numbers_with_an_exponent_need_no_point(written):
    assert read_recipe(written("name: x\nplan: {rate: 1e-3, weight_decay: 2E-2}")).plan == Plan(
        rate=1e-3, weight_decay=2e-2
    )


@pytest.mark.parametrize(
    ("change", "read"),
    [
        ("plan.epochs=3", lambda r: r.plan.epochs == 3),
        ("plan.rate=1e-3", lambda r: r.plan.rate == 1e-3),
        ("plan.augmentation.mixup=0", lambda r: r.plan.augmentation.mixup == 0),
        ("plan.augmentation.crop_seconds=null", lambda r: r.plan.augmentation.crop_seconds is None),
        ("data.train=[1, 2]", lambda r: r.data.train == (1, 2)),
        ("encoder.norm=instance", lambda r: r.encoder.norm == "instance"),
        ("name=a=b", lambda r: r.name == "a=b"),
        ("text.width=32", lambda r: r.text.width == 32),
        ("data.targets=likelihood", lambda r: r.data.targets == "likelihood"),
        ("encoder={family: resnet}", lambda r: r.encoder == ResNet()),
        ("teachers={folders: [a, b], share: 1}", lambda r: r.teachers == Teachers(("a", "b"), 1)),
        (
            "teachers={folders: [a], hear: batches}",
            lambda r: r.teachers == Teachers(("a",), 0.5, "batches"),
        ),
        ("plan.hierarchy=super+sub", lambda r: r.plan.hierarchy == "super+sub"),
        ("plan.vote=2", lambda r: r.plan.vote == 2),
        ("plan.precision=bfloat16", lambda r: r.plan.precision == "bfloat16"),
        ("plan.judge_every=3", lambda r: r.plan.judge_every == 3),
        ("plan.augmentation.mixing=cut", lambda r: r.plan.augmentation.mixing == "cut"),
        ("preparation.normalise=lead", lambda r: r.preparation.normalise == "lead"),
    ],
)
def test_changes(base, change, read):
    assert read(read_recipe(base, [change]))


def test_later_changes_win_and_leave_the_rest(base):
    recipe = read_recipe(base, ["plan.epochs=3", "plan.contrast=0", "text=null", "plan.epochs=4"])
    before = read_recipe(base)
    assert recipe == replace(before, text=None, plan=replace(before.plan, epochs=4, contrast=0))


@pytest.mark.parametrize(
    "change",
    [
        "plan.epochs",
        "",
        "=3",
        "plan.epochs=[1",
        "plan.epochs=",
        "plan.epochs=many",
        "plan.epochs=1.5",
        "plan=3",
        "plan.epochs.x=3",
        "name.x=3",
        "plan.epoch=3",
        "plna.epochs=3",
        "encoder=null",
        "encoder.size=resnet18",
        "encoder.norm=batch",
        "text=null",
        "text.heads=5",
        "embedding=0",
        "preparation.lowpass=60",
        "preparation.seconds=0.1",
        "plan.augmentation.crop_seconds=0.1",
        "data.train=[]",
        "data.choose=[]",
        "data.train=9",
        "data.train=[0]",
        "data.train=[11]",
        "data.train=[1, 9]",
        "data.rate=1e2",
        "data.targets=sure",
        "projection=both",
        "encoder.family=vgg",
        "encoder={family: resnet, norm: layer}",
        "teachers={}",
        "teachers={folders: []}",
        "teachers={folders: [a], hear: all}",
        "teachers={folders: [a], share: 0}",
        "teachers={folders: [a], share: 1.1}",
        "teachers={folders: [a], share: .nan}",
        "plan.hierarchy=sub",
        "plan.contrast_text=both",
        "plan.precision=float16",
        "plan.judge_every=0",
        "plan.memory=1.5",
        "plan.augmentation.mixing=paste",
        "preparation.normalise=all",
        "members=2",
        "bits=4",
        "members=[{}, {}]",
    ],
)
def test_wrong_changes_are_refused_with_a_mend(base, change):
    with pytest.raises(UsageError) as refusal:
        read_recipe(base, [change])
    assert refusal.value.mend


@pytest.mark.parametrize("change", ["data.train=[1, 10]", "data.choose=[10]"])
def test_fold_10_is_for_reporting(base, change):
    with pytest.raises(UsageError, match="Fold 10 is for reporting"):
        read_recipe(base, [change])


@pytest.mark.parametrize(
    ("values", "named"), [({"name": "x", "plan": {"epoch": 3}}, r"plan\.epoch\b"), ({"nmae": "x"}, "nmae")]
)
def test_an_unknown_key_is_named(written, values, named):
    with pytest.raises(UsageError, match=named) as refusal:
        read_recipe(written(values))
    assert "has:" in refusal.value.mend


@pytest.mark.parametrize("text", ["", "3", "- a", "a: [", "\x00", "name: !!python/object/apply:os.getcwd []"])
def test_what_is_no_configuration_is_refused(written, text):
    with pytest.raises(UsageError) as refusal:
        read_recipe(written(text))
    assert refusal.value.mend


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(UsageError, match="no configuration"):
        read_recipe(tmp_path / "none.yaml")


@pytest.mark.parametrize(
    "values",
    [
        {"epochs": 0},
        {"batch": 1},
        {"rate": 0.0},
        {"rate": float("nan")},
        {"rate": float("inf")},
        {"warmup": 1.0},
        {"warmup": -0.1},
        {"weight_decay": -1.0},
        {"average": 1.0},
        {"average": -0.1},
        {"groups": -1.0},
        {"contrast": -1.0},
        {"seed": -1},
        {"vote": -1.0},
        {"memory": -1},
        {"asymmetry": -1.0},
        {"judge_every": 0},
        {"hierarchy": "sub"},
        {"contrast_text": "both"},
        {"vote_on": "groups"},
        {"precision": "float16"},
    ],
)
def test_illegal_plans_are_refused_with_a_mend(values):
    with pytest.raises(UsageError) as refusal:
        Plan(**values)
    assert refusal.value.mend


def test_the_configuration_of_the_model_is_that_of_the_recipe():
    recipe = Recipe(
        "x",
        preparation=Preparation(normalise="lead"),
        encoder=ResNet(),
        embedding=512,
        projection="none",
        text=None,
        plan=Plan(contrast=0),
    )
    expected = ModelConfig("x", ("A", "B"), 512, recipe.preparation, recipe.encoder, "none")
    assert recipe.config(["A", "B"]) == expected


def test_each_member_has_its_own_encoder_and_plan_and_the_rest_of_the_recipe():
    members = (Member(ResNet(), Plan(contrast=0, seed=5)), Member(ResNet(size="xresnet1d_50"), Plan(contrast=0)))
    recipe = Recipe("x", text=None, embedding=8, members=members)
    each = recipe.each()
    assert [(one.name, one.encoder, one.plan) for one in each] == [
        (f"x-member{place}", one.encoder, one.plan) for place, one in enumerate(members)
    ]
    for one in each:
        assert replace(one, name="x", encoder=recipe.encoder, plan=recipe.plan, members=members) == recipe
    alone = Recipe("x", text=None, plan=Plan(contrast=0))
    assert alone.each() == (alone,)


@pytest.mark.parametrize(
    ("members", "changes"),
    [
        ((Member(ResNet(), Plan(contrast=0)),), {}),
        ((Member(ResNet(), Plan(contrast=0)),) * 2, {"text": TextTower()}),
        ((Member(ResNet(), Plan(contrast=0)),) * 2, {"projection": "none", "embedding": 512}),
        ((Member(ResNet(), Plan(contrast=0)), Member(ResNet(stem_stride=4), Plan(contrast=0))), {}),
        ((Member(ResNet(), Plan(contrast=0)), Member(ResNet(), Plan(contrast=0.1))), {}),
        ((Member(ResNet(), Plan(contrast=0.1)),) * 2, {"projection": "logits"}),
    ],
)
def test_members_that_cannot_stand_side_by_side_are_refused(members, changes):
    with pytest.raises(UsageError) as refusal:
        Recipe("x", members=members, **{"text": None, **changes})
    assert refusal.value.mend


@pytest.mark.parametrize(
    "make",
    [
        lambda: Data(targets="sure"),
        lambda: Preparation(normalise="all"),
        lambda: Recipe("x", projection="both"),
        lambda: Teachers(()),
    ],
)
def test_illegal_values_are_refused_in_python_too(make):
    with pytest.raises(UsageError) as refusal:
        make()
    assert refusal.value.mend


def test_a_published_split_stands_in_place_of_folds(written):
    split = {"of": "ecg-qa", "folder": "somewhere"}
    recipe = read_recipe(written({"name": "x", "data": {"train": [], "choose": [], "split": split}}))
    assert recipe.data.split == Lists("ecg-qa", "somewhere") and recipe.config(("NORM",)).split == "ecg-qa"
    assert Recipe("x").config(("NORM",)).split is None
    for data, said in (
        ({"split": split}, "neither folds nor parts"),
        ({"train": [], "choose": [9], "split": split}, "neither folds nor parts"),
        ({"train": [], "choose": [], "split": split, "parts": [{"name": "ptb-xl"}]}, "neither folds nor parts"),
        ({"train": [], "choose": []}, "name folds"),
        ({"train": [], "choose": [], "split": {"of": "mine", "folder": "x"}}, "cannot be 'mine'"),
    ):
        with pytest.raises(UsageError, match=said):
            read_recipe(written({"name": "x", "data": data}))
    with pytest.raises(UsageError, match="generators are trained on folds"):
        read_recipe(CONFIGS / "transformer.yaml", ["data.train=[]", "data.choose=[]", f"data.split={split}"])
    with pytest.raises(UsageError, match="fitted on folds"):
        read_text_recipe(CONFIGS / "text.yaml", ["data.train=[]", "data.choose=[]", f"data.split={split}"])
