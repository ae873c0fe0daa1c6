"""The assistant that a command line asks for; what its options leave open, a settings file says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.cli.language import open_embedder
from einthoven.ecg import CollectionError, UsageError

if TYPE_CHECKING:
    from einthoven.knowledge.base import KnowledgeBase
    from einthoven.knowledge.describe import Assistant
    from einthoven.knowledge.embedding import Embedder
    from einthoven.llm.config import AssistantSettings


@dataclass(frozen=True)
class Wanted:
    """The options of `einthoven describe`; None where nothing was said."""

    k: int | None
    knowledge: Path | None
    sources: tuple[str, ...]
    llm: str | None
    model: str | None
    key_from: str | None
    prompt: str | None
    cache: Path | None
    out: Path | None
    embed_url: str | None
    embed_model: str | None
    embed_key_from: str | None
    allow_remote: bool
    config: Path | None


def assistant(wanted: Wanted, show: Callable[[str], None]) -> Assistant:
    """What the options name, and where they say nothing, what the settings say.

    Raises:
        UsageError: options that cannot be meant together.
        EinthovenError: what is not there, or may not be used.
    """
    from einthoven.knowledge.describe import PASSAGES, Assistant
    from einthoven.knowledge.kept import Kept
    from einthoven.knowledge.prompts import STANDARD
    from einthoven.llm import open_llm
    from einthoven.llm.config import read_assistant

    settings = read_assistant(wanted.config) if wanted.config else None
    _check(wanted, settings)
    chat = None
    if wanted.llm is not None:
        chat = open_llm(wanted.llm, wanted.model, wanted.key_from, wanted.allow_remote)
    elif settings is not None and settings.chat is not None:
        chat = settings.chat.open(wanted.allow_remote)
    k = wanted.k or (settings.k if settings else PASSAGES)
    prompt = wanted.prompt or (settings.prompt if settings else STANDARD)
    made = Assistant(None, k, chat, prompt)  # what is wrong with these is said before any book is read
    if wanted.knowledge is not None:
        from einthoven.knowledge.shelf import BaseShelf

        base, names = _base(wanted, settings, show)
        made.shelf = BaseShelf(base, wanted.sources or names)
    cache = wanted.cache or (wanted.out.with_name(wanted.out.name + ".kept") if wanted.out else None)
    if chat is not None and cache is not None:
        made.kept = Kept(cache)
    return made


def _check(wanted: Wanted, settings: AssistantSettings | None) -> None:
    chats = wanted.llm is not None or (settings is not None and settings.chat is not None)
    if not chats:
        given = {"--prompt": wanted.prompt, "--cache": wanted.cache, "--llm-model": wanted.model}
        for name, value in (given | {"--key-from": wanted.key_from}).items():
            if value is not None:
                raise UsageError(f"{name} is for a language model, and none is named.", "Add --llm URL or FILE.")
    elif wanted.llm is None and (wanted.model is not None or wanted.key_from is not None):
        raise UsageError("--llm-model and --key-from go with --llm.", "Add --llm, or change the settings file.")
    if wanted.knowledge is None:
        if settings is not None:
            raise UsageError(
                "The settings' sources need a folder for their knowledge base.",
                "Add --knowledge DIR; it is made from them, and used again.",
            )
        if wanted.sources or wanted.embed_url is not None:
            raise UsageError("--source and --embed-url are for a knowledge base.", "Add --knowledge DIR.")


def _base(
    wanted: Wanted, settings: AssistantSettings | None, show: Callable[[str], None]
) -> tuple[KnowledgeBase, tuple[str, ...]]:
    """The knowledge base, and which of its sources count: all (none named), or those of the settings."""
    from einthoven.knowledge.base import KnowledgeBase

    assert wanted.knowledge is not None
    embedder = open_embedder(wanted.embed_url, wanted.embed_model, wanted.embed_key_from, wanted.allow_remote)
    if settings is None or wanted.config is None:
        return KnowledgeBase.open(wanted.knowledge, embedder), ()
    if wanted.embed_url is None and settings.embedding is not None:
        embedder = _settings_embedder(settings, wanted.allow_remote)
    files = settings.files(wanted.config.parent)
    return _filled(wanted.knowledge, files, embedder, show)


def _settings_embedder(settings: AssistantSettings, allow_remote: bool) -> Embedder:
    at = settings.embedding
    assert at is not None
    return open_embedder(at.url, at.model, at.key_from, allow_remote)


def _filled(
    folder: Path, files: tuple[Path, ...], embedder: Embedder, show: Callable[[str], None]
) -> tuple[KnowledgeBase, tuple[str, ...]]:
    """The base with these files in it; what has not changed is not read again."""
    from einthoven.knowledge.base import KnowledgeBase
    from einthoven.knowledge.build import build

    make = KnowledgeBase.open if KnowledgeBase.exists(folder) else KnowledgeBase.create
    base = make(folder, embedder)
    outcomes = build(base, files, progress=show)
    refused = [one for one in outcomes if one.status == "refused"]
    if refused:
        raise CollectionError(f"{refused[0].source} of the settings cannot be read: {refused[0].why}", refused[0].mend)
    return base, tuple(one.source for one in outcomes if one.status != "same")
