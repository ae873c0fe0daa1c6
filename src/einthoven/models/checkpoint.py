"""Writing a checkpoint folder, and reading it back into torch.

The weights are stored once, rounded to 16 or 8 bits, in `model.safetensors`; `model.onnx` holds the
graph and points into that file for every weight, so that the two cannot disagree.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from einthoven.collection import replace_folder
from einthoven.ecg import FileError, ModelError
from einthoven.models.config import ModelConfig
from einthoven.models.export import export_graph, outputs
from einthoven.models.network import Network
from einthoven.models.stored import as_computed, as_stored

TOLERANCE = 1e-4


def save_checkpoint(
    network: Network, folder: Path, card: str, bits: int = 16, beside: Callable[[Path], None] | None = None
) -> None:
    """Writes `config.json`, `model.safetensors`, `model.onnx` and `README.md`, the ECG side of a model.

    The network's weights are rounded to what is stored. The folder appears as a whole, or not at all.

    Args:
        bits: 8 or 16, of each entry of a weight matrix; 8 halve the file.
        beside: called with the finished folder before it appears, to put something more into it.

    Raises:
        ModelError: the ONNX graph does not compute what torch does, within 1e-4; or a weight is not finite in 16 bits.
        FileError: it cannot be written; a checkpoint that was there before stays.
    """
    network.cpu().eval()
    stored = as_stored(network.state_dict(), bits)
    network.load_state_dict(as_computed(stored))
    try:
        _write(network, stored, folder, card, beside)
    except (OSError, SafetensorError) as fault:
        raise FileError(
            f"The checkpoint {folder} cannot be written ({fault}).",
            "Make room on the disk and go on; a checkpoint that was there before is as it was.",
        ) from None


def _write(
    network: Network, stored: dict[str, Tensor], folder: Path, card: str, beside: Callable[[Path], None] | None
) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
        new = Path(scratch) / "new"
        new.mkdir()
        network.config.save(new / "config.json")
        save_file(stored, new / "model.safetensors")
        export_graph(network, new / "model.onnx", new / "model.safetensors")
        (new / "README.md").write_text(card, encoding="utf-8")
        check_against_torch(network, new)
        if beside is not None:
            beside(new)
        replace_folder(new, folder, Path(scratch) / "old")


def check_against_torch(network: Network, folder: Path) -> float:
    """The largest difference between the folder's ONNX graph and `network`, over full, short and silent input.

    Raises:
        ModelError: it is above 1e-4.
    """
    import onnxruntime

    samples = network.config.preparation.samples
    rng = np.random.default_rng(0)
    signal = rng.standard_normal((3, 12, samples)).astype(np.float32)
    signal[2] = 0
    valid = np.ones((3, samples), np.float32)
    valid[1, samples // 2 :] = 0
    session = onnxruntime.InferenceSession(folder / "model.onnx", providers=["CPUExecutionProvider"])
    worst = 0.0
    for rows in (slice(0, 3), slice(0, 1)):
        theirs = session.run(outputs(network.config), {"signal": signal[rows], "valid": valid[rows]})
        with torch.no_grad():
            ours = network(torch.from_numpy(signal[rows]), torch.from_numpy(valid[rows]))
        both = zip(ours, theirs, strict=False)  # without a head, the graph has no logits
        worst = float(np.max([worst, *(np.abs(a.numpy() - b).max() for a, b in both)]))  # np.max lets no NaN pass
    if not worst <= TOLERANCE:
        raise ModelError(f"The ONNX graph differs from torch by {worst:.1e}.", "Report this with your torch version.")
    return worst


def load_network(folder: Path) -> Network:
    """The ECG side of a checkpoint as a torch network, for training on or for export.

    Raises:
        ModelError: a file is missing, damaged, or does not fit config.json.
    """
    config = ModelConfig.load(folder / "config.json")
    network = Network(config)
    try:
        weights = as_computed(load_file(folder / "model.safetensors"))
        weights.pop("log_scale", None)  # of a contrast in training; earlier releases kept it
        network.load_state_dict(weights)
    except (OSError, RuntimeError, SafetensorError) as fault:
        raise ModelError(
            f"The weights in {folder.name} do not fit its config.json ({str(fault).splitlines()[0]}).",
            "Copy the checkpoint again.",
        ) from None
    return network.eval()
