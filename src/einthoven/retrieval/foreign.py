"""What an archive asks of a model; the bundled one offers it, and so can any other that turns ECGs into vectors."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, ModelError, Notice

LENGTH_TOLERANCE = 0.01


class EmbeddingModel(Protocol):
    """A model that archives can be embedded with.

    `sha256` (64 lower-case hexadecimal digits) names it: equal hashes promise equal embeddings. `codes`
    are those of its statement head, none without one. `embed` gives (n, d) float32 of length 1, `run` the
    same and probabilities (n, codes), `notices` what the model's preparation does to an ECG that its
    user should know.
    """

    @property
    def name(self) -> str: ...

    @property
    def sha256(self) -> str: ...

    @property
    def codes(self) -> tuple[str, ...]: ...

    def embed(self, ecgs: Sequence[ECG]) -> NDArray[np.float32]: ...

    def run(self, ecgs: Sequence[ECG]) -> tuple[NDArray[np.float32], NDArray[np.float32]]: ...

    def notices(self, ecg: ECG) -> tuple[Notice, ...]: ...


class ForeignModel:
    """Any function from ECGs to vectors as a model for archives; it has no statement head.

    Args:
        embed: n ECGs to (n, d) finite numbers; they are brought to length 1 here.
        name: what reports call it.
        sha256: names its weights; an archive refuses a model with another.

    >>> from einthoven.testing import simulate
    >>> model = ForeignModel(lambda ecgs: [[3.0, 4.0]] * len(ecgs), "my encoder", "ab" * 32)
    >>> model.embed([simulate()])
    array([[0.6, 0.8]], dtype=float32)
    """

    codes: tuple[str, ...] = ()

    def __init__(self, embed: Callable[[Sequence[ECG]], object], name: str, sha256: str) -> None:
        self.name = name
        self.sha256 = sha256
        self._embed = embed

    def embed(self, ecgs: Sequence[ECG]) -> NDArray[np.float32]:
        """Embeddings (n, d), L2-normalised."""
        try:
            found = np.asarray(self._embed(ecgs), np.float32)
        except (TypeError, ValueError) as fault:  # rows of different lengths, tensors of a GPU
            raise ModelError(
                f"{self.name} gives what is no array ({type(fault).__name__}).", "Give a NumPy array (n, d)."
            ) from fault
        if found.ndim != 2 or len(found) != len(ecgs) or not found.shape[1]:
            raise ModelError(
                f"{self.name} gives embeddings of shape {found.shape} for {len(ecgs)} ECGs.",
                "One row for each ECG is needed.",
            )
        length = np.linalg.norm(found, axis=-1, keepdims=True)
        if not (np.isfinite(length) & (length > 0)).all():
            raise ModelError(f"{self.name} gives vectors that are zero or not finite.", "Leave those ECGs out.")
        return np.asarray(found / length, np.float32)

    def run(self, ecgs: Sequence[ECG]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Embeddings (n, d), and probabilities (n, 0) of no code."""
        return self.embed(ecgs), np.empty((len(ecgs), 0), np.float32)

    def notices(self, ecg: ECG) -> tuple[Notice, ...]:
        """None: what a foreign model does to an ECG is not known here."""
        return ()


def checked(embedding: NDArray[np.float32], ecgs: int, name: str) -> NDArray[np.float32]:
    """The embeddings themselves, if they are (ecgs, d) of length 1.

    Raises:
        ModelError: another shape, or rows that are not finite or of another length.
    """
    if embedding.ndim != 2 or len(embedding) != ecgs:
        raise ModelError(
            f"{name} gives embeddings of shape {embedding.shape} for {ecgs} ECGs.", "One row for each ECG is needed."
        )
    off = np.abs(np.linalg.norm(embedding, axis=1) - 1)
    if not (off < LENGTH_TOLERANCE).all():  # also false for NaN
        raise ModelError(f"{name} gives embeddings that are not of length 1.", "Normalise them, as ForeignModel does.")
    return embedding
