"""The language model at a place: in a GGUF file, or behind an address."""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg import UsageError
from einthoven.llm.endpoint import Endpoint
from einthoven.llm.local import Local


def open_at(
    where: str,
    model: str | None = None,
    key_from: str | None = None,
    allow_remote: bool = False,
    embeds: bool = False,
) -> Endpoint | Local:
    """The model at `where`.

    Args:
        where: the path of a .gguf file, or the address of an endpoint.
        model: the endpoint's model; a file has none.
        key_from: the environment variable that holds the endpoint's key.
        allow_remote: whether the endpoint may be on another machine.
        embeds: whether a file is opened for embeddings, too; an endpoint needs no telling.

    Raises:
        UsageError: neither a file nor an address, or an address without a model.
        EinthovenError: what `Endpoint` and `Local` refuse.
    """
    if "://" in where:
        if model is None:
            raise UsageError("The endpoint's model is not named.", "Name one that it offers.")
        return Endpoint(where, model, key_from, allow_remote)
    if Path(where).suffix.lower() != ".gguf":
        raise UsageError(
            "The language model is neither an address nor a .gguf file.",
            "Give one like http://localhost:11434/v1, a GGUF file, or a .yaml of one (docs/llm.md).",
        )
    return Local(where, embeds=embeds)
