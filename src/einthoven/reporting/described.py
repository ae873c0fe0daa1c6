"""What the statements of a draft look like by a knowledge base of the user's, in place of the handbook."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.extract import quotes_of
from einthoven.knowledge.shelf import BaseShelf
from einthoven.reporting.draft import Draft


def open_shelf(folder: Path) -> BaseShelf:
    """A knowledge base that `einthoven knowledge build` has made.

    Raises:
        CollectionError: there is none, or it cannot be read.
    """
    return BaseShelf(KnowledgeBase.open(folder))


def described_by(draft: Draft, shelf: BaseShelf) -> Draft:
    """The draft with what the shelf says of each statement; one that no passage of it names is not described."""
    statements = tuple(replace(one, described=quotes_of(shelf, one.code)) for one in draft.statements)
    return replace(draft, statements=statements, knowledge=str(shelf.base.path))
