"""Options that name language models, and those that name an embedding function, for every command that takes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.knowledge.embedding import Embedder

Llm = Annotated[
    str | None,
    typer.Option("--llm", metavar="URL|FILE", help="A language model: an endpoint's address, or a .gguf file."),
]
LlmModel = Annotated[str | None, typer.Option("--model", metavar="NAME", help="The model's name at that endpoint.")]
KeyFrom = Annotated[
    str | None, typer.Option("--key-from", metavar="ENV", help="The environment variable that holds its key.")
]
AllowRemote = Annotated[
    bool, typer.Option("--allow-remote", help="Texts may leave this machine; what goes where is said first.")
]
EmbedUrl = Annotated[
    str | None,
    typer.Option("--embed-url", metavar="URL|FILE", help="What embeds passages: an endpoint, or a .gguf file."),
]
EmbedModel = Annotated[
    str | None, typer.Option("--embed-model", metavar="NAME", help="The embedding model's name at that endpoint.")
]
EmbedKeyFrom = Annotated[
    str | None, typer.Option("--embed-key-from", metavar="ENV", help="The environment variable that holds its key.")
]


def open_embedder(url: str | None, model: str | None, key_from: str | None, allow_remote: bool) -> Embedder:
    """The embedding function that the options name; the one that comes with Einthoven where they name none."""
    from einthoven.knowledge.embedding import LEXICAL

    if url is None:
        if model is not None or key_from is not None:
            raise UsageError("Which endpoint embeds is not said.", "Add --embed-url.")
        return LEXICAL
    from einthoven.knowledge.embedding_model import embedder_of
    from einthoven.llm import open_llm

    return embedder_of(open_llm(url, model, key_from, allow_remote, embeds=True))
