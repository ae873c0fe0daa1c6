"""Whose reports stand beside drafts: other models, random weights, trained generators."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.evaluation.question import Question
from einthoven.evaluation.rival_models import BY_RANDOM, others_of
from einthoven.models.config import Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.generator import Generator
from einthoven.models.generator_checkpoint import GeneratorConfig, save_generator
from einthoven.models.generator_settings import Generating
from einthoven.models.text_tower import build_tokenizer


@pytest.fixture
def generator(tmp_path, small_size):
    how = Generating(width=16, layers=1, heads=2, tokens=9, vocabulary=40, beam=1)
    config = GeneratorConfig("small", Preparation(rate=100, seconds=2.56), ConvNeXt(size=small_size), how)
    tokenizer = build_tokenizer(["sinus rhythm"], TextTower(tokens=9, vocabulary=40), marks=True)
    torch.manual_seed(0)
    save_generator(Generator(config.encoder, how), config, tokenizer, tmp_path / "made")
    return tmp_path / "made"


def test_each_is_a_row_that_runs(stand_in, tiny_ptbxl, make_ecg, generator):
    for n in range(40):
        tiny_ptbxl.add(make_ecg(n), strat_fold="9" if n > 30 else "1")
    question, (ours, other) = Question(tiny_ptbxl.write(), 9), (stand_in(), stand_in(seed=1))
    found = others_of(ours, [other], [generator], True, question)
    assert list(found.runs) == [f"report of the nearest ECG by stand-in-1 {other.sha256[:8]}", BY_RANDOM]
    ecgs = [make_ecg(0), make_ecg(1)]
    for run in found.runs.values():
        assert np.linalg.norm(run(ecgs)[0], axis=1) == pytest.approx(1, abs=1e-4)
    (writer,) = found.writers.values()
    assert list(found.writers) == ["written by small"] and len(writer(ecgs)) == 2
    assert others_of(ours, [], [], False, question).runs == {}


def test_the_same_twice_is_refused(stand_in, generator, tmp_path):
    ours = stand_in()
    with pytest.raises(UsageError):
        others_of(ours, [stand_in()], [], False, Question(tmp_path))
    with pytest.raises(UsageError, match="Two generators"):
        others_of(ours, [], [generator, generator], False, Question(tmp_path))
