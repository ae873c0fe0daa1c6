"""Two stacks of cross attention side by side: the ECG's rows look at the text's, and the text's at the ECG's (M3AE,
Chen 2022, section 2.1; METER, Dou 2022, "merged attention" apart)."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn

from einthoven.models.masked_settings import Masking
from einthoven.models.post_norm import PostNormLayer, start_as_bert

ECG, TEXT = 0, 1


class Fused(NamedTuple):
    """States after both stacks: `ecg` (batch, 1 + tokens, width), `text` (batch, length, width); `middle`, of the ECG
    as they enter the layer that it is rebuilt from; `whole` (batch, 2 * width), what both class tokens say together."""

    ecg: Tensor
    text: Tensor
    middle: Tensor
    whole: Tensor


class Fusion(nn.Module):
    """States of an ECG and of a text, a class token first in each, to states that know of both.

    Args:
        ecg, text: widths of what comes in.
    """

    def __init__(self, ecg: int, text: int, config: Masking) -> None:
        super().__init__()
        width, self.read_from = config.width, config.read_from
        self.join = nn.ModuleList([nn.Linear(ecg, width), nn.Linear(text, width)])
        self.kind = nn.Parameter(torch.randn(2, width) * 0.02)
        self.ecg, self.text = (
            nn.ModuleList(PostNormLayer(width, config.heads, config.dropout, across=True) for _ in range(config.layers))
            for _ in range(2)
        )
        self.pool = nn.ModuleList([nn.Linear(width, width), nn.Linear(width, width)])
        self.apply(start_as_bert)

    def forward(self, ecg: Tensor, text: Tensor, text_there: Tensor, ecg_there: Tensor | None = None) -> Fused:
        """(batch, rows, width of each), and (batch, rows) bool, which rows may be looked at."""
        x, y = self.join[ECG](ecg) + self.kind[ECG], self.join[TEXT](text) + self.kind[TEXT]
        entering = [x]
        for for_ecg, for_text in zip(self.ecg, self.text, strict=True):
            x, y = for_ecg(x, ecg_there, y, text_there), for_text(y, text_there, x, ecg_there)
            entering.append(x)
        ends = [pool(states[:, 0]).tanh() for pool, states in zip(self.pool, (x, y), strict=True)]
        return Fused(x, y, entering[self.read_from], torch.cat(ends, -1))
