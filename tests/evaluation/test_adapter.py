"""Models of one's own: the example of the docs, and what goes wrong with others."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import ModelError, UsageError
from einthoven.evaluation.adapter import adapt, check_different, open_judged, similarity_of
from einthoven.models import BUNDLED, Model
from einthoven.testing import simulate

DOCS = Path(__file__).parents[2] / "docs" / "adapter.md"


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_the_example_of_the_docs_runs(here) -> None:
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.S)[1]
    (here / "mine_of_docs.py").write_text(code)
    model = open_judged("mine_of_docs:Mine")
    ecgs = [simulate(seed=1), simulate(rate=100, seconds=4, seed=2)]
    found = model.embed(ecgs)
    assert found.shape == (2, 36) and np.linalg.norm(found, axis=1) == pytest.approx(1)
    assert (model.name, model.sha256) == ("mine_of_docs:Mine", "5e" * 32)
    assert len(code.split("class Mine:")[1].strip().splitlines()) <= 10


def test_checkpoints_are_opened_as_ever(here) -> None:
    assert isinstance(open_judged(None), Model)
    with pytest.raises(ModelError, match="no checkpoint folder"):
        open_judged("nowhere")


def test_objects_and_functions_and_their_hash(here) -> None:
    (here / "several_models.py").write_text(
        "class A:\n    def embed(self, ecgs):\n        return [[1.0, 2.0]] * len(ecgs)\n"
        "a = A()\ndef make():\n    return A()\nnothing = 3\ndef fails():\n    raise RuntimeError('no weights')\n"
    )
    names = [f"several_models:{name}" for name in ("A", "a", "make")]
    models = [open_judged(name) for name in names]
    assert [model.name for model in models] == names
    assert len({model.sha256 for model in models}) == 3
    assert open_judged(names[0]).sha256 == models[0].sha256
    check_different(models)
    with pytest.raises(UsageError, match="compared with itself"):
        check_different([models[0], models[1], models[0]])
    for name in ("nothing", "absent", "fails"):
        with pytest.raises(ModelError, match=f"several_models:{name} cannot be made"):
            open_judged(f"several_models:{name}")
    with pytest.raises(ModelError, match="cannot be made"):
        open_judged("no_such_module_here:x")


class Faulty:
    sha256 = "ab" * 32

    def embed(self, ecgs):
        raise ValueError("12 leads, please")

    def similarity(self, ecgs, texts):
        return np.ones((len(texts), len(ecgs)))


def test_faults_of_theirs_are_named_as_theirs(tmp_path) -> None:
    model = adapt(Faulty())
    with pytest.raises(ModelError, match=r"Faulty failed \(ValueError: 12 leads"):
        model.embed([simulate()])
    with pytest.raises(ModelError, match=r"shape \(2, 1\) for 1 ECGs and 2 texts"):
        similarity_of(model)([simulate()], ["a", "b"])
    with pytest.raises(ModelError, match="no method embed"):
        adapt(object())
    with pytest.raises(ModelError, match="no text tower"):
        similarity_of(open_judged(str(shutil.copytree(BUNDLED, tmp_path / "bare", ignore=lambda *_: ["text"]))))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        (np.ones((1, 8)), r"shape \(1, 8\) for 2 ECGs"),
        (np.ones(8), r"shape \(8,\) for 2 ECGs"),
        (np.ones((2, 0)), r"shape \(2, 0\)"),
        ([[1.0], [1.0, 2.0]], r"no array \(ValueError\)"),
        (np.zeros((2, 3)), "zero or not finite"),
    ],
)
def test_vectors_that_are_none_are_refused(rows, words) -> None:
    model = Faulty()
    model.embed = lambda ecgs: rows
    with pytest.raises(ModelError, match=words):
        adapt(model).embed([simulate(), simulate()])


def test_a_whole_model_is_itself(stand_in) -> None:
    model = stand_in()
    assert adapt(model) is model
