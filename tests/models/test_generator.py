"""The report generators: who sees what, what padding does, and that they learn to write what an ECG says."""

from __future__ import annotations

import pytest
import torch

from einthoven.ecg import UsageError
from einthoven.models.encoders.settings import ConvNeXt
from einthoven.models.generation import beam
from einthoven.models.generator import Generator
from einthoven.models.generator_settings import Generating
from einthoven.models.text_tower import END_ID, START_ID
from einthoven.training.objectives import caption_loss

SMALL = Generating(width=16, layers=2, heads=2, dropout=0.0, looked_at=3, tokens=8, vocabulary=20)
IDS = torch.tensor([[START_ID, 5, 6, 7, END_ID], [START_ID, 8, 9, END_ID, 0]])


@pytest.fixture(params=[None, 9], ids=["plain", "with memory"])
def make(request, small_size):
    def build():
        torch.manual_seed(0)
        config = Generating(**{**vars(SMALL), "memory": request.param})
        return Generator(ConvNeXt(size=small_size), config).eval()

    return build


def test_a_word_does_not_help_to_predict_itself_or_those_before(make):
    model, signal = make(), torch.randn(1, 12, 256, generator=torch.Generator().manual_seed(0))
    for at in range(1, 4):
        other = IDS[:1].clone()
        other[:, at] = 15
        moved = (model(signal, other) - model(signal, IDS[:1])).abs().amax((0, 2)) > 1e-7
        assert not moved[:at].any() and moved[at:].all()


def test_it_looks_at_its_ecg_and_not_at_padding(make):
    model, signal = make(), torch.randn(2, 12, 256, generator=torch.Generator().manual_seed(0))
    valid = torch.ones(2, 256)
    valid[:, 128:] = 0
    other = signal.clone()
    other[:, :, 128:] = 9.0
    assert torch.allclose(model(signal, IDS, valid), model(other, IDS, valid), atol=1e-5)
    assert (model(signal, IDS) - model(other, IDS)).abs().amax((1, 2)).min() > 1e-4


def test_logits_of_a_prefix_are_those_of_the_whole(make):
    model, signal = make(), torch.randn(1, 12, 256, generator=torch.Generator().manual_seed(0))
    context, there = model.context(signal)
    last = model.next_token(IDS[:1, :3], context, there)
    assert torch.allclose(last, model(signal, IDS[:1])[:, 2], atol=1e-6)


def test_it_learns_what_two_ecgs_say(make):
    model, time = make().train(), torch.arange(256) / 100
    signal = torch.stack([(one * time).sin().expand(12, -1) for one in (5, 60)])
    optimizer = torch.optim.AdamW(model.parameters(), 1e-2)
    for _ in range(80):
        optimizer.zero_grad()
        loss = caption_loss(model(signal, IDS), IDS)
        loss.backward()
        optimizer.step()
    assert loss.item() < 0.1
    model.eval()
    context, _ = model.context(signal)
    written = beam(lambda ids, owner: model.next_token(ids, context[owner]).detach(), 2, 7, width=3)
    assert [text.ids for text in written] == [(5, 6, 7), (8, 9)]


@pytest.mark.parametrize(
    "wrong", [{"heads": 3}, {"memory": 2}, {"tokens": 2}, {"dropout": 1.0}, {"layers": 0}, {"beam": 0}]
)
def test_impossible_settings_are_refused(wrong):
    with pytest.raises(UsageError):
        Generating(**{**vars(SMALL), **wrong})
