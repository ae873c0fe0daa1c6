"""What is left of a batch whose loss is not finite: its ECGs, and what each part of the loss was."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import save_file
from torch import Tensor

from einthoven.ecg import EinthovenError
from einthoven.training.batch import Signals
from einthoven.training.distributed import rank
from einthoven.training.plan import TrainingError

FILE, SIGNALS = "stopped.json", "stopped.safetensors"


def stopped(
    folder: Path,
    epoch: int,
    step: int,
    rows: NDArray[np.integer[Any]],
    losses: Mapping[str, float],
    steepness: Tensor,
    names: Sequence[str] = (),
    signals: Signals | None = None,
) -> TrainingError:
    """Writes the batch to `stopped.json` and `stopped.safetensors` in the run's folder, and gives the error to raise;
    of several processes the first one writes.

    Args:
        epoch, step: from 1. rows: places of its ECGs in the training set.
        steepness: length of the gradient. names: of all training ECGs, where they have any.
        signals: of all training ECGs, prepared; those of the batch are kept as `signal` (n, 12, samples) float16.
    """
    records = [names[row] for row in rows] if names else []
    parts = {name: str(value) for name, value in losses.items()}
    said = {
        "epoch": epoch,
        "step": step,
        "rows": rows.tolist(),
        "records": records,
        "losses": parts,
        "gradient": str(steepness.item()),
    }
    kept = f"all of which are in {FILE}" + (f", their signals in {SIGNALS}" if signals is not None else "")
    if rank() == 0:
        try:
            (folder / FILE).write_text(json.dumps(said, indent=1), encoding="utf-8")
            if signals is not None:
                save_file({"signal": np.ascontiguousarray(signals[rows])}, folder / SIGNALS)
        except (OSError, SafetensorError, EinthovenError) as fault:
            kept = f"though the batch could not be written down ({fault})"
    before = "; the state of the epoch before is kept" if epoch > 1 else ""
    return TrainingError(
        f"The loss is not finite in epoch {epoch}, step {step} (ECGs {_listed(records or rows.tolist())}).",
        f"Lower the learning rate, or look at these ECGs, {kept}{before}.",
    )


def _listed(rows: Sequence[object]) -> str:
    return ", ".join(map(str, rows[:8])) + (f" and {len(rows) - 8} more" if len(rows) > 8 else "")
