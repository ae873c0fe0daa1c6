"""The masked autoencoder as a whole: who sees what, the shape of each tensor, and what is trained."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import pad

from einthoven.ecg import UsageError
from einthoven.models.config import Preparation, TextTower
from einthoven.models.encoders.settings import ConvTransformer
from einthoven.models.encoders.sizes import M3AE, ConvTokens
from einthoven.models.masked_autoencoder import MaskedAutoencoder, leaking_embedding
from einthoven.models.masked_decoder import patches
from einthoven.models.masked_settings import MaskedConfig, Masking

TOWER = TextTower(width=16, layers=1, heads=2, tokens=12, vocabulary=60)
SMALL = Masking(width=12, heads=2, layers=2, read_from=1, decoder_width=8, decoder_heads=2, decoder_layers=1)
IDS = torch.tensor([[2, 5, 6, 7, 8, 9, 3], [2, 10, 11, 12, 3, 0, 0]])
TOLD = torch.tensor([[False, True, False, False, True, True, False], [False, False, False, True, False, False, False]])
KEPT = torch.tensor([[0, 7, 13], [2, 3, 19]])


@pytest.fixture
def make(monkeypatch, stirred):
    monkeypatch.setitem(M3AE, "tiny", ConvTokens(6, 8, 2, 2, 5, 2))

    def build(**changes):
        preparation = Preparation(seconds=0.82)
        encoder = ConvTransformer(size="tiny")
        config = MaskedConfig(preparation, encoder, TOWER, replace(SMALL, **changes))
        return stirred(MaskedAutoencoder(config), size=0.6)

    return build


@pytest.fixture
def signal():
    return torch.from_numpy(np.random.default_rng(0).standard_normal((2, 12, 82)).astype(np.float32))


def other_samples_of(signal, tokens):
    changed = signal.clone()
    for record, places in enumerate(tokens):
        for place in places:
            changed[record, :, 4 * place : 4 * place + 4] = 100 * torch.randn(12, 4)
    return changed


def hidden(tokens=20):
    return [[place for place in range(tokens) if place not in row] for row in KEPT.tolist()]


def test_what_is_hidden_is_not_seen(make, signal):
    model = make()
    states = model.read_visible(signal, KEPT)
    assert states.shape == (2, 4, 8)
    for _ in range(3):
        assert torch.equal(model.read_visible(other_samples_of(signal, hidden()), KEPT), states)
    one_visible = other_samples_of(signal, [[7], [19]])
    assert not torch.allclose(model.read_visible(one_visible, KEPT), states, atol=1e-3)


def test_nor_is_it_told_by_anything_that_is_guessed(make, signal):
    model = make()
    before, after = (
        model.masked(signal, KEPT, IDS, TOLD),
        model.masked(other_samples_of(signal, hidden()), KEPT, IDS, TOLD),
    )
    for one, other in zip(before, after, strict=True):
        assert torch.equal(one, other)


def test_the_public_codes_hidden_tokens_are_seen_by_their_neighbours(make, signal):
    model = make(hidden_from="layers")
    states = model.read_visible(signal, KEPT)
    moved = (model.read_visible(other_samples_of(signal, hidden()), KEPT) - states).abs()
    assert (moved.amax((1, 2)) > 1e-2).all()


def test_shapes_of_a_masked_pass(make, signal):
    model = make()
    guessed = model.masked(signal, KEPT, IDS, TOLD)
    assert guessed.signal.shape == patches(signal, 4).shape == (2, 20, 48)
    assert guessed.words.shape == (4, 60) and guessed.match.shape == (2, 2)
    fused = model.fuse(model.read_visible(signal, KEPT), IDS)
    assert fused.ecg.shape == fused.middle.shape == (2, 4, 12)
    assert fused.text.shape == (2, 7, 12) and fused.whole.shape == (2, 24)


def test_the_papers_shapes_and_sizes(monkeypatch):
    """fairseq-signals' M3AE at the paper's settings, and one pass of it with a single layer of each kind."""
    how = Masking()
    tower = TextTower(width=768, layers=12, heads=12, tokens=512, vocabulary=30_522)
    whole = MaskedConfig(Preparation(rate=500), ConvTransformer(size="m3ae_base", convolutions=4), tower, how)
    assert (whole.tokens, whole.kept) == (312, 78)
    with torch.device("meta"):
        model = MaskedAutoencoder(whole)
    count = {name: sum(p.numel() for p in part.parameters()) for name, part in model.named_children()}
    layer, join = 12 * 768**2 + 13 * 768, 768 * 769
    assert count["fusion"] == 2 * 6 * (layer + 4 * join + 2 * 768) + 4 * join + 2 * 768
    assert count["signal"] == 769 * 384 + 384 + 4 * (12 * 384**2 + 13 * 384) + 2 * 384 + 385 * 192
    assert count["words"] == join + 2 * 768 + 769 * 30_522 and count["match"] == 1537 * 2

    monkeypatch.setitem(M3AE, "one_layer", replace(M3AE["m3ae_base"], layers=1))
    small = replace(whole, encoder=ConvTransformer(size="one_layer", convolutions=4), text=replace(tower, layers=1))
    small = replace(small, text=replace(small.text, vocabulary=99), masking=replace(how, layers=1, read_from=0))
    model = MaskedAutoencoder(replace(small, masking=replace(small.masking, decoder_layers=1))).eval()
    with torch.no_grad():
        kept = torch.arange(0, 312, 4)[None]
        guessed = model.masked(torch.randn(1, 12, 5000), kept, IDS[:1], TOLD[:1])
        assert model.read_visible(torch.randn(1, 12, 5000), kept).shape == (1, 79, 768)
    assert guessed.signal.shape == (1, 312, 192) and guessed.match.shape == (1, 2)


def test_ecg_and_text_both_matter_to_whatever_is_guessed(make, signal):
    model = make()
    guessed = model.masked(signal, KEPT, IDS, TOLD)
    for changed in (model.masked(signal.flip(0), KEPT, IDS, TOLD), model.masked(signal, KEPT, IDS[[0, 0]], TOLD)):
        for one, other in zip(guessed, changed, strict=True):
            assert (one - other).abs().max() > 1e-4


def test_padding_of_text_and_of_signal_changes_nothing(make, signal):
    model = make()
    states, _ = model.read(signal)
    fused = model.fuse(states, IDS)
    longer = model.fuse(states, pad(IDS, (0, 4)))
    torch.testing.assert_close(longer.whole, fused.whole, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(longer.text[:, :7], fused.text, atol=1e-5, rtol=1e-4)
    short, _ = model.read(signal[..., :80])
    valid = (torch.arange(110) < 80).expand(2, -1)
    padded, there = model.read(pad(signal[..., :80], (0, 30), value=7.0), valid)
    one, other = model.fuse(short, IDS), model.fuse(padded, IDS, there)
    torch.testing.assert_close(one.whole, other.whole, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(
        leaking_embedding(model, signal[..., :80], IDS),
        leaking_embedding(model, pad(signal[..., :80], (0, 30), value=7.0), IDS, valid),
        atol=1e-5,
        rtol=1e-4,
    )


def test_each_stack_reads_what_the_other_was_before_the_layer(make, signal):
    """Both layers of a pair see one another's rows as they entered, not as one of them has just left."""
    model = make(layers=1, read_from=0)
    fusion = model.fusion
    ecg, text = model.read(signal)[0], model.text.states(IDS)
    x, y = fusion.join[0](ecg) + fusion.kind[0], fusion.join[1](text) + fusion.kind[1]
    there = IDS != 0
    fused = model.fuse(ecg, IDS)
    torch.testing.assert_close(fused.middle, x)
    torch.testing.assert_close(fused.ecg, fusion.ecg[0](x, None, y, there))
    torch.testing.assert_close(fused.text, fusion.text[0](y, there, x, None))
    ends = [fusion.pool[0](fused.ecg[:, 0]).tanh(), fusion.pool[1](fused.text[:, 0]).tanh()]
    torch.testing.assert_close(fused.whole, torch.cat(ends, 1))


def test_the_ecg_is_rebuilt_from_the_layer_that_is_named(make, signal):
    model = make(read_from=0)
    before = model.masked(signal, KEPT, IDS, TOLD)
    after = model.masked(signal, KEPT, IDS[[0, 0]], TOLD)
    assert torch.equal(before.signal, after.signal), "what enters the first layer has seen no text"
    assert not torch.allclose(before.words[3], after.words[3])


def test_only_the_leaking_embedding_moves_with_the_text(make, signal):
    model = make()
    fused = leaking_embedding(model, signal, IDS)
    assert fused.shape == (2, 12)
    torch.testing.assert_close(fused.norm(dim=1), torch.ones(2))
    assert (leaking_embedding(model, signal, IDS.flip(0)) - fused).abs().max() > 1e-3
    before = model.encoder(signal)[1]
    with torch.no_grad():
        for name, value in model.named_parameters():
            if not name.startswith("encoder."):
                value.add_(1)
    assert torch.equal(model.encoder(signal)[1], before)


def test_a_gradient_reaches_every_parameter(make, signal):
    model = make()
    guessed = model.masked(signal, KEPT, IDS, TOLD)
    sum(one.square().mean() for one in guessed).backward()
    unreached = {name for name, value in model.named_parameters() if value.grad is None or not value.grad.any()}
    assert not unreached


def test_settings_that_do_not_fit_are_refused():
    with pytest.raises(UsageError, match="80 ms") as refusal:
        MaskedConfig(encoder=ConvTransformer(convolutions=3))
    assert "2 at 100 Hz" in refusal.value.mend
    with pytest.raises(UsageError, match="would be seen"):
        MaskedConfig(preparation=Preparation(seconds=0.1))
    for changes in (
        {"signal": 1.0}, {"words": 0.0}, {"width": 13}, {"decoder_heads": 5}, {"read_from": 7}, {"dropout": 1.0},
        {"layers": 0}, {"negatives": "embedding", "match_pass": "masked"}, {"match_labels": "fair"},
    ):  # fmt: skip
        with pytest.raises(UsageError) as refusal:
            Masking(**changes)
        assert refusal.value.mend
