"""Long short-term memory (Hochreiter 1997) over samples, as in the PTB-XL benchmark (Strodthoff 2020)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from einthoven.models.encoders.masking import heard
from einthoven.models.encoders.pooling import max_over_time, mean_over_time
from einthoven.models.encoders.settings import Recurrent as Settings
from einthoven.models.encoders.sizes import LSTMS


def run(cells: nn.LSTM, x: Tensor) -> Tensor:
    """(batch, time, before) to what the cells give after each sample, (batch, time, width)."""
    if torch.compiler.is_exporting() and hasattr(torch.onnx, "ops"):
        return _as_one_node(cells, x)
    y: Tensor = cells(x)[0]
    return y


def _as_one_node(cells: nn.LSTM, x: Tensor) -> Tensor:
    """`run` for export to ONNX, whose own LSTM it names: torch would trace every sample, minutes for 10 s."""

    def in_its_order(rows: Tensor) -> Tensor:
        into, forget, new, given = rows.chunk(4)
        return torch.cat([into, given, forget, new])

    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    own, back, bias, back_bias = (in_its_order(getattr(cells, name)).unsqueeze(0) for name in names)
    y: Tensor = torch.onnx.ops.symbolic(
        "LSTM",
        [x.transpose(0, 1), own, back, torch.cat([bias, back_bias], 1)],
        {"hidden_size": cells.hidden_size},
        dtype=x.dtype,
        shape=(x.shape[1], 1, x.shape[0], cells.hidden_size),
    )
    return y.squeeze(1).transpose(0, 1)


class Layer(nn.Module):
    """One layer of cells that reads forwards, and one that reads backwards beside it if `both_ways`."""

    def __init__(self, before: int, width: int, both_ways: bool) -> None:
        super().__init__()
        self.forwards = nn.LSTM(before, width, batch_first=True)
        self.backwards = nn.LSTM(before, width, batch_first=True) if both_ways else None

    def forward(self, x: Tensor, ends: Tensor | None) -> Tensor:
        """(batch, time, before) to (batch, time, width), or twice the width; `ends` (batch,) as `turned` has it."""
        y = run(self.forwards, x)
        if self.backwards is None:
            return y
        return torch.cat([y, turned(run(self.backwards, turned(x, ends)), ends)], -1)


class Recurrent(nn.Module):
    """(batch, 12, time) to features over time (batch, time, cells) and pooled (batch, width).

    A token is a sample. Pooled are mean, maximum, and what the cells hold at the end: those that read forwards after
    the last sample, those that read backwards after the first. (The benchmark's public code takes both after the last
    sample, when the latter have read only that.)
    """

    def __init__(self, config: Settings) -> None:
        super().__init__()
        shape = LSTMS[config.size]
        self.cells, self.both_ways = shape.width, shape.both_ways
        each = shape.width * (2 if shape.both_ways else 1)
        befores = [12] + [each] * (shape.layers - 1)
        self.layers = nn.ModuleList(Layer(before, shape.width, shape.both_ways) for before in befores)
        self.dropout = nn.Dropout(config.dropout)
        self.width, self.stride = 3 * each, 1

    def forward(
        self, signal: Tensor, valid: Tensor | None = None, leads: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """As `encoders/__init__` says; what lies behind a record's last sample is read by no cell that is pooled."""
        x = heard(signal, valid, leads).transpose(1, 2)
        ends = None if valid is None else samples_to_the_last(valid)
        for layer in self.layers:
            x = layer(x, ends)
        last = x[:, -1] if ends is None else _at(x, (ends - 1).clamp(min=0))
        if self.both_ways:
            last = torch.cat([last[:, : self.cells], x[:, 0, self.cells :]], -1)
        pooled = torch.cat([mean_over_time(x, valid), max_over_time(x, valid), last], -1)
        return x, self.dropout(pooled)


def samples_to_the_last(valid: Tensor) -> Tensor:
    """(batch, time) to the number of samples up to the last one that is there, (batch,); 0 where none is."""
    count = torch.arange(1, valid.shape[1] + 1, device=valid.device)
    return ((valid > 0) * count).amax(1)


def turned(x: Tensor, ends: Tensor | None) -> Tensor:
    """(batch, time, width) backwards in time, each record's first `ends` samples alone; all of them for None."""
    if ends is None:
        return x.flip(1)
    time = torch.arange(x.shape[1], device=x.device)
    place = torch.where(time < ends[:, None], ends[:, None] - 1 - time, time)
    return x.gather(1, place.unsqueeze(-1).expand_as(x))


def _at(x: Tensor, place: Tensor) -> Tensor:
    """Of (batch, time, width) each record's token at its own `place` (batch,)."""
    return x.gather(1, place[:, None, None].expand(-1, 1, x.shape[-1])).squeeze(1)
