"""What is to be rebuilt of an ECG, sample by sample, and where the decoder puts what it knows."""

from __future__ import annotations

import numpy as np
import torch

from einthoven.models.masked_decoder import SignalDecoder, hidden_tokens, patches
from einthoven.models.masked_settings import Masking

SMALL = Masking(decoder_width=8, decoder_heads=2, decoder_layers=1)


def test_patches_one_sample_at_a_time():
    signal = np.random.default_rng(0).standard_normal((2, 12, 23)) * 3 + 1
    signal[1, 4] = 2.5  # flat
    found = patches(torch.from_numpy(signal.astype(np.float32)), 4).numpy()
    assert found.shape == (2, 5, 48)
    for record in range(2):
        for token in range(5):
            for sample in range(4):
                for lead in range(12):
                    line = signal[record, lead]
                    spread = line.std()
                    value = (line[4 * token + sample] - line.mean()) / spread if spread > 1e-6 else 0
                    assert abs(found[record, token, 12 * sample + lead] - value) < 1e-4


def test_the_papers_patch_has_192_entries():
    assert patches(torch.randn(1, 12, 5000), 16).shape == (1, 312, 192)


def test_hidden_tokens_are_all_others():
    hidden = hidden_tokens(torch.tensor([[0, 2], [3, 4]]), 5)
    assert hidden.tolist() == [[False, True, False, True, True], [True, True, True, False, False]]


def test_a_state_is_put_where_its_token_was(stirred):
    decoder = stirred(SignalDecoder(6, 4, SMALL))
    states, kept = torch.randn(1, 4, 6), torch.tensor([[1, 5, 6]])
    rebuilt = decoder(states, kept, 9)
    assert rebuilt.shape == (1, 9, 48)
    turned = decoder(states[:, [0, 3, 1, 2]], kept[:, [2, 0, 1]], 9)
    torch.testing.assert_close(turned, rebuilt, atol=1e-5, rtol=1e-4)
    moved = decoder(states, torch.tensor([[1, 5, 7]]), 9)
    assert not torch.allclose(moved, rebuilt, atol=1e-3)
    assert (rebuilt[0, 2] - rebuilt[0, 3]).abs().max() > 1e-3  # hidden ones are told apart by their place
