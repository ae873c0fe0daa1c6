"""What a model has to beat: the plain signal, and an encoder of its own shape with random weights."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, MissingPackageError
from einthoven.evaluation.embedded import Run
from einthoven.models import Preparation, prepare
from einthoven.models.encoders.settings import Encoder

PLAIN_SECONDS = 10.0
PROJECTED = 512


def plain_signal(how: Preparation) -> Run:
    """The prepared signal itself, (n, 12 x samples) of length 1: the first 10 s, whatever windows a model reads."""
    whole = replace(how, seconds=PLAIN_SECONDS)

    def run(ecgs: Sequence[ECG]) -> tuple[NDArray[Any], NDArray[np.float32]]:
        prepared = prepare(ecgs, whole)
        flat = prepared.signal[prepared.first].reshape(len(ecgs), -1)
        length = np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        return (flat / length).astype(np.float16), _no_head(ecgs)

    return run


def projected_signal(how: Preparation, seed: int = 0, width: int = PROJECTED) -> Run:
    """The plain signal, (n, width) of length 1, by a random projection that keeps cosines (Johnson-Lindenstrauss).

    What a linear layer could read from the signal itself, at a width that such a layer can be fitted to.
    """
    plain = plain_signal(how)
    samples = 12 * round(how.rate * PLAIN_SECONDS)
    turn = np.random.default_rng(seed).standard_normal((samples, width)).astype(np.float32)

    def run(ecgs: Sequence[ECG]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        flat, head = plain(ecgs)
        z = flat.astype(np.float32) @ turn
        return np.asarray(z / np.maximum(np.linalg.norm(z, axis=1, keepdims=True), 1e-6), np.float32), head

    return run


def random_weights(encoder: Encoder, how: Preparation, met: Sequence[ECG] = (), seed: int = 0) -> Run:
    """Embeddings (n, width) of length 1 by an encoder with fresh weights, windows averaged as models do.

    Args:
        met: ECGs that batch normalisation takes its means and variances from. Without any it normalises nothing,
            which makes a weaker baseline than an untrained network is.

    Raises:
        MissingPackageError: torch is not installed.
    """
    try:
        import torch
    except ImportError:
        raise MissingPackageError(
            "The baseline with random weights needs torch.", "pip install 'einthoven[train,eval]'"
        ) from None
    from einthoven.models.encoders.build import build_encoder

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = build_encoder(encoder).eval()
        norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm1d)]
        for norm in norms:
            norm.train().momentum = None  # the statistics of what it meets, with no share of where it started
        if norms and met:
            with torch.no_grad():
                network(torch.from_numpy(prepare(met, how).signal))
        network.eval()

    def run(ecgs: Sequence[ECG]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        prepared = prepare(ecgs, how)
        with torch.inference_mode():
            pooled = network(torch.from_numpy(prepared.signal), torch.from_numpy(prepared.valid).float())[1]
            each = torch.nn.functional.normalize(pooled, dim=-1).numpy()
        mean = np.add.reduceat(each, prepared.first)
        return mean / np.linalg.norm(mean, axis=1, keepdims=True), _no_head(ecgs)

    return run


def _no_head(ecgs: Sequence[ECG]) -> NDArray[np.float32]:
    return np.empty((len(ecgs), 0), np.float32)
