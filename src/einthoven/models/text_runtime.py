"""The text side of a checkpoint at work: texts to embeddings by onnxruntime and tokenizers, without torch."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import MissingPackageError, ModelError, UsageError
from einthoven.formats.text import clean
from einthoven.models.session import open_session
from einthoven.models.text_config import TextConfig
from einthoven.models.weights import tensor_places

FILES = ("config.json", "model.safetensors", "model.onnx", "tokenizer.json")
LONGEST = 20_000
"""Characters of a text that are looked at."""
MEND = "Copy the checkpoint's folder text/ again."
BATCH = 256
UNKNOWN, PIECE = "[UNK]", 3


class Text:
    """The folder `text/` of a checkpoint, opened.

    Args:
        folder: `config.json`, `model.onnx` with its weights in `model.safetensors`, `tokenizer.json`.
        ecg_sha256: the hash of the checkpoint's ECG side.
        embedding: length of the ECG side's embeddings.
        threads: of onnxruntime; 0 takes all cores.

    Raises:
        ModelError: a file is missing, cut short, of another version, or the text side of another ECG side.
        MissingPackageError: the package tokenizers is not installed.
    """

    def __init__(self, folder: Path, ecg_sha256: str, embedding: int, threads: int = 0) -> None:
        lacking = [name for name in FILES if not (folder / name).is_file()]
        if lacking:
            raise ModelError(f"The text side of the checkpoint lacks {', '.join(lacking)}.", MEND)
        self.folder = folder
        self.config = TextConfig.load(folder / "config.json")
        if self.config.ecg_sha256 != ecg_sha256:
            raise ModelError(
                f"The checkpoint's text side belongs to the ECG side {self.config.ecg_sha256[:12]}, "
                f"and this one is {ecg_sha256[:12]}: their embeddings cannot be compared.",
                "Delete the folder text/, or train one for this ECG side: einthoven train configs/text.yaml.",
            )
        tensor_places(folder / "model.safetensors")
        self._session = open_session(folder / "model.onnx", threads)
        self._whole, self._tokenizer = (_tokenizer(folder / "tokenizer.json", self.config) for _ in range(2))
        self._whole.no_truncation()
        self._check_shapes(embedding)

    @cached_property
    def sha256(self) -> str:
        """SHA-256 over the files that decide what it computes."""
        digest = hashlib.sha256()
        for name in FILES:
            digest.update((self.folder / name).read_bytes())
        return digest.hexdigest()

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeddings (n, d) of texts, L2-normalised; what is longer than `config.tokens` tokens is cut.

        Raises:
            UsageError: a text that holds nothing to read.
        """
        if isinstance(texts, str):
            raise UsageError("Texts are given in a list.", "Pass [text], not text.")
        said = [clean(text, LONGEST) for text in texts]
        if not said:
            return np.empty((0, self.config.embedding), np.float32)
        ids = [line.ids for line in self._tokenizer.encode_batch(said)]
        empty = next((text for text, line in zip(said, ids, strict=True) if not any(line)), None)
        if empty is not None:
            raise UsageError(f"There is nothing to read in the text '{clean(empty, 40)}'.", "Write words.")
        parts = [self._run(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH)]
        return np.concatenate(parts)

    def pieces(self, text: str) -> tuple[tuple[str, ...], ...]:
        """The pieces that each word of a text is read in, without marks; the whole text, also where it is too long."""
        found: dict[int, list[str]] = {}
        line = self._whole.encode(clean(text, LONGEST), add_special_tokens=False)
        for word, token in zip(line.word_ids, line.tokens, strict=True):
            if word is not None:
                found.setdefault(word, []).append(token)
        return tuple(map(tuple, found.values()))

    def read(self, text: str) -> float:
        """The share of a text's letters in words that it reads: known whole, or in pieces of 3 letters on average."""
        words = [[piece.removeprefix("##") for piece in word] for word in self.pieces(text)]
        letters = [sum(map(len, word)) for word in words]
        known = [
            count
            for word, count in zip(words, letters, strict=True)
            if UNKNOWN not in word and count >= len(word) * (PIECE if len(word) > 1 else 1)
        ]
        return sum(known) / max(sum(letters), 1)

    def _run(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        longest = max(map(len, ids))
        padded = np.array([[*line, *[0] * (longest - len(line))] for line in ids], np.int64)
        found: NDArray[np.float32] = self._session.run(["embedding"], {"ids": padded})[0]
        return found

    def _check_shapes(self, embedding: int) -> None:
        inputs = [(one.name, len(one.shape)) for one in self._session.get_inputs()]
        outputs = [(one.name, one.shape[1:]) for one in self._session.get_outputs()]
        lengths = {embedding, self.config.embedding}
        if inputs != [("ids", 2)] or outputs != [("embedding", [embedding])] or len(lengths) > 1:
            raise ModelError("The model.onnx of the checkpoint's text side does not fit its config.json.", MEND)


def _tokenizer(path: Path, config: TextConfig) -> Any:
    try:
        from tokenizers import Tokenizer
    except ImportError:
        raise MissingPackageError(
            "Reading texts needs a package that is not installed: tokenizers.", "Run pip install tokenizers."
        ) from None
    try:
        tokenizer = Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as fault:  # noqa: BLE001 - tokenizers raises bare Exception
        raise ModelError(f"The tokenizer.json of the checkpoint's text side cannot be read ({fault}).", MEND) from None
    if max(tokenizer.get_vocab().values(), default=0) >= config.vocabulary:
        raise ModelError("The tokenizer.json of the checkpoint's text side does not fit its config.json.", MEND)
    tokenizer.no_padding()
    tokenizer.enable_truncation(config.tokens)
    return tokenizer
