"""A language model's embeddings as the function that a knowledge base is embedded by."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import UsageError
from einthoven.knowledge.embedding import Embedder
from einthoven.llm import Endpoint, Local


def embedder_of(model: Endpoint | Local) -> Embedder:
    """The model as an embedding function; its SHA-256 is of its name and address, or of its file's name and content.

    An endpoint that serves another model under the same name is not noticed. Repeated questions are asked once.

    Args:
        model: an endpoint, or a file that was opened with `embeds`.
    """
    where = model.address.base if isinstance(model, Endpoint) else "file"
    name = f"{model.model} at {where}" if isinstance(model, Endpoint) else model.name
    known: dict[str, NDArray[np.float32]] = {}

    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        if any(not text.strip() for text in texts):
            raise UsageError("There is nothing to look for in an empty text.", "Write what is looked for.")
        if len(texts) != 1:
            return model.embed(texts)
        if texts[0] not in known:
            known[texts[0]] = model.embed(texts)
        return known[texts[0]]

    sha256 = hashlib.sha256(json.dumps(["einthoven model embedding", 1, where, name]).encode()).hexdigest()
    return Embedder(name, sha256, embed)
