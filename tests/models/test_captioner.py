"""The captioner as a whole: who sees what, what padding does, and what is trained."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.nn.functional import pad

from einthoven.ecg import UsageError
from einthoven.models.caption_settings import Captioning
from einthoven.models.captioner import Captioner, count_parameters
from einthoven.models.config import TextTower
from einthoven.models.encoders.settings import ConvNeXt, ResNet
from einthoven.models.text_tower import END_ID, START_ID, build_tokenizer, encode

TOWER = TextTower(width=16, layers=2, heads=2, tokens=12, vocabulary=60)
SMALL = Captioning(queries=3, pool_heads=2, layers=2, heads=2)
PASSES = ("double", "single", "bidirectional")


@pytest.fixture
def make(small_size, stirred):
    def build(**changes):
        return stirred(Captioner(ConvNeXt(size=small_size), TOWER, 8, replace(SMALL, **changes)))

    return build


@pytest.fixture
def signal():
    return torch.from_numpy(np.random.default_rng(0).standard_normal((2, 12, 256)).astype(np.float32))


IDS = torch.tensor([[START_ID, 5, 6, 7, 8, 9, END_ID], [START_ID, 10, 11, 12, END_ID, 0, 0]])


def logits_that_move(model, signal, ids, at):
    """For each place whether its logits, and whether the text's embedding, move when token `at` changes."""
    other = ids.clone()
    other[:, at] = 50
    before, after = model(signal, ids), model(signal, other)
    return ((after.logits - before.logits).abs().amax((0, 2)) > 1e-6), (after.text - before.text).abs().amax(1) > 1e-5


@pytest.mark.parametrize("text_pass", ["double", "single"])
@pytest.mark.parametrize("output", ["own", "tied"])
def test_a_token_does_not_help_to_predict_itself_or_those_before(make, signal, text_pass, output):
    model = make(text_pass=text_pass, output=output)
    for at in range(1, 6):
        moved, embedding = logits_that_move(model, signal[:1], IDS[:1], at)
        assert not moved[:at].any(), f"token {at} is known where tokens up to {at} are predicted"
        assert moved[at:].all()
        assert embedding.all()


def test_no_training_step_sees_what_it_predicts_either(make, signal):
    logits = make()(signal[:1], IDS[:1])[3]
    model = make().train()  # no dropout in the comparison: the tower's is the only one
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        if isinstance(module, torch.nn.MultiheadAttention):
            module.dropout = 0.0
    torch.testing.assert_close(model(signal[:1], IDS[:1]).logits, logits, atol=1e-4, rtol=1e-3)
    assert not logits_that_move(model, signal[:1], IDS[:1], 3)[0][:3].any()


def test_the_public_codes_pass_leaks(make, signal):
    model = make(text_pass="bidirectional")
    for at in range(1, 6):
        moved, embedding = logits_that_move(model, signal[:1], IDS[:1], at)
        assert moved.all(), "every place has seen the whole text, what it predicts with it"
        assert embedding.all()


@pytest.mark.parametrize("text_pass", PASSES)
def test_padding_changes_nothing(make, signal, text_pass):
    model = make(text_pass=text_pass)
    together = model(signal, IDS)
    alone = model(signal[1:], IDS[1:, :5])
    torch.testing.assert_close(together.text[1:], alone.text, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(together.logits[1:, :4], alone.logits, atol=1e-5, rtol=1e-4)
    longer = model(signal, pad(IDS, (0, 4)))
    torch.testing.assert_close(longer.text, together.text, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(longer.logits[0, :6], together.logits[0], atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(model.embed_text(pad(IDS, (0, 4))), together.text, atol=1e-5, rtol=1e-4)


def test_padded_signal_is_not_looked_at(make, signal):
    model = make()
    valid = torch.ones(2, 256)
    valid[:, 128:] = 0
    features, _ = model.encoder(signal, valid)
    embedding, context = model.read(signal, valid)
    changed = signal.clone()
    changed[..., 128:] = 1e3
    torch.testing.assert_close(model.read(changed, valid)[0], embedding)
    found = model.pool(features[:, :4])
    torch.testing.assert_close(context, found[:, 1:], atol=1e-5, rtol=1e-4)
    assert not torch.allclose(embedding, model.read(signal)[0], atol=1e-4)


@pytest.mark.parametrize("pool", ["queries", "vector"])
def test_ecg_and_text_have_length_one_and_the_ecg_matters_to_the_caption(make, signal, pool):
    out = make(pool=pool)(signal, IDS)
    for vectors in (out.ecg, out.text):
        assert vectors.shape == (2, 8)
        torch.testing.assert_close(vectors.norm(dim=1), torch.ones(2))
    assert out.logits.shape == (2, 6, 60)
    swapped = make(pool=pool)(signal.flip(0), IDS)
    assert ((swapped.logits - out.logits).abs().amax((1, 2)) > 1e-4).all()


def test_the_vector_repeated_is_the_vector_once(make, signal):
    model = make(pool="vector")
    _, context = model.read(signal)
    states = model.text.states(IDS, causal=True)
    torch.testing.assert_close(model.predict(states, context), model.predict(states, context.expand(-1, 9, -1)))


@pytest.mark.parametrize("text_pass", ["double", "single"])
def test_the_next_token_is_the_last_place_of_the_forward_pass(make, signal, text_pass):
    model = make(text_pass=text_pass)
    logits, (_, context) = model(signal, IDS).logits, model.read(signal)
    for length in range(1, 6):
        after = model.next_token(IDS[:1, :length], context[:1])
        torch.testing.assert_close(after, logits[:1, length - 1], atol=1e-5, rtol=1e-4)


def test_what_was_told_the_answer_does_not_write(make, signal):
    model = make(text_pass="bidirectional")
    with pytest.raises(UsageError, match="not to write"):
        model.next_token(IDS[:1, :1], model.read(signal)[1])


@pytest.mark.parametrize("text_pass", PASSES)
@pytest.mark.parametrize("pool", ["queries", "vector"])
@pytest.mark.parametrize("output", ["own", "tied"])
def test_a_gradient_reaches_every_parameter_that_is_trained(make, signal, text_pass, pool, output):
    model = make(text_pass=text_pass, pool=pool, output=output)
    out = model(signal, IDS)
    (out.logits.square().mean() + (out.scale * out.ecg @ out.text.T).logsumexp(1).sum()).backward()
    unreached = {name for name, p in model.named_parameters() if p.requires_grad and p.grad is None}
    assert not unreached
    frozen = {name for name, p in model.named_parameters() if not p.requires_grad}
    assert frozen == ({"encoder.norm.weight", "encoder.norm.bias"} if pool == "queries" else set())


@pytest.mark.parametrize("contrast", [True, False])
def test_views_reach_their_maps_and_are_nothing_to_what_comes_out(make, signal, contrast):
    """Nor to the captions: both sides and the logits are those of the same network without views."""
    model, plain = make(views=True), make()
    plain.load_state_dict({name: one for name, one in model.state_dict().items() if not name.startswith("views.")})
    found, other = (one(signal, IDS, contrast=contrast) for one in (model, plain))
    for mine, expected in zip(found[:4], other[:4], strict=True):
        assert torch.equal(mine, expected)
    assert other.views.numel() == 0 and found.views.shape == (2, 2, 8)
    torch.testing.assert_close(found.views.norm(dim=2), torch.ones(2, 2))
    assert model.ecg_side().keys() == plain.ecg_side().keys()
    found.views.sum().backward()
    reached = {name.split(".")[0] for name, p in model.named_parameters() if p.grad is not None}
    assert reached == {"encoder", "views"}


def test_views_do_not_look_at_padding(make, signal):
    model = make(views=True)
    valid = torch.ones(2, 256)
    valid[:, 128:] = 0
    changed = torch.where(valid[:, None] > 0, signal, 1e3)
    views = model(signal, IDS, valid).views
    torch.testing.assert_close(model(changed, IDS, valid).views, views)
    mean = model.encoder(signal, valid)[0][:, :4].mean(1)
    torch.testing.assert_close(views, model.views(mean), atol=1e-5, rtol=1e-4)


def test_an_encoder_whose_pooled_vector_is_longer_than_its_features(small_resnet, signal):
    model = Captioner(ResNet(size=small_resnet), TOWER, 8, SMALL).eval()
    assert torch.isfinite(model(signal, IDS).logits).all()
    assert model.encoder.width == 2 * model.pool.before.weight.shape[0]


def test_sizes_that_do_not_fit_are_refused(small_size):
    encoder = ConvNeXt(size=small_size)
    with pytest.raises(UsageError, match="3 heads of the decoder"):
        Captioner(encoder, TOWER, 8, replace(SMALL, heads=3))
    with pytest.raises(UsageError, match=r"3 heads\."):
        Captioner(encoder, TOWER, 8, replace(SMALL, pool_heads=3))
    with pytest.raises(UsageError, match="text tower"):
        Captioner(encoder, replace(TOWER, tokens=2), 8, SMALL)


def test_parameters_of_the_papers_size_are_counted():
    """ESI-base with a tower of our kind of BioLinkBERT's shape, built without memory."""
    with torch.device("meta"):
        tower = TextTower(width=768, layers=12, heads=12, tokens=512, vocabulary=28_895)
        count = count_parameters(Captioner(ConvNeXt(size="convnextv2_base"), tower, 768, Captioning()))
    head = 5 * 1024 + 5
    assert count["encoder"] == 85_563_653 - head
    assert count["decoder"] == 56_712_192
    norms, attention = 2 * 1024 + 2 * 768, 768 * 769 + 2 * 768 * 1025 + 768 * 769
    assert count["pool"] == 65 * 768 + norms + attention
    layer = 12 * 768 * 768 + 13 * 768
    assert count["text"] == 28_895 * 768 + 512 * 768 + 12 * layer + 2 * 768
    assert count["output"] == 28_895 * 768
    assert count["ecg_embedding"] == count["text_embedding"] == 768 * 768 and count["scale"] == 1
    assert count["total"] == sum(value for name, value in count.items() if name != "total")


def test_a_tied_output_has_no_weights_of_its_own(make):
    assert "output" not in count_parameters(make(output="tied"))
    assert count_parameters(make())["output"] == 60 * 16


def test_it_starts_near_the_loss_of_ignorance(small_size, signal):
    torch.manual_seed(0)
    model = Captioner(ConvNeXt(size=small_size), TOWER, 8, SMALL)
    logits = model(signal, IDS).logits
    loss = torch.nn.functional.cross_entropy(logits[0], IDS[0, 1:])
    assert abs(loss.item() - math.log(60)) < 1


def test_texts_between_marks():
    tokenizer = build_tokenizer(["sinus rhythm", "left bundle branch block"], TOWER, marks=True)
    ids = encode(tokenizer, ["sinus rhythm", "left bundle " * 20, ""])
    assert ids.shape == (3, TOWER.tokens)
    assert (ids[:, 0] == START_ID).all()
    assert ids[1, -1] == END_ID and ids[2, :3].tolist() == [START_ID, END_ID, 0]
    assert tokenizer.decode(ids[0].tolist()) == "sinus rhythm"
