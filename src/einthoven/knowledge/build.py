"""Filling a knowledge base from files: what is unchanged is not read, what is done stays done."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from einthoven.ecg import CollectionError, EinthovenError, FileError
from einthoven.formats.text import clean
from einthoven.knowledge.base import KnowledgeBase
from einthoven.knowledge.document import Document
from einthoven.knowledge.documents.read import documents_in, leads_out, require_size
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.reading import Reader
from einthoven.knowledge.split import split
from einthoven.knowledge.table import Source

COMMIT_S = 3.0
"""Seconds of reading that an interruption can cost, beside those of the document that is being read."""
COMMIT_PASSAGES = 500
_NAME_LETTERS = 200

Status = Literal["new", "changed", "unchanged", "same", "refused", "removed"]


@dataclass(frozen=True)
class Outcome:
    """What became of one source.

    Args:
        status: "same" is a copy of another source of this build.
        why: of a refusal; of a copy, whose.
        mend: what can be done about a refusal.
    """

    source: str
    status: Status
    pages: int | None = None
    passages: int = 0
    why: str = ""
    mend: str = ""
    notices: tuple[str, ...] = ()


def build(
    base: KnowledgeBase,
    sources: Iterable[Path],
    prune: bool = False,
    progress: Callable[[str], None] = lambda _: None,
    commit_s: float = COMMIT_S,
) -> list[Outcome]:
    """Reads files, and folders of them, into a base; a file that cannot be read is noted and passed over.

    A source is known by its name (in a folder, by its path below it) and the SHA-256 of its content. An interruption
    leaves all sources that were committed; the same build then goes on with the others.

    Args:
        prune: whether sources that are not named any more go, without trace. One that is named and was refused stays.
        progress: called with a few words.
        commit_s: see `COMMIT_S`.

    Raises:
        CollectionError: the base cannot be written.
    """
    run = _Run(base, commit_s, progress)
    with Reader() as reader:
        for name, path in _named(sources, run.refuse):
            run.take(name, path, reader)
    run.commit()
    outcomes = run.outcomes
    if prune:
        gone = sorted(set(base.sources()) - run.named)
        base.remove(gone)
        outcomes += [Outcome(name, "removed") for name in gone]
    if run.replaced or any(one.status == "removed" for one in outcomes):
        base.purge()
    return outcomes


def _named(sources: Iterable[Path], refuse: Callable[[str, EinthovenError], None]) -> Iterator[tuple[str, Path]]:
    for path in sources:
        if not path.is_dir():
            yield clean(path.name, _NAME_LETTERS), path
            continue
        try:
            found = documents_in(path)
            if not found:
                raise FileError("There is no document in the folder.", "PDF, EPUB, HTML, Markdown and text are read.")
        except EinthovenError as fault:
            refuse(clean(path.name or str(path), _NAME_LETTERS), fault)
            continue
        for one in found:
            name = clean(one.relative_to(path).as_posix(), _NAME_LETTERS)
            if leads_out(one, path):
                refuse(name, FileError("It is a link to a file outside of the folder.", "Name the file itself."))
            else:
                yield name, one


class _Run:
    def __init__(self, base: KnowledgeBase, commit_s: float, progress: Callable[[str], None]) -> None:
        self._base = base
        self._commit_s = commit_s
        self._progress = progress
        self._stored = base.sources()
        self._taken: dict[str, str] = {}
        self._waiting: list[tuple[Source, list[Passage]]] = []
        self._since = time.monotonic()
        self.named: set[str] = set()
        self.replaced = False
        self.outcomes: list[Outcome] = []

    def refuse(self, name: str, fault: EinthovenError) -> None:
        """Notes a source that cannot be read."""
        self.named.add(name)
        self.outcomes.append(Outcome(name, "refused", why=fault.message, mend=fault.mend))

    def take(self, name: str, path: Path, reader: Reader) -> None:
        """Reads one source, unless it is there already."""
        self._progress(f"{len(self.outcomes)} sources done; {name}")
        if name in self.named:
            return self.refuse(name, FileError("Another source has the same name.", "Rename one of them."))
        self.named.add(name)
        try:
            state = _state(path)
            sha256 = _hash_of(path)
            before = self._stored.get(name)
            if before is not None and before.sha256 == sha256:
                self._taken[sha256] = name
                self.outcomes.append(Outcome(name, "unchanged", before.pages, before.passages))
                return None
            if sha256 in self._taken:
                self.outcomes.append(Outcome(name, "same", why=f"the same content as {self._taken[sha256]}"))
                return None
            document = reader.read(path, lambda page: self._progress(f"{name}, page {page}"))
            if _state(path) != state:
                raise FileError("It changed while it was read.", "Give the same command again.")
            self._keep(name, sha256, document)
        except CollectionError:
            raise
        except EinthovenError as fault:
            self.refuse(name, fault)
        return None

    def commit(self) -> None:
        """Writes what was read since the last commit."""
        self._base.put(self._waiting)
        self._waiting, self._since = [], time.monotonic()

    def _keep(self, name: str, sha256: str, document: Document) -> None:
        passages = split(document, name, sha256)
        source = Source(name, sha256, document.kind, document.pages, len(passages))
        status: Status = "changed" if name in self._stored else "new"
        self._waiting.append((source, passages))
        self._taken[sha256] = name
        self.replaced |= status != "new"
        self.outcomes.append(Outcome(name, status, document.pages, len(passages), notices=document.notices))
        if (
            sum(len(some) for _, some in self._waiting) >= COMMIT_PASSAGES
            or time.monotonic() - self._since >= self._commit_s
        ):
            self.commit()


def _state(path: Path) -> tuple[int, int]:
    size = require_size(path)
    return size, path.stat().st_mtime_ns


def _hash_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise FileError(f"It cannot be read ({error.strerror}).", "Check its permissions.") from error
