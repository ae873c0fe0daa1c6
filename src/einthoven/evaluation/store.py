"""What models made of ECGs, kept on disk: the next evaluation computes only what is new."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, Notice, UsageError
from einthoven.ecg.code import code_sha256
from einthoven.ecg.moving import move
from einthoven.evaluation.embedded import Run
from einthoven.models import ModelConfig
from einthoven.retrieval import EmbeddingModel

DECIDING = ("ecg", "signal", "models")
"""The rooms whose code decides what a model makes of an ECG."""
KEY_BYTES = 16

Pair = tuple[NDArray[Any], NDArray[Any]]


class Store:
    """A folder with one file a model, or baseline: of each ECG its embedding and its head's probabilities.

    An entry is found again by the model, by the code that prepares and runs it, and by the ECG's samples to the last
    bit; change any of them, and it is computed anew. Use it in a `with`: what is new is written at the end, also
    when that is an error or Ctrl-C.

    Raises:
        UsageError: the folder cannot be made, or a file not be written.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._shelves: dict[str, _Shelf] = {}
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as fault:
            raise UsageError(f"{folder} cannot be made ({fault.strerror}).", "Name another folder.") from None

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for shelf in self._shelves.values():
            shelf.save()

    def run(self, name: str, decides: str, run: Run) -> Run:
        """`run`, asked only for what is not kept; `decides` says all that its results depend on, but for the code."""
        digest = hashlib.sha256(f"{decides}|{code_hash()}".encode()).hexdigest()[:16]
        path = self.folder / f"{''.join(c if c.isalnum() else '-' for c in name)}-{digest}.npz"
        shelf = self._shelves.setdefault(path.name, _Shelf(path))
        return lambda ecgs: shelf.get(ecgs, run)

    def model(self, model: EmbeddingModel) -> KeptModel:
        """`model`, asked only for what is not kept."""
        return KeptModel(model, self.run(model.name, model.sha256, model.run))


class KeptModel:
    """A model whose results are kept; in all else the model itself, which is `original`."""

    def __init__(self, model: EmbeddingModel, run: Run) -> None:
        self.name, self.sha256, self.codes = model.name, model.sha256, model.codes
        self._model, self._run = model, run
        self.original = getattr(model, "original", model)

    @property
    def config(self) -> ModelConfig:
        """The model's own, where it has one."""
        config: ModelConfig = self._model.config  # type: ignore[attr-defined]
        return config

    def run(self, ecgs: Sequence[ECG]) -> Pair:
        """Embeddings (n, d) and probabilities (n, codes)."""
        return self._run(ecgs)

    def embed(self, ecgs: Sequence[ECG]) -> NDArray[Any]:
        """Embeddings (n, d)."""
        return self._run(ecgs)[0]

    def notices(self, ecg: ECG) -> tuple[Notice, ...]:
        """What the model's preparation does to an ECG."""
        return self._model.notices(ecg)


class _Shelf:
    """One file: keys (n, 16) of ECGs, embeddings (n, d), heads (n, codes)."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._rows: dict[bytes, tuple[NDArray[Any], NDArray[Any]]] = dict(_loaded(path))
        self._new = False

    def get(self, ecgs: Sequence[ECG], run: Run) -> Pair:
        keys = [key_of(ecg) for ecg in ecgs]
        lacking = [place for place, key in enumerate(keys) if key not in self._rows]
        if lacking or not ecgs:
            embedding, head = run([ecgs[place] for place in lacking])
            if not ecgs:
                return embedding, head
            self._rows.update(zip((keys[place] for place in lacking), zip(embedding, head, strict=True), strict=True))
            self._new = True
        found = [self._rows[key] for key in keys]
        return np.stack([row for row, _ in found]), np.stack([row for _, row in found])

    def save(self) -> None:
        if not self._new:
            return
        keys = np.frombuffer(b"".join(self._rows), np.uint8).reshape(-1, KEY_BYTES)
        embedding, head = (np.stack(column) for column in zip(*self._rows.values(), strict=True))
        new = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            with new.open("wb") as file:
                np.savez(file, keys=keys, embedding=embedding, head=head)
            move(new, self._path)
        except OSError as fault:
            new.unlink(missing_ok=True)
            raise UsageError(
                f"{self._path} cannot be written ({fault.strerror}).", "Name another folder for --kept."
            ) from None
        self._new = False


def _loaded(path: Path) -> Iterator[tuple[bytes, tuple[NDArray[Any], NDArray[Any]]]]:
    """What a file holds; nothing of one that is not there or is damaged, which is then written anew."""
    try:
        with np.load(path, allow_pickle=False) as file:
            keys, embedding, head = (file[name] for name in ("keys", "embedding", "head"))
    except Exception:  # noqa: BLE001 - zipfile, zlib and numpy raise many kinds for a damaged file
        return
    if keys.dtype != np.uint8 or keys.ndim != 2 or not len(keys) == len(embedding) == len(head):
        return
    for key, one, other in zip(keys, embedding, head, strict=True):
        yield key.tobytes(), (one, other)


def key_of(ecg: ECG) -> bytes:
    """What a model sees of an ECG: samples, rate, and whether its gain is known."""
    said = f"{ecg.rate!r}|{ecg.calibrated}|{ecg.signal.shape}|".encode()
    return hashlib.blake2b(said + np.ascontiguousarray(ecg.signal).tobytes(), digest_size=KEY_BYTES).digest()


@cache
def code_hash() -> str:
    """Of the code in the rooms that decide what a model makes of an ECG, and of what runs the network."""
    return code_sha256(DECIDING, version("onnxruntime"))
