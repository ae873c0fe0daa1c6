"""Where the passages of a setting come from: the handbook, documents of others, or all of them in one search."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from einthoven.ecg import DataError
from einthoven.knowledge import handbook
from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.build import build
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.search import Index
from einthoven.knowledge.shelf import LOOKED_AT
from einthoven.knowledge.topics import Topic


class SearchedShelf:
    """Passages that are searched for a finding's names, as a knowledge base's are; of these the ones that name it.

    Args:
        name: what the setting is called.
        passages: of one source or of several.
    """

    def __init__(self, name: str, passages: Sequence[Passage]) -> None:
        self.name = name
        self._index = Index(passages)
        content = repr([(one.source, one.sha256, one.place, one.text) for one in passages])
        self.sha256 = hashlib.sha256(content.encode()).hexdigest()

    def about(self, topic: Topic, k: int) -> list[Passage]:
        """See `Shelf.about`."""
        found = self._index.search("; ".join(topic.names), LOOKED_AT)
        return [one.passage for one in found if topic.named_in(one.passage)][:k]


def read_sources(paths: Sequence[Path]) -> dict[str, tuple[Passage, ...]]:
    """The passages of each document, by its name, as `einthoven knowledge build` makes them.

    Raises:
        DataError: a document that cannot be read.
    """
    if not paths:
        return {}
    with tempfile.TemporaryDirectory() as folder:
        base = KnowledgeBase.create(Path(folder) / "base")
        refused = [one for one in build(base, paths) if one.status not in ("new", "same")]
        if refused:
            raise DataError(f"{refused[0].source}: {refused[0].why}", refused[0].mend)
        passages = base.index().passages
    return {name: tuple(one for one in passages if one.source == name) for name in base_names(passages)}


def base_names(passages: Sequence[Passage]) -> list[str]:
    """The sources of passages, in their order."""
    return list(dict.fromkeys(one.source for one in passages))


def shelves(documents: dict[str, tuple[Passage, ...]]) -> dict[str, SearchedShelf]:
    """The handbook alone, each document alone, and all together where there are any.

    All are searched in one way, by their text and headings: the handbook's other names and its codes are left out.
    """
    own = [replace(passage, codes=()) for section in handbook.sections() for passage in handbook.passages(section)]
    every = {"handbook": own, **{name: list(some) for name, some in documents.items()}}
    if documents:
        every["all together"] = [passage for some in list(every.values()) for passage in some]
    return {name: SearchedShelf(name, some) for name, some in every.items()}
