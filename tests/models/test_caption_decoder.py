from __future__ import annotations

import torch

from einthoven.models.caption_decoder import CaptionDecoder
from einthoven.models.caption_settings import Captioning


def test_a_state_sees_itself_those_before_and_the_ecg(stirred):
    torch.manual_seed(0)
    decoder = stirred(CaptionDecoder(16, Captioning(layers=2, heads=4)), size=0.5)
    states, context = torch.randn(2, 6, 16), torch.randn(2, 3, 16)
    known = decoder(states, context)
    assert known.shape == states.shape
    for at in range(6):
        other = states.clone()
        other[:, at] += torch.randn(16)
        moved = (decoder(other, context) - known).abs().amax(-1)
        assert (moved[:, :at] == 0).all() and (moved[:, at:] > 1e-5).all()
    for row in range(3):
        other = context.clone()
        other[:, row] += torch.randn(16)
        assert ((decoder(states, other) - known).abs().amax(-1) > 1e-5).all()


def test_parameters_of_six_layers_of_768():
    decoder = CaptionDecoder(768, Captioning())
    attention, mlp, norms = 4 * 768 * 769, 4 * 768 * 769 + 768 * (4 * 768 + 1), 3 * 2 * 768
    assert sum(p.numel() for p in decoder.parameters()) == 6 * (2 * attention + mlp + norms) + 2 * 768 == 56_712_192
