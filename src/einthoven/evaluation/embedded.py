"""ECGs as a retrieval task compares them: by a model, by their plain signal, by random weights."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import Row
from einthoven.ecg import ECG, MissingPackageError, chunks
from einthoven.models import ModelConfig, Preparation, prepare
from einthoven.models.encoders.settings import Encoder
from einthoven.retrieval import EmbeddingModel

BATCH = 64

Encode = Callable[[NDArray[np.float32]], NDArray[np.float32]]


class ConfiguredModel(EmbeddingModel, Protocol):
    """A model whose preparation and size are known, so that baselines of equal preparation and size can be built."""

    @property
    def config(self) -> ModelConfig: ...


@dataclass(frozen=True)
class Embedded:
    """ECGs (n) with what is compared.

    Args:
        carried: (n, codes), which ECG carries which code.
        embedding: (n, d) of the model, `head` (n, its codes) its probabilities.
        plain: (n, 12 x samples) the prepared signal itself, of length 1.
        random: (n, width) of an encoder of the model's shape with fresh weights, of length 1.
    """

    patients: NDArray[np.str_]
    carried: NDArray[np.bool_]
    embedding: NDArray[np.float32]
    head: NDArray[np.float32]
    plain: NDArray[np.float16]
    random: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.patients)


def embed_all(
    model: ConfiguredModel,
    rows: Iterable[Row],
    codes: Sequence[str],
    progress: Callable[[int], None],
    by_random: Encode | None = None,
) -> Embedded:
    """Reads and embeds rows, at least one; `codes` names the columns of `carried`.

    Args:
        by_random: makes `random`; by default `random_encoder` of the model's shape.

    Raises:
        MissingPackageError: torch is not installed.
    """
    place = {code: column for column, code in enumerate(codes)}
    by_random = by_random or random_encoder(model.config.encoder)
    parts: list[tuple[NDArray[Any], ...]] = []
    done = 0
    for batch in chunks(rows, BATCH):
        ecgs = [row.ecg() for row in batch]
        first = _first_windows(ecgs, model.config.preparation)
        flat = first.reshape(len(ecgs), -1)
        plain = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-6)
        carried = np.zeros((len(batch), len(codes)), np.bool_)
        for line, row in zip(carried, batch, strict=True):
            line[[place[s.code] for s in row.statements if s.code in place]] = True
        patients = np.array([row.patient or row.record for row in batch])
        parts.append((patients, carried, *model.run(ecgs), plain.astype(np.float16), by_random(first)))
        done += len(batch)
        progress(done)
    return Embedded(*(np.concatenate(column) for column in zip(*parts, strict=True)))


def untrained(config: ModelConfig, rows: Iterable[Row]) -> Encode:
    """The random-weight encoder of a model's shape that has met these ECGs, as `random_encoder` says.

    Raises:
        MissingPackageError: torch is not installed.
    """
    return random_encoder(config.encoder, _first_windows([row.ecg() for row in rows], config.preparation))


def _first_windows(ecgs: Sequence[ECG], how: Preparation) -> NDArray[np.float32]:
    prepared = prepare(ecgs, how)
    return prepared.signal[np.flatnonzero(np.diff(prepared.owner, prepend=-1))]


def random_encoder(encoder: Encoder, met: NDArray[np.float32] | None = None) -> Encode:
    """Prepared signals (n, 12, samples) to embeddings (n, width) of length 1, by fresh weights (seed 0).

    Args:
        met: signals (m, 12, samples) that batch normalisation takes its means and variances from. Without any it
            normalises nothing, which makes a weaker baseline than an untrained network is.
    """
    try:
        import torch
    except ImportError:
        raise MissingPackageError(
            "The baseline with random weights needs torch.", "pip install 'einthoven[train,eval]'"
        ) from None
    from einthoven.models.encoders.build import build_encoder

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build_encoder(encoder)
        norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm1d)]
        for norm in norms:
            norm.momentum = None  # the statistics of what it meets, with no share of where it started
        if norms and met is not None:
            with torch.no_grad():
                network.train()(torch.from_numpy(met))
        network.eval()

    def encode(signal: NDArray[np.float32]) -> NDArray[np.float32]:
        with torch.inference_mode():
            pooled = network(torch.from_numpy(np.ascontiguousarray(signal)))[1]
            return np.asarray(torch.nn.functional.normalize(pooled, dim=-1).numpy(), np.float32)

    return encode
