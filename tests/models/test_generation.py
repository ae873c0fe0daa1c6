"""Generation on made-up trees of tokens, small enough to list every text, and on a small captioner."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from functools import partial

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as some

from einthoven.ecg import ModelError, UsageError
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.config import TextTower
from einthoven.models.encoders.settings import ConvNeXt, ResNet
from einthoven.models.generation import beam, describe, greedy, nucleus
from einthoven.models.text_tower import END_ID, START_ID

WORDS = (4, 5, 6)


class Tree:
    """Logits that depend on everything that is written, and on the ECG; the same for the same."""

    def __init__(self, seed, spread=2.0):
        self.seed, self.spread, self.asked = seed, spread, []

    def logits(self, ids, ecg):
        rng = np.random.default_rng([self.seed, ecg, *ids])
        return rng.normal(scale=self.spread, size=7)

    def __call__(self, ids, owner):
        self.asked.append(ids)
        rows = [self.logits(row, ecg) for row, ecg in zip(ids.tolist(), owner.tolist(), strict=True)]
        return torch.from_numpy(np.stack(rows)).float()

    def log_p(self, ids, ecg):
        """Of each token that may follow, in float64."""
        logits = self.logits(ids, ecg)
        total = math.log(sum(math.exp(logits[token]) for token in (END_ID, *WORDS)))
        return {token: logits[token] - total for token in (END_ID, *WORDS)}

    def every_text(self, ecg, longest):
        """All texts with their log-probabilities: those that end, and those of `longest` tokens."""
        for length in range(longest + 1):
            for text in itertools.product(WORDS, repeat=length):
                total = sum(self.log_p([START_ID, *text[:at]], ecg)[token] for at, token in enumerate(text))
                if length < longest:
                    yield text, total + self.log_p([START_ID, *text], ecg)[END_ID], True
                else:
                    yield text, total, False


@settings(max_examples=30, deadline=None)
@given(some.integers(0, 9999), some.integers(1, 3), some.integers(0, 5))
def test_greedy_is_the_argmax_step_by_step(seed, count, longest):
    tree = Tree(seed)
    for ecg, found in enumerate(greedy(tree, count, longest)):
        ids, total, ended = [START_ID], 0.0, False
        while not ended and len(ids) <= longest:
            follows = tree.log_p(ids, ecg)
            token = max(follows, key=follows.get)
            total, ended = total + follows[token], token == END_ID
            ids += [] if ended else [token]
        assert (found.ids, found.ended) == (tuple(ids[1:]), ended)
        assert found.log_probability == pytest.approx(total, abs=1e-4)


@settings(max_examples=30, deadline=None)
@given(some.integers(0, 9999), some.integers(1, 3), some.sampled_from([0.0, 1.0]))
def test_a_beam_of_one_is_greedy(seed, count, penalty):
    one, other = beam(Tree(seed), count, 5, width=1, length_penalty=penalty), greedy(Tree(seed), count, 5)
    assert [(t.ids, t.ended) for t in one] == [(t.ids, t.ended) for t in other]
    assert [t.log_probability for t in one] == pytest.approx([t.log_probability for t in other], abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(some.integers(0, 9999), some.integers(1, 3), some.sampled_from([0.0, 0.7, 1.0]))
def test_a_wide_beam_finds_the_best_of_all_texts(seed, longest, penalty):
    tree = Tree(seed)
    texts = {(text, ended): total for text, total, ended in tree.every_text(1, longest)}
    assert sum(map(math.exp, texts.values())) == pytest.approx(1)
    best = max(texts, key=lambda key: texts[key] / (len(key[0]) + key[1]) ** penalty)
    found = beam(tree, 2, longest, width=len(texts), length_penalty=penalty)[1]
    assert (found.ids, found.ended) == best
    assert found.log_probability == pytest.approx(texts[best], abs=1e-4)


def test_a_beam_finds_what_greed_misses():
    seeds = [(greedy(Tree(s), 1, 4)[0], beam(Tree(s), 1, 4, width=4)[0]) for s in range(30)]
    assert any(b.log_probability > g.log_probability + 0.1 for g, b in seeds)


def test_a_text_that_has_ended_is_not_asked_about_again():
    tree = Tree(3)
    greedy(tree, 4, 6)
    assert all((ids[:, 1:] != END_ID).all() for ids in tree.asked)


@pytest.mark.parametrize("p", [0.3, 0.6, 0.9, 1.0])
def test_the_nucleus_is_kept_and_drawn_from_as_it_says(p):
    tree = Tree(5, spread=1.0)
    follows = sorted(tree.log_p([START_ID], 0).items(), key=lambda item: -item[1])
    kept, held = {}, 0.0
    for token, log_p in follows:
        if held < p:
            kept[token] = math.exp(log_p)
            held += math.exp(log_p)
    assert held >= min(p, 1 - 1e-9)

    def same_ecg(ids, owner):
        return tree(ids, torch.zeros_like(owner))

    drawn = Counter(text.ids[0] if text.ids else END_ID for text in nucleus(same_ecg, 3000, 1, p=p, seed=1))
    assert set(drawn) == set(kept)
    for token, share in kept.items():
        assert drawn[token] / 3000 == pytest.approx(share / held, abs=0.04)


def test_a_seed_draws_the_same_and_another_another():
    draws = [[t.ids for t in nucleus(Tree(1, 0.5), 20, 5, p=1.0, seed=seed)] for seed in (1, 1, 2)]
    assert draws[0] == draws[1] != draws[2]


def test_a_small_nucleus_and_a_low_temperature_are_greedy():
    plain = greedy(Tree(7), 5, 4)
    assert nucleus(Tree(7), 5, 4, p=1e-6) == plain
    assert [t.ids for t in nucleus(Tree(7), 5, 4, p=1.0, temperature=1e-3)] == [t.ids for t in plain]


def test_what_cannot_be_is_refused():
    for write in (partial(nucleus, p=0.0), partial(nucleus, p=1.1), partial(nucleus, temperature=0.0)):
        with pytest.raises(UsageError, match="nucleus"):
            write(Tree(0), 1, 3)
    with pytest.raises(UsageError, match="beam"):
        beam(Tree(0), 1, 3, width=0)


@pytest.mark.parametrize("write", [greedy, beam, nucleus])
@pytest.mark.parametrize("wrong", [float("nan"), float("inf")])
def test_numbers_that_are_none_are_an_error(write, wrong):
    with pytest.raises(ModelError, match="not finite"):
        write(lambda ids, owner: torch.full((len(ids), 7), wrong), 1, 3)


@pytest.mark.parametrize("write", [greedy, beam, nucleus])
def test_no_ecgs_give_no_texts(write):
    assert write(Tree(0), 0, 3) == []


@pytest.mark.parametrize("text_pass", ["double", "single"])
@pytest.mark.parametrize("write", [greedy, partial(beam, width=2), partial(nucleus, seed=3)])
def test_a_captioner_writes_and_its_probability_is_that_of_the_forward_pass(small_size, stirred, text_pass, write):
    tower = TextTower(width=16, layers=1, heads=2, tokens=6, vocabulary=20)
    how = Captioning(queries=2, pool_heads=2, layers=1, heads=2, text_pass=text_pass)
    model = stirred(Captioner(ConvNeXt(size=small_size), tower, 8, how)).train()
    signal = torch.from_numpy(np.random.default_rng(0).normal(size=(3, 12, 128)).astype(np.float32))
    texts = describe(model, signal, write=write)
    assert model.training and len(texts) == 3
    model.eval()
    for ecg, text in enumerate(texts):
        assert len(text.ids) <= 5 and not set(text.ids) & {0, 1, START_ID, END_ID}
        ids = torch.tensor([[START_ID, *text.ids, END_ID]])
        logits = model.predict(model.text.states(ids[:, :-1], causal=True), model.read(signal[ecg : ecg + 1])[1])[0]
        logits[:, :3] = -math.inf
        steps = logits.log_softmax(-1).gather(-1, ids[0, 1:, None])
        total = steps.sum() if text.ended else steps[:-1].sum()
        assert text.log_probability == pytest.approx(total.item(), abs=1e-3)


def test_a_captioner_learns_to_say_which_ecg_it_sees(small_resnet):
    """Two ECGs, two texts: after some steps on both losses each gets its own."""
    torch.manual_seed(0)
    tower = TextTower(width=16, layers=1, heads=2, tokens=6, vocabulary=20)
    how = Captioning(queries=2, pool_heads=2, layers=1, heads=2)
    model = Captioner(ResNet(size=small_resnet), tower, 8, how)
    signal = torch.randn(2, 12, 128)
    ids = torch.tensor([[START_ID, 4, 5, 6, END_ID], [START_ID, 7, 5, END_ID, 0]])
    optimizer = torch.optim.AdamW(model.parameters(), 5e-3)
    for _ in range(100):
        out = model(signal, ids)
        loss = torch.nn.functional.cross_entropy(out.logits.flatten(0, 1), ids[:, 1:].flatten(), ignore_index=0)
        optimizer.zero_grad()
        (loss + torch.nn.functional.cross_entropy(out.scale * out.ecg @ out.text.T, torch.arange(2))).backward()
        optimizer.step()
    for write in (greedy, beam):
        texts = describe(model, signal, write=write)
        assert [text.ids for text in texts] == [(4, 5, 6), (7, 5)] and all(text.ended for text in texts)
    model.eval()
    assert (model.read(signal)[0] @ model.embed_text(ids).T).argmax(1).tolist() == [0, 1]
