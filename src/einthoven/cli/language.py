"""Options that name language models, and those that name an embedding function, for every command that takes one."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.knowledge.embedding import Embedder

Llm = Annotated[
    str | None,
    typer.Option("--llm", metavar="URL|FILE", help="A language model: an address, a .gguf file, or a .yaml of one."),
]
LlmModel = Annotated[
    str | None, typer.Option("--llm-model", metavar="NAME", help="The language model's name at that address.")
]
KeyFrom = Annotated[
    str | None, typer.Option("--key-from", metavar="ENV", help="The environment variable that holds its key.")
]
AllowRemote = Annotated[
    bool, typer.Option("--allow-remote", help="Texts may leave this machine; what goes where is said first.")
]
KeptOption = Annotated[
    Path | None,
    typer.Option("--kept", metavar="FILE", help="Keeps the language model's answers there, so that a run goes on."),
]
EmbedUrl = Annotated[
    str | None,
    typer.Option("--embed-url", metavar="URL|FILE", help="What embeds passages; named as in --llm."),
]
EmbedModel = Annotated[
    str | None, typer.Option("--embed-model", metavar="NAME", help="The embedding model's name at that endpoint.")
]
EmbedKeyFrom = Annotated[
    str | None, typer.Option("--embed-key-from", metavar="ENV", help="The environment variable that holds its key.")
]


def refuse_without_llm(
    llm: object, model: str | None, key_from: str | None, allow_remote: bool, kept: Path | None = None
) -> None:
    """Refuses options of a language model where none is named: they would be passed over.

    Raises:
        UsageError: `llm` names none, and one of the others is given.
    """
    if not llm and (model or key_from or allow_remote or kept):
        raise UsageError("No language model is named.", "Add --llm.")


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
