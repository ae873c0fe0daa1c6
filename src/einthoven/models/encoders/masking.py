"""What an encoder hears: nothing of padding, and nothing of a lead that is missing."""

from __future__ import annotations

from torch import Tensor


def heard(signal: Tensor, valid: Tensor | None, leads: Tensor | None) -> Tensor:
    """(batch, 12, time) with zeros for whatever `valid` (batch, time) and `leads` (batch, 12) say is not there.

    It may be anything, NaN as well. A missing lead is a row of zeros, as in `models/preparation.py`.
    """
    if valid is not None:
        signal = signal.masked_fill(valid.unsqueeze(1) <= 0, 0)
    if leads is not None:
        signal = signal.masked_fill(leads.unsqueeze(2) <= 0, 0)
    return signal
