from __future__ import annotations

import os
import subprocess
import sys
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.models.config import ModelConfig, Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.network import Network
from einthoven.models.text_tower import build_tokenizer
from einthoven.models.with_text import WithText
from einthoven.training.augment import Augmentation
from einthoven.training.batch import Examples
from einthoven.training.loop import batched, fit
from einthoven.training.plan import Plan

sys.path.insert(0, str(Path(__file__).parent))  # scripts that tests start are looked at for doctests, too
WORDS = ("normal ECG", "old infarction", "sinus rhythm")


@pytest.fixture(autouse=True)
def single(one_thread):
    """Every test of this folder computes on one thread."""


@pytest.fixture
def bfloat16(monkeypatch):
    """Computes in bfloat16 where a plan says so, on any processor: where it is imitated small networks bear it."""
    monkeypatch.setattr("einthoven.training.precision._has_bfloat16", lambda kind: True)


@pytest.fixture
def plan():
    return Plan(epochs=4, batch=5, rate=1e-2, augmentation=Augmentation(crop_seconds=2.0))


@pytest.fixture
def task(small_size):
    """A training of a very small network on eleven made-up ECGs: `task(plan, folder, ...)` runs it."""
    text = TextTower(width=16, layers=1, heads=2, tokens=12, vocabulary=300)
    config = ModelConfig(
        "small",
        ("NORM", "IMI", "SR"),
        embedding=8,
        preparation=Preparation(seconds=2.56),
        encoder=ConvNeXt(size=small_size, drop_path=0.1),
    )
    rng = np.random.default_rng(0)
    target = np.zeros((11, 3), np.float32)
    target[np.arange(11), np.arange(11) % 3] = 1
    signal = (rng.standard_normal((11, 12, 256)) + target.argmax(1)[:, None, None]).astype(np.float16)
    examples = Examples(signal, target, 100.0)
    groups = np.array([[1, 0, 0], [0, 1, 0]], np.float32)
    tokenizer = build_tokenizer(WORDS, text)

    def speak(row, rng):
        return ", ".join(WORDS[code] for code in rng.permutation(np.flatnonzero(row)))

    def judge(network):
        _, probability = batched(network, signal)
        return {"score": -float(np.square(probability - target).mean())}

    class Task:
        def __init__(self):
            self.examples, self.groups, self.tokenizer, self.config = examples, groups, tokenizer, config
            self.speak, self.judge = speak, judge

        def network(self, seed=0, **changes):
            torch.manual_seed(seed)
            return WithText(replace(config, **changes), text)

        def alone(self, seed=0, **changes):
            torch.manual_seed(seed)
            return Network(replace(config, **changes))

        def __call__(self, plan, folder, **changes):
            given = {"judge": judge, "speak": speak, "tokenizer": tokenizer, "examples": examples} | changes
            network = given.pop("network", None) or self.network()
            folder.mkdir(parents=True, exist_ok=True)
            return fit(network, groups=groups, plan=plan, folder=folder, **given)

    return Task()


@pytest.fixture(scope="session")
def team(tmp_path_factory, one_thread):
    """The folder with all that team.py trains."""
    if not hasattr(os, "fork"):
        pytest.skip("this system does not fork")
    import team

    folder = tmp_path_factory.mktemp("team")
    if torch.accelerator.is_available():
        command = [sys.executable, str(Path(__file__).parent / "team.py"), str(folder)]
        assert subprocess.run(command, timeout=500).returncode == 0, "see the captured standard error"
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Lance warns of forks, which do not use it here
            assert team.main(folder), "see the captured standard error"
    return folder
