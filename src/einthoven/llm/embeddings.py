"""Embeddings of texts by a model behind an endpoint or in a file: batches out, one array in the order of the texts."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from einthoven.ecg import UsageError
from einthoven.llm.errors import EndpointError
from einthoven.llm.markers import sendable

EmbeddingArray = npt.NDArray[np.float32]
BATCH = 64


def embedded(post: Callable[[dict[str, Any]], Mapping[str, Any]], texts: Sequence[str]) -> EmbeddingArray:
    """Embeddings of texts, whatever order a server answers in.

    Args:
        post: sends the body of a request to /v1/embeddings, without the model's name, and returns its answer.
        texts: none of them empty, of which servers make nothing or nonsense.

    Returns:
        float32 of shape (texts, dimensions), L2-normalised; (0, 0) for no texts.

    Raises:
        EndpointError: not one embedding for each text, or one that is zero, not finite or of another length.
        UsageError: an empty text.
    """
    empty = [place for place, text in enumerate(texts) if not text.strip()]
    if empty:
        raise UsageError(f"Text {empty[0]} is empty and has no embedding.", "Leave it out.")
    found: list[EmbeddingArray] = []
    for start in range(0, len(texts), BATCH):
        batch = list(texts[start : start + BATCH])
        rows = _rows(post({"input": [sendable(text) for text in batch], "encoding_format": "float"}), len(batch))
        if found and rows.shape[1] != found[0].shape[1]:
            raise _wrong("changes the length of its embeddings")
        found.append(rows)
    return np.concatenate(found) if found else np.empty((0, 0), np.float32)


def _rows(reply: Mapping[str, Any], count: int) -> EmbeddingArray:
    data = reply.get("data")
    if not isinstance(data, list) or not all(isinstance(one, dict) for one in data):
        raise _wrong("answers without embeddings")
    if sorted(str(one.get("index")) for one in data) != sorted(map(str, range(count))):
        raise _wrong(f"answers with {len(data)} embeddings of {count} texts, or with wrong numbers on them")
    ordered = [one.get("embedding") for one in sorted(data, key=lambda one: int(one["index"]))]
    try:
        rows = np.array(ordered, np.float64)
    except (ValueError, TypeError, OverflowError):
        raise _wrong("answers with embeddings that are no lists of numbers of one length") from None
    if rows.ndim != 2 or rows.shape[1] == 0:
        raise _wrong("answers with embeddings that are no lists of numbers of one length")
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise _wrong("answers with an embedding that is zero or not finite")
    return np.asarray(rows / lengths, np.float32)


def _wrong(what: str) -> EndpointError:
    return EndpointError(f"The endpoint {what}.", "See whether the model is one for embeddings.")
