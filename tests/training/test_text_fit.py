from __future__ import annotations

import gzip
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from einthoven.ecg import DataError, FileError, UsageError
from einthoven.metrics import expected_calibration_error
from einthoven.models import BUNDLED, load_model
from einthoven.models.config import TextTower
from einthoven.models.text_side import OwnText
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.statements import LANGUAGES, VOCABULARY, wordings
from einthoven.statements.withheld import told_of, withheld
from einthoven.training import text_fit
from einthoven.training.plan import TrainingError
from einthoven.training.sayings import Saying, descriptions, labels, lists, own_words, reports, without
from einthoven.training.text_ecgs import embedded
from einthoven.training.text_fit import Fit, fit_text_side
from einthoven.training.text_judge import likelihood, scores
from einthoven.training.text_recipe import TextPlan, TextRecipe, read_text_recipe

CONFIG = Path(__file__).parents[2] / "configs" / "text.yaml"
NAMES = ("SR", "AFIB", "CLBBB", "LVH")


def test_every_wording_is_a_label_and_none_is_there_twice():
    found = {(one.text, one.codes) for one in labels()}
    assert len(found) == len(labels())
    for code in VOCABULARY:
        for language in LANGUAGES:
            assert all((text, frozenset([code])) in found for text in wordings(code, language))
    assert any(one.text == "conduction disturbance" and "CLBBB" in one.codes for one in labels())
    assert all(one.codes and len(one.text) > 60 for one in descriptions())


def test_reports_and_lists_state_all_of_their_codes():
    found = reports([("Sinusrhythmus.", ["SR", "??"]), (" ", ["SR"]), ("LSB", []), ("Sinusrhythmus.", ["SR"])])
    assert found == [Saying("Sinusrhythmus.", frozenset(["SR"]), "report")]
    for one in lists([("SR", "LVH", "CLBBB"), ("SR",), ("AFIB", "PVC")] * 5, seed=0):
        said = {code for code in VOCABULARY for language in LANGUAGES for text in wordings(code, language)
                if text in one.text.split(", ")}  # fmt: skip
        assert one.codes <= said and len(one.codes) >= 2


def test_a_withheld_group_is_in_no_text():
    every = [
        *labels()[::4],
        *descriptions()[::6],
        *reports([("Linksschenkelblock", ["SR"]), ("Sinusrhythmus", ["SR"])]),
    ]
    kept = without(every, "conduction")
    gone = set(withheld("conduction"))
    assert not any(one.codes & gone or told_of(one.text, gone) for one in kept)
    assert "Sinusrhythmus" in {one.text for one in kept} and len(kept) > len(every) / 2
    with pytest.raises(UsageError, match="not a known group"):
        without(every, "legs")


@pytest.fixture(scope="module")
def world():
    """ECGs whose embedding shows their codes, and texts of these."""
    rng = np.random.default_rng(0)
    carried = rng.random((400, 4)) < [0.6, 0.2, 0.1, 0.1]
    z = (carried @ rng.standard_normal((4, 12)) + 0.3 * rng.standard_normal((400, 12))).astype(np.float32)
    sayings = [one for one in labels() if one.codes <= set(NAMES)]
    sayings += lists([[c for c, there in zip(NAMES, row, strict=True) if there] for row in carried], 0)
    return z / np.linalg.norm(z, axis=1, keepdims=True), carried, sayings


TOWER = TextTower(width=16, layers=1, heads=2, tokens=24, vocabulary=400)
PLAN = TextPlan(steps=60, labels=16, descriptions=4, reports=4, lists=4, ecgs=200, rate=2e-2, judge_every=30)


def test_a_fit_learns_where_the_ecgs_of_a_text_lie(world, one_thread):
    z, carried, sayings = world
    tokenizer = build_tokenizer([one.text for one in sayings], TOWER)
    torch.manual_seed(0)
    module = OwnText(TOWER, 12)

    def embed(texts):
        with torch.no_grad():
            return module.eval()(encode(tokenizer, texts)).numpy()

    def judge():
        return {"score": scores(embed, z, carried, NAMES)["score"]}

    before = judge()["score"]
    lines = Fit.of(z, carried, sayings, NAMES, tokenizer, PLAN).run(module, judge, lambda line: None)
    assert [line["step"] for line in lines] == [30, 60]
    assert judge()["score"] == pytest.approx(max(line["score"] for line in lines), abs=1e-5)
    assert judge()["score"] > max(0.9, before + 0.1)
    found = likelihood(embed, z, carried, NAMES, [str(n // 2) for n in range(400)], "made up")
    assert found.patients == 200 and found.ecgs == 400 and found.slope > 0 and found.error < 0.15
    cosine = z @ embed([VOCABULARY[code].text() for code in NAMES]).T
    given = 1 / (1 + np.exp(-(found.slope * cosine + found.offset)))
    assert expected_calibration_error(carried.ravel(), given.ravel()) < 0.15


def test_the_loss_is_the_mean_over_pairs_by_hand(world, one_thread):
    z, carried, sayings = world
    tokenizer = build_tokenizer([one.text for one in sayings], TOWER)
    module = OwnText(TOWER, 12).eval()
    fit = Fit.of(z, carried, sayings, NAMES, tokenizer, replace(PLAN, ecgs=400))
    some = np.array([0, 5, len(sayings) - 1, 9])
    scale, bias = torch.nn.Parameter(torch.tensor(1.5)), torch.nn.Parameter(torch.tensor(-2.0))
    found = fit._loss(module, some, scale, bias, np.random.default_rng(0)).item()
    total = weights = 0.0
    for place in some:
        one = sayings[place]
        own = [carried[:, NAMES.index(code)] for code in one.codes]
        truth = np.all(own, 0) if one.kind == "list" else np.any(own, 0)
        with torch.no_grad():
            text = module(encode(tokenizer, [one.text]))[0].numpy()
        chance = 1 / (1 + np.exp(-(np.exp(1.5) * z @ text - 2)))
        weight = max(truth.mean(), 1e-3) ** -PLAN.rare
        total += weight * -np.where(truth, np.log(chance), np.log(1 - chance)).mean()
        weights += weight
    assert found == pytest.approx(total / weights, rel=1e-4)


def test_nothing_to_learn_from_is_said(world):
    z, carried, sayings = world
    tokenizer = build_tokenizer([one.text for one in sayings], TOWER)
    fit = Fit.of(z, carried & False, sayings, NAMES, tokenizer, replace(PLAN, lists=0))
    with pytest.raises(TrainingError, match="No text holds"):
        fit.run(OwnText(TOWER, 12), dict, lambda line: None)
    z = z.copy()
    z[:] = np.nan
    with pytest.raises(TrainingError, match="not finite in step 1"):
        Fit.of(z, carried, sayings, NAMES, tokenizer, PLAN).run(OwnText(TOWER, 12), dict, lambda line: None)


def test_the_recipe_that_ships():
    recipe = read_text_recipe(CONFIG)
    assert recipe.plan == TextPlan() and recipe.checkpoint == BUNDLED
    assert read_text_recipe(CONFIG, ["without=rhythm", "plan.steps=3"]).plan.steps == 3
    assert read_text_recipe(CONFIG.with_name("small.yaml")) is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("plan.steps=0", "Correct the plan"),
        ("plan.rare=2", "rare"),
        ("without=legs", "not a known group"),
        ("stray=1", "Unknown setting stray"),
        ("data.train=[10]", "Fold 10"),
    ],
)
def test_settings_that_cannot_be_meant(change, said):
    with pytest.raises(UsageError, match=said):
        read_text_recipe(CONFIG, [change])


@pytest.fixture
def recipe(tmp_path):
    return TextRecipe(tower=TOWER, embeddings=str(tmp_path / "kept.npz"), plan=replace(PLAN, steps=4, judge_every=2))


def test_a_whole_run(recipe, made_up_ptbxl, tmp_path, monkeypatch, one_thread):
    saved = {}
    monkeypatch.setattr(text_fit, "save_text_side", lambda *given: saved.update(given=given))
    monkeypatch.setattr("einthoven.training.text_judge.FEWEST_POSITIVES", 2)
    folder = fit_text_side(replace(recipe, tower=replace(TOWER, vocabulary=2500)), made_up_ptbxl, tmp_path / "run")
    _, _, place, _, bits, meaning = saved["given"]
    assert place == folder and bits == 8 and meaning.data == "ptb-xl unknown (24 rows), folds 9"
    assert load_model(folder).sha256 == load_model().sha256
    assert [json.loads(line)["step"] for line in (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()] == [
        2,
        4,
    ]
    with gzip.open(tmp_path / "run" / "texts.txt.gz", "rt", encoding="utf-8") as file:
        texts = file.read().splitlines()
    assert "made up" in texts and "Vorhofflimmern" in texts and len(set(texts)) == len(texts)
    with pytest.raises(FileError, match="holds a run already"):
        fit_text_side(recipe, made_up_ptbxl, tmp_path / "run")


def test_embeddings_are_computed_once_and_by_one_model(recipe, made_up_ptbxl, tmp_path):
    from einthoven.datasets import open_ptbxl

    model, source, kept = load_model(threads=1), open_ptbxl("ptb-xl", made_up_ptbxl), tmp_path / "kept.npz"
    first = embedded(model, source, (9,), kept)
    said = []
    again = embedded(model, source, (9,), kept, said.append)
    np.testing.assert_array_equal(first.embedding, again.embedding)
    assert not said and len(first.codes) == 12 and first.texts[0] == "made up"
    both = embedded(model, source, (8, 9), kept)
    assert len(both.codes) > 12
    with np.load(kept) as file:
        other = dict(file) | {"model": "another"}
    with kept.open("wb") as out:
        np.savez(out, **other)
    with pytest.raises(DataError, match="another model"):
        embedded(model, source, (9,), kept)
    kept.write_bytes(b"PK\x03\x04 not so")
    with pytest.raises(DataError, match="cannot be read"):
        embedded(model, source, (9,), kept)


def test_the_vocabulary_that_ships_is_of_our_own_words_alone():
    """Each piece is a part of a word that stands in our own texts: no word of a report can be read out of it."""
    shipped = json.loads((BUNDLED / "text" / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    words = "\n".join(sorted(set(re.findall(r"[^\W_]+", " ".join(own_words()).lower()))))
    starts = "\n" + words
    pieces = [piece for piece in shipped if piece.removeprefix("##").isalnum() and len(piece.removeprefix("##")) > 1]
    assert len(pieces) > 1500
    assert not [one for one in pieces if (one[2:] not in words if one.startswith("##") else f"\n{one}" not in starts)]


def test_an_ecg_side_that_has_seen_every_fold_gets_no_text_side(tmp_path):
    folder = shutil.copytree(BUNDLED, tmp_path / "marked")
    config = json.loads((folder / "config.json").read_text()) | {"split": "ecg-qa"}
    (folder / "config.json").write_text(json.dumps(config))
    with pytest.raises(UsageError, match="seen ECGs of fold 9"):
        fit_text_side(TextRecipe(ecg_side=str(folder)), tmp_path, tmp_path / "out")
