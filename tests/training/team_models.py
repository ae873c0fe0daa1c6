"""What team.py trains beside its toy: very small networks of every kind, without anything drawn at random."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import torch
from safetensors.torch import save_file
from torch import nn

from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner
from einthoven.models.config import ModelConfig, Preparation, TextTower
from einthoven.models.encoders.settings import ConvNeXt, ConvTransformer
from einthoven.models.encoders.sizes import CONVNEXTV2, M3AE, ConvTokens
from einthoven.models.generator import Generator
from einthoven.models.generator_settings import Generating
from einthoven.models.masked_autoencoder import MaskedAutoencoder
from einthoven.models.masked_settings import MaskedConfig, Masking
from einthoven.models.network import Network
from einthoven.models.text_tower import build_tokenizer
from einthoven.training import masking
from einthoven.training.augment import Augmentation
from einthoven.training.batch import Examples
from einthoven.training.captioning import CaptionPretraining
from einthoven.training.captions import Captions
from einthoven.training.generating import GeneratorTraining
from einthoven.training.loop import fit, pretrain
from einthoven.training.masking import MaskedPretraining
from einthoven.training.masks import hide_words, with_mask
from einthoven.training.plan import Plan

ECGS = 12
KINDS = ("captioner", "masked", "generator", "supervised")
TOWER = TextTower(width=16, layers=1, heads=2, tokens=12, vocabulary=120)
PREPARATION = Preparation(seconds=1.28)
TEXTS = tuple(f"{'a normal' if n % 2 else 'an old'} ecg{' of some length' * (n % 4)} {n}" for n in range(ECGS))
PLAN = Plan(
    **{"epochs": 2, "batch": 7, "rate": 1e-2, "groups": 0, "contrast": 0, "average": 0.5, "clip": 0.05},
    epsilon=1e-3,  # what has no slope but for rounding does not move
    augmentation=Augmentation(crop_seconds=None, mixup=0, gain=0, lead_drop=0, noise=0, wander=0),
)
SMALL = Masking(
    width=16, heads=2, layers=1, dropout=0.0, read_from=0, decoder_width=8, decoder_heads=2, decoder_layers=1
)
TOKENIZER = build_tokenizer(TEXTS, TOWER, marks=True)  # once: no two are numbered alike
MASKING = with_mask(build_tokenizer(TEXTS, replace(TOWER, vocabulary=119), marks=True))


@contextmanager
def small_sizes():
    """Inside, the encoders of these networks have names."""
    CONVNEXTV2["convnextv2_team"], M3AE["m3ae_team"] = ((1, 1, 1, 1), (6, 9, 12, 16)), ConvTokens(8, 16, 1, 2, 8, 2)
    try:
        yield
    finally:
        del CONVNEXTV2["convnextv2_team"], M3AE["m3ae_team"]


def examples():
    rng = np.random.default_rng(0)
    target = np.eye(3, dtype=np.float32)[np.arange(ECGS) % 3]
    signal = rng.standard_normal((ECGS, 12, 128)) + target.argmax(1)[:, None, None]
    return Examples(signal.astype(np.float16), target, 100.0, TEXTS)


def begun(network, folder):
    """Keeps the weights that it starts with, and takes dropout out, which would differ from process to process."""
    save_file(network.state_dict(), folder / "start.safetensors")
    for part in network.modules():
        if isinstance(part, nn.Dropout):
            part.p = 0.0
        if isinstance(part, nn.MultiheadAttention):
            part.dropout = 0.0
    return network


class Masked(MaskedPretraining):
    """Exchanges no texts: partners are sought within a process."""

    def mismatch(self, rows, rng, embedding=None):
        return np.arange(len(rows))


def hide_by_text(tokenizer, texts, share, rng):
    """Hides the same words of a text wherever it is read, of long texts many."""
    each = [hide_words(tokenizer, [text], len(text) / 60, np.random.default_rng(len(text))) for text in texts]
    longest = max(one.ids.shape[1] for one in each)
    padded = [np.pad(part, ((0, 0), (0, longest - part.shape[1]))) for one in each for part in vars(one).values()]
    return type(each[0])(*(np.concatenate(padded[place::3]) for place in range(3)))


def score(network):
    return {"score": sum(value.abs().mean().item() for value in network.parameters())}


def train(kind, plan, folder, progress=lambda line: None, seed=0):
    """Trains one kind of network; gives it back with its best weights."""
    folder.mkdir(exist_ok=True)
    torch.manual_seed(seed)
    plan = plan if kind == "supervised" else replace(plan, epochs=1)
    ecgs, encoder = examples(), ConvNeXt(size="convnextv2_team", drop_path=0.0)
    if kind == "supervised":
        config = ModelConfig("small", ("NORM", "IMI", "SR"), 8, PREPARATION, encoder)
        plan, groups = replace(plan, groups=0.5, accumulate=1), np.array([[1, 0, 0], [0, 1, 1]], np.float32)
        return fit(begun(Network(config), folder), ecgs, groups, plan, folder, score, progress=progress)
    if kind == "captioner":
        model = Captioning(queries=3, pool_heads=2, layers=1, heads=2, views=True)
        how, plan = Captions(model, alignment=0.5), replace(plan, accumulate=2)
        config = ModelConfig("small", (), 8, PREPARATION, encoder, pool=how.pool(TOWER.width))
        network = Captioner(encoder, TOWER, 8, how.model)
        network.views.dropout.p = 0.0
        work = CaptionPretraining(network, config, how, plan, ecgs, TEXTS, TOKENIZER, (ecgs, TEXTS))
    elif kind == "masked":
        masking.hide_words = hide_by_text
        masking.visible_tokens = lambda records, tokens, share, rng: np.tile(np.arange(0, tokens, 2), (records, 1))
        encoder = ConvTransformer(size="m3ae_team", dropout=0)
        network = MaskedAutoencoder(MaskedConfig(PREPARATION, encoder, TOWER, SMALL))
        config = ModelConfig("small", (), 16, PREPARATION, encoder, projection="none")
        work = Masked(network, config, plan, ecgs, TEXTS, MASKING, (ecgs, TEXTS))
    else:
        plan = replace(plan, accumulate=2, recompute=True)
        how = Generating(width=16, layers=1, heads=2, memory=8, looked_at=2, tokens=12, vocabulary=120)
        work = GeneratorTraining(Generator(encoder, how), plan, ecgs, TOKENIZER)
    begun(work.network, folder)

    def judge(network):
        found = work.scores(network) if kind == "captioner" else {}
        if kind != "generator":
            work.inference(network)
        return found | score(network)

    return pretrain(work, [f"r{n}" for n in range(ECGS)], plan, folder, judge, progress)
