"""A whole training on 24 made-up ECGs in PTB-XL's layout, and its parts."""

from __future__ import annotations

import json
from dataclasses import asdict, replace

import numpy as np
import pytest

from einthoven.ecg import DataError, UsageError
from einthoven.models import load_model
from einthoven.models.checkpoint import load_network
from einthoven.statements import VOCABULARY, label_map, label_set, wordings
from einthoven.testing import simulate
from einthoven.training.batch import Examples
from einthoven.training.run import every_wording, judge_on, membership, speaker, train

CODES = VOCABULARY.codes()


def test_training_gives_a_checkpoint_that_opens(trained, small_recipe):
    model = load_model(trained / "checkpoint", threads=1)
    assert model.name == small_recipe.name and model.codes == CODES
    z, p = model.run([simulate()])
    assert z.shape == (1, 24) and np.linalg.norm(z) == pytest.approx(1, abs=1e-5)
    assert ((p > 0) & (p < 1)).all()


def test_the_run_folder(trained, small_recipe):
    facts = json.loads((trained / "recipe.json").read_text())
    assert facts["recipe"] == json.loads(json.dumps(asdict(small_recipe)))
    assert facts["dataset"] == {"name": "ptb-xl", "release": "unknown (24 rows)"}
    assert facts["train"]["ecgs"] == facts["choose"]["ecgs"] == 12
    assert facts["train"]["sha256"] != facts["choose"]["sha256"]
    network, _ = load_network(trained / "checkpoint")
    assert facts["parameters"] == sum(p.numel() for p in network.parameters())
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
