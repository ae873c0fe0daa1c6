from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from einthoven.ecg import UsageError
from einthoven.training.plan import Plan
from einthoven.training.recipe import Data, Recipe, read_recipe

SHIPPED = Path(__file__).parents[2] / "configs" / "shipped.yaml"


@pytest.fixture
def written(tmp_path):
    def write(values):
        path = tmp_path / "recipe.yaml"
        path.write_text(values if isinstance(values, str) else yaml.safe_dump(values))
        return path

    return write


def test_the_shipped_configuration_reads():
    recipe = read_recipe(SHIPPED)
    assert recipe.data == Data("ptb-xl", 100, (1, 2, 3, 4, 5, 6, 7, 8), (9,))
    assert recipe.text is not None and recipe.plan.contrast > 0
    written = yaml.safe_load(SHIPPED.read_text())
    assert (recipe.plan.epochs, recipe.plan.rate) == (written["plan"]["epochs"], written["plan"]["rate"])
    assert recipe.encoder.stem_kernel == written["encoder"]["stem_kernel"]


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
    ],
)
def test_changes(change, read):
    assert read(read_recipe(SHIPPED, [change]))


def test_later_changes_win_and_leave_the_rest():
    recipe = read_recipe(SHIPPED, ["plan.epochs=3", "plan.contrast=0", "text=null", "plan.epochs=4"])
    shipped = read_recipe(SHIPPED)
    assert recipe == replace(shipped, text=None, plan=replace(shipped.plan, epochs=4, contrast=0))


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
    ],
)
def test_wrong_changes_are_refused_with_a_mend(change):
    with pytest.raises(UsageError) as refusal:
        read_recipe(SHIPPED, [change])
    assert refusal.value.mend


@pytest.mark.parametrize("change", ["data.train=[1, 10]", "data.choose=[10]"])
def test_fold_10_is_for_reporting(change):
    with pytest.raises(UsageError, match="Fold 10 is for reporting"):
        read_recipe(SHIPPED, [change])


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
    ],
)
def test_illegal_plans_are_refused_with_a_mend(values):
    with pytest.raises(UsageError) as refusal:
        Plan(**values)
    assert refusal.value.mend
