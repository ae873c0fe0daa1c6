"""A checkpoint at work: embeddings and statement probabilities by onnxruntime, without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ECG, ModelError, Notice, SignalError
from einthoven.models.config import ModelConfig
from einthoven.models.preparation import preparation_notices, prepare
from einthoven.models.session import open_session
from einthoven.models.text_config import FOLDER
from einthoven.models.text_runtime import Text
from einthoven.models.weights import tensor_places

BUNDLED = Path(__file__).parent.parent / "assets" / "model"
FILES = ("config.json", "model.safetensors", "model.onnx")


class Model:
    """A checkpoint folder, opened.

    Args:
        folder: `config.json`, `model.onnx` and the weights that it names in `model.safetensors`.
        threads: of onnxruntime; 0 takes all cores.

    Raises:
        ModelError: a file is missing, cut short, of another version, or does not fit the others.
    """

    def __init__(self, folder: Path, threads: int = 0) -> None:
        self.folder = folder
        self.config = ModelConfig.load(folder / "config.json")
        self.sha256 = checkpoint_hash(folder)
        tensor_places(folder / "model.safetensors")  # onnxruntime does not mind an end that it does not use
        self._session = open_session(folder / "model.onnx", threads)
        self._check_shapes()
        self._threads = threads

    @property
    def name(self) -> str:
        """What the checkpoint calls itself."""
        return self.config.name

    @property
    def codes(self) -> tuple[str, ...]:
        """SCP codes, in the order of `predict`'s columns."""
        return self.config.codes

    def embed(self, ecgs: Sequence[ECG]) -> NDArray[np.float32]:
        """Embeddings (n, d), L2-normalised."""
        return self.run(ecgs)[0]

    def predict(self, ecgs: Sequence[ECG]) -> NDArray[np.float32]:
        """Probabilities (n, codes), uncalibrated: of each code's being stated in PTB-XL.

        Raises:
            ModelError: the model has no statement head.
        """
        if not self.codes:
            raise ModelError(
                f"{self.name} was trained without statements: it has no head that gives probabilities.",
                "Use its embedding (an archive votes on it), or fine-tune it on statements.",
            )
        return self.run(ecgs)[1]

    def run(self, ecgs: Sequence[ECG], batch: int = 64) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Embeddings (n, d) and probabilities (n, codes) in one pass; (n, 0) of a model without a head.

        Several windows of one ECG give the mean embedding, normalised again, and the highest probability.

        Args:
            batch: ECGs that are prepared, and windows that are computed, at a time.

        Raises:
            SignalError: an ECG has no valid sample.
        """
        if not ecgs:
            return np.empty((0, self.config.embedding), np.float32), np.empty((0, len(self.codes)), np.float32)
        silent = next((ecg for ecg in ecgs if not np.isfinite(ecg.signal).any()), None)
        if silent is not None:
            raise SignalError("An ECG without a single valid sample cannot be embedded.", "Leave it out.")
        parts = [self._run_prepared(ecgs[at : at + batch], batch) for at in range(0, len(ecgs), batch)]
        return np.concatenate([z for z, _ in parts]), np.concatenate([p for _, p in parts])

    @cached_property
    def text(self) -> Text | None:
        """The text side, opened when it is first asked for; None where the checkpoint has none.

        Raises:
            ModelError: it is damaged, or belongs to another ECG side.
            MissingPackageError: the package tokenizers is not installed.
        """
        folder = self.folder / FOLDER
        return Text(folder, self.sha256, self.config.embedding, self._threads) if folder.is_dir() else None

    def embed_text(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings (n, d) of texts in the space of the ECGs, L2-normalised.

        Raises:
            ModelError: there is no text side, or a damaged one.
        """
        if self.text is None:
            raise ModelError(
                f"The model {self.name} has no text side: it reads ECGs alone.",
                "Train one for it: einthoven train configs/text.yaml --set ecg_side=FOLDER.",
            )
        return self.text.embed(texts)

    def similarity(self, ecgs: Sequence[ECG], texts: Sequence[str]) -> NDArray[np.float32]:
        """Cosines (n, m) of ECGs and texts.

        Raises:
            ModelError: there is no text side, or a damaged one.
        """
        words = self.embed_text(texts)  # first: whatever is wrong with it is known before the ECGs are computed
        return self.embed(ecgs) @ words.T

    def notices(self, ecg: ECG) -> tuple[Notice, ...]:
        """What the model's preparation does to this ECG that its user should know."""
        return preparation_notices(ecg, self.config.preparation)

    def _run_prepared(self, ecgs: Sequence[ECG], batch: int) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        inputs = prepare(ecgs, self.config.preparation)
        names = ["embedding", "logits"] if self.codes else ["embedding"]
        parts = [
            self._session.run(
                names,
                {"signal": inputs.signal[at : at + batch], "valid": inputs.valid[at : at + batch].astype(np.float32)},
            )
            for at in range(0, len(inputs.owner), batch)  # an hour has 360 windows
        ]
        embedding, *rest = (np.concatenate(column) for column in zip(*parts, strict=True))
        logits = rest[0] if rest else np.empty((len(embedding), 0), np.float32)
        if len(inputs.owner) > len(ecgs):
            starts = inputs.first
            embedding = np.add.reduceat(embedding, starts)
            embedding /= np.linalg.norm(embedding, axis=1, keepdims=True)
            logits = np.maximum.reduceat(logits, starts) if rest else logits[: len(starts)]
        return embedding, np.exp(-np.logaddexp(np.float32(0), -logits))

    def _check_shapes(self) -> None:
        found = {one.name: one.shape[1:] for one in (*self._session.get_inputs(), *self._session.get_outputs())}
        samples = self.config.preparation.samples
        wanted = {"signal": [12, samples], "valid": [samples], "embedding": [self.config.embedding]}
        if found != (wanted | {"logits": [len(self.codes)]} if self.codes else wanted):
            raise ModelError(
                f"The model.onnx in {self.folder.name} does not fit its config.json.", "Copy the checkpoint again."
            )


def load_model(name: str | Path | None = None, threads: int = 0) -> Model:
    """Opens a checkpoint: the bundled one (None), a folder, or a name on the Hugging Face hub.

    Only a hub name makes a network connection.

    Raises:
        ModelError: there is no such checkpoint, or it is damaged.
    """
    if name is None:
        return Model(BUNDLED, threads)
    folder = Path(name)
    if folder.is_dir():
        return Model(folder, threads)
    if isinstance(name, str) and name.count("/") == 1 and not name.startswith((".", "/", "~")):
        return Model(_from_hub(name), threads)
    raise ModelError(f"There is no checkpoint folder {name}.", "Name a folder that holds config.json and model.onnx.")


def checkpoint_hash(folder: Path) -> str:
    """SHA-256 over the files that decide what a checkpoint computes."""
    digest = hashlib.sha256()
    for file in FILES:
        try:
            digest.update((folder / file).read_bytes())
        except OSError:
            raise ModelError(
                f"The checkpoint {folder.name} lacks {file}.", "Copy the whole folder, or export it again."
            ) from None
    return digest.hexdigest()


def _from_hub(name: str) -> Path:
    try:
        from huggingface_hub import snapshot_download
    except ImportError:
        raise ModelError(
            f"{name} is no folder here; to fetch it from the hub, huggingface_hub is needed.",
            "Run pip install huggingface_hub, or name a checkpoint folder.",
        ) from None
    try:
        return Path(snapshot_download(name, allow_patterns=[*FILES, "tokenizer.json", "README.md", f"{FOLDER}/*"]))
    except Exception as fault:  # noqa: BLE001 - unrelated classes of the hub and of its HTTP library
        reason = (str(fault).splitlines() or [type(fault).__name__])[0][:200]
        raise ModelError(
            f"There is no folder {name} here, and the hub does not give it ({reason}).",
            "Name a checkpoint folder, or check the name and the connection.",
        ) from None
