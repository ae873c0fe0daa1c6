"""Masking as a pretraining: what its losses are made of, what it learns, and the checkpoint that comes out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from tokenizers.models import WordPiece

import einthoven
from einthoven.collection import Row
from einthoven.ecg import Statement, UsageError
from einthoven.models.config import HuggingFaceTower, ModelConfig, Preparation, TextTower
from einthoven.models.encoders.settings import ConvTransformer
from einthoven.models.encoders.sizes import M3AE, ConvTokens
from einthoven.models.fused import load_fused
from einthoven.models.masked_autoencoder import MaskedAutoencoder, leaking_embedding
from einthoven.models.masked_decoder import hidden_tokens, patches
from einthoven.models.masked_settings import MaskedConfig, Masking
from einthoven.models.text_tower import build_tokenizer, encode
from einthoven.testing import simulate
from einthoven.training.augment import Augmentation
from einthoven.training.batch import Examples
from einthoven.training.masked_objectives import hidden_signal_loss, hidden_word_loss, match_loss
from einthoven.training.masking import MaskedPretraining, masking
from einthoven.training.masks import hide_words, visible_tokens, with_mask
from einthoven.training.match_scores import judged_rightly, match_scores
from einthoven.training.plan import Plan
from einthoven.training.prepared import Prepared
from einthoven.training.recipe import Recipe, read_recipe
from einthoven.training.run import train

CONFIGS = Path(__file__).parents[2] / "configs"
SAID = ("normal ecg", "old infarction", "left bundle branch block")
TOWER = TextTower(width=16, layers=1, heads=2, tokens=16, vocabulary=80)
SMALL = Masking(
    width=16, heads=2, layers=1, dropout=0.0, read_from=0, decoder_width=8, decoder_heads=2, decoder_layers=1
)
TOKENIZER = with_mask(build_tokenizer(SAID, replace(TOWER, vocabulary=79), marks=True))
WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", *dict.fromkeys(" ".join(SAID).split()))
CLEAN = Augmentation(crop_seconds=None, gain=0, lead_drop=0, noise=0, mixup=0)


@pytest.fixture(autouse=True)
def tiny():
    M3AE["m3ae_test"] = ConvTokens(8, 16, 1, 2, 8, 2)
    yield "m3ae_test"
    del M3AE["m3ae_test"]


def made_up(count, seed):
    """ECGs of 1.2 s of three kinds, told by the rate of a wave, and what is said of them."""
    rng = np.random.default_rng(seed)
    kind = np.arange(count) % 3
    wave = np.sin(2 * np.pi * np.array([2, 8, 20])[kind, None] * np.arange(120) / 100 + rng.uniform(0, 0.5, (count, 1)))
    signal = wave[:, None] * rng.uniform(0.5, 1.5, (count, 12, 1)) + 0.1 * rng.standard_normal((count, 12, 120))
    target = np.eye(3, dtype=np.float32)[kind]
    return Examples(signal.astype(np.float16), target, 100.0), [SAID[one] for one in kind]


@pytest.fixture
def make(tiny):
    def build(plan=None, ecgs=12, **changes):
        preparation, encoder = Preparation(seconds=1.2), ConvTransformer(size=tiny, dropout=0)
        torch.manual_seed(0)
        network = MaskedAutoencoder(MaskedConfig(preparation, encoder, TOWER, replace(SMALL, **changes)))
        config = ModelConfig("small", (), 16, preparation, encoder, projection="none")
        plan = plan or Plan(groups=0, contrast=0, batch=12, augmentation=CLEAN)
        return MaskedPretraining(
            network.eval(), config, plan, *made_up(ecgs, 0), TOKENIZER, made_up(60, 1), device="cpu"
        )  # fmt: skip

    return build


def test_the_losses_are_those_of_one_masked_and_one_whole_pass(make):
    made = make()
    network, rows = made.network, np.arange(12)
    found = made.losses(network, rows, None, np.random.default_rng(5))
    assert list(found) == ["signal", "words", "match"]

    rng = np.random.default_rng(5)
    signal, texts = made.batch(rows, rng)
    kept = torch.from_numpy(visible_tokens(12, 30, 0.75, rng))
    words = hide_words(made.tokenizer, texts, 0.15, rng)
    told = torch.from_numpy(words.told)
    guessed = network.masked(signal, kept, torch.from_numpy(words.shown), told)
    order = made.mismatch(rows, rng)
    ids = encode(made.tokenizer, [texts[place] for place in order])
    whole = network.match(network.fuse(network.read(signal)[0], ids).whole)
    slow = {
        "signal": hidden_signal_loss(guessed.signal, patches(signal, 4), hidden_tokens(kept, 30)),
        "words": hidden_word_loss(guessed.words, torch.from_numpy(words.ids)[told]),
        "match": match_loss(whole, torch.from_numpy(order == rows)),
    }
    assert kept.shape == (12, 7) and 4 <= (order != rows).sum() <= 6
    for name, value in slow.items():
        torch.testing.assert_close(found[name], value)


def test_matching_sees_what_masking_hides(make):
    """Whatever is hidden, the loss of matching is that of the whole ECG and the whole text."""
    one, other = make(), make(signal=0.5, words=0.9)
    order = np.arange(12)
    one.mismatch = other.mismatch = lambda *given: order[::-1].copy()
    first = one.losses(one.network, order, None, np.random.default_rng(0))
    second = other.losses(other.network, order, None, np.random.default_rng(1))
    torch.testing.assert_close(first["match"], second["match"])
    assert not torch.allclose(first["signal"], second["signal"])


def test_in_one_masked_pass_the_exchanged_text_is_read(make):
    made = make(match_pass="masked")
    order = np.roll(np.arange(12), 1)
    made.mismatch = lambda *given: order
    found = made.losses(made.network, np.arange(12), None, np.random.default_rng(2))
    rng = np.random.default_rng(2)
    signal, texts = made.batch(np.arange(12), rng)
    kept = torch.from_numpy(visible_tokens(12, 30, 0.75, rng))
    words = hide_words(made.tokenizer, [texts[place] for place in order], 0.15, rng)
    guessed = made.network.masked(signal, kept, torch.from_numpy(words.shown), torch.from_numpy(words.told))
    torch.testing.assert_close(found["match"], match_loss(guessed.match, torch.zeros(12, dtype=torch.bool)))


@pytest.mark.parametrize("match_pass", ["masked", "unmasked"])
def test_the_public_labels_call_own_texts_mismatched(make, match_pass):
    """Its loss is that of every ECG with its own text, whatever the labels say."""
    made = make(match_pass=match_pass, match_labels="public")
    order = np.roll(np.arange(12), 1)
    losses = []
    for drawn in (order, np.arange(12)):
        made.mismatch = lambda *given, drawn=drawn: drawn
        losses.append(made.losses(made.network, np.arange(12), None, np.random.default_rng(2)))
    torch.testing.assert_close(losses[0]["words"], losses[1]["words"])
    ours = make(match_pass=match_pass)
    ours.mismatch = lambda *given: np.arange(12)
    true = ours.losses(ours.network, np.arange(12), None, np.random.default_rng(2))
    torch.testing.assert_close(losses[1]["match"], true["match"])
    # both labels of the same logits: e^-a + e^-b is 1 for one pair, and for all where the pairs are alike
    assert losses[0]["match"] != losses[1]["match"]


@pytest.mark.parametrize("negatives", ["random", "statements", "embedding"])
def test_partners_have_other_statements(make, negatives):
    made = make(negatives=negatives)
    near = torch.nn.functional.normalize(torch.randn(12, 4), dim=-1)
    order = made.mismatch(np.arange(12), np.random.default_rng(0), near if negatives == "embedding" else None)
    moved = np.flatnonzero(order != np.arange(12))
    assert len(moved) and (moved % 3 != order[moved] % 3).all()
    assert torch.isfinite(sum(made.losses(made.network, np.arange(12), None, np.random.default_rng(0)).values()))


def test_it_learns_all_three_and_tells_held_out_pairs(make):
    """A loop of its own: on ECGs that it has not seen, pairs are told far above chance."""
    made = make(ecgs=96)
    ids = {word: place for place, word in enumerate(WORDS)}  # a vocabulary that is learned differs from run to run
    whole_words = build_tokenizer(SAID, replace(TOWER, vocabulary=79), marks=True)
    whole_words.model = WordPiece(ids, unk_token="[UNK]")
    made.tokenizer = with_mask(whole_words)
    network = made.network
    before = match_scores(network, *made.held_out, made.tokenizer, made.precision())
    optimizer = torch.optim.AdamW(network.parameters())
    rng, lines, steps = np.random.default_rng(0), [], 100
    network.train()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 0.01 * min(1, (step + 1) / 10, 2 * (steps - step) / steps)
        losses = made.losses(network, rng.choice(96, 24, replace=False), None, rng)
        optimizer.zero_grad()
        sum(losses.values()).backward()
        optimizer.step()
        lines.append({name: value.item() for name, value in losses.items()})
    network.eval()
    for name in ("signal", "words", "match"):
        assert np.mean([line[name] for line in lines[-15:]]) < 0.8 * np.mean([line[name] for line in lines[:15]]), name
    after = made.scores(network)
    assert after["match_pairs"] == before["match_pairs"] >= 100
    assert before["held_out_match"] < 0.7 and after["held_out_match"] > 0.8


def test_nothing_is_told_from_an_ecg_or_a_text_alone(make):
    """Every ECG and every text is as often in a right as in a wrong pair: one alone is right half the time."""
    made = make()
    made.network.match.weight.data.zero_()
    right = judged_rightly(made.network, *made.held_out, made.tokenizer, made.precision())
    assert right.shape[1] == 2 and right.mean() == 0.5


def test_the_embedding_does_not_change_with_the_text(make):
    made = make()
    signal, texts = made.batch(np.arange(4), np.random.default_rng(0))
    alone = made.inference(made.network)
    embedding, logits = alone(signal)
    states = made.network.encoder(signal)[0]
    torch.testing.assert_close(embedding, torch.nn.functional.normalize(states.amax(1), dim=-1))
    assert embedding.shape == (4, 16) and logits.shape == (4, 0)
    fused = [leaking_embedding(made.network, signal, encode(made.tokenizer, said)) for said in (texts, texts[::-1])]
    assert (fused[0] - fused[1]).abs().max() > 1e-5  # the text reaches it even untrained
    made.texts = made.texts[::-1]
    for part in (made.network.text, made.network.fusion):
        for value in part.parameters():
            value.data.add_(1)
    assert torch.equal(made.inference(made.network)(signal)[0], embedding)


def recipe_of(size, text=TOWER, masking_=SMALL, **changes):
    given = {"encoder": ConvTransformer(size=size, dropout=0), "text": text, "embedding": 16, "projection": "none"}
    plan = Plan(
        epochs=1, batch=6, groups=0, contrast=0, schedule="tri-stage",
        augmentation=replace(CLEAN, crop_seconds=2.5),
    )  # fmt: skip
    return Recipe("made-up-masked", masking=masking_, plan=plan, **{**given, **changes})


def test_a_recipe_becomes_a_checkpoint_an_archive_and_a_draft(tiny, made_up_ptbxl, make_ecg, tmp_path):
    """The same way as of every model: load_model, Archive, report."""
    folder = train(recipe_of(tiny), made_up_ptbxl, tmp_path / "run", device="cpu")
    whole, _ = load_fused(folder)
    assert isinstance(whole, MaskedAutoencoder) and not (folder / "text").exists()
    model = einthoven.load_model(folder, threads=1)
    assert model.codes == () and model.config.embedding == 16
    archive = einthoven.Archive.create(tmp_path / "archive", model)
    archive.add((f"r{n}", make_ecg(n)) for n in range(400))
    archive.calibrate()
    draft = einthoven.report(make_ecg(402, patient="another"), archive)
    assert draft.outcome == "draft" and draft.model["name"] == model.name
    assert draft.neighbours and 0 < draft.neighbours[0].similarity <= 1.001
    assert draft.statements and all(one.evidence for one in draft.statements)
    line = (tmp_path / "run" / "metrics.jsonl").read_text()
    assert all(
        f'"{name}"' in line for name in ("signal", "words", "match", "held_out_match", "match_pairs", "vote_all")
    )


def test_a_published_text_encoder(tiny, tiny_bert):
    said = (Statement(code="NORM", system="SCP"),)
    rows = tuple(
        replace(Row.from_ecg(simulate(), str(n), "ptb-xl"), text="sinus rhythm normal ecg", statements=said)
        for n in range(12)
    )
    examples, _ = made_up(12, 0)
    prepared = Prepared(examples, rows, "0" * 64)
    text = HuggingFaceTower(str(tiny_bert), width=16, tokens=16)
    made = masking(recipe_of(tiny, text, preparation=Preparation(seconds=1.2)), prepared, prepared)
    assert made.tokenizer.token_to_id("[MASK]") == 2 and len(made.texts) == 12
    losses = made.losses(made.network, np.arange(12), None, np.random.default_rng(0))
    sum(losses.values()).backward()
    assert all(value.grad is not None for name, value in made.network.named_parameters() if ".words" in name)


def test_the_shipped_configurations():
    paper, public, small = (read_recipe(CONFIGS / f"regen{name}.yaml") for name in ("", "_public_code", "_small"))
    assert (paper.plan.batch, paper.plan.rate, paper.masking.signal, paper.masking.words) == (32, 5e-5, 0.75, 0.15)
    assert (paper.masked().tokens, paper.masked().kept, paper.config(()).embedding) == (312, 78, 768)
    assert round(paper.plan.epochs * 17418 / 32, -3) == 60_000
    assert paper.masking.match_labels == "true" and public.masking.match_labels == "public"
    assert public.masking.match_pass == "masked" and public.masking.hidden_from == "layers"
    assert small.masked().tokens == 250 and small.preparation.rate == 100
    lines = (CONFIGS / "regen.yaml").read_text().split("name: regen\n")[1].splitlines()
    bare = [line for line in lines if ":" in line and "#" not in line and not line.rstrip().endswith(":")]
    assert bare == ["  family: huggingface"]


def test_recipes_that_do_not_fit_are_refused(tiny):
    with pytest.raises(UsageError, match="Masking needs"):
        recipe_of(tiny, text=None)
    with pytest.raises(UsageError, match="masking none"):
        recipe_of(tiny, projection="linear")
    plan = recipe_of(tiny).plan
    with pytest.raises(UsageError, match="whole batch"):
        replace(recipe_of(tiny), plan=replace(plan, accumulate=2))
    with pytest.raises(UsageError, match="mixup"):
        replace(recipe_of(tiny), plan=replace(plan, augmentation=Augmentation()))
