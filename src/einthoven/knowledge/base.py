"""The knowledge base: passages of sources in one Lance table, each source whole or not at all."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from einthoven.collection.lock import sole_writer
from einthoven.collection.private import bytes_on_disk, make_private
from einthoven.collection.purge import purge_table
from einthoven.collection.read import quoted
from einthoven.collection.trouble import lance_trouble
from einthoven.ecg import CollectionError
from einthoven.knowledge.embedding import LEXICAL, Embedder
from einthoven.knowledge.passage import Passage
from einthoven.knowledge.search import Found, Index, indexed_text
from einthoven.knowledge.table import KEY, TABLE, Source, check, embedder_in, passages_of, rows, schema, sources_of

if TYPE_CHECKING:
    import lance
    import pyarrow as pa

_READ_AGAIN = "Restore a copy, or build it again from its sources."
_WRITE_AGAIN = "Look for a full disk or missing permissions, then give the same command again."


class KnowledgeBase:
    """Passages with their vectors in a folder (0700). Make one with `open` or `create`, not by calling the class.

    Each change is one commit: what is interrupted leaves the version before it. One writer at a time; see
    `einthoven.knowledge.build` for filling it from files.
    """

    def __init__(self, path: Path, table: lance.LanceDataset, embedder: Embedder) -> None:
        self.path = path
        self.embedder = embedder
        self._table = table
        self._index: tuple[int, Index] | None = None

    @classmethod
    def exists(cls, path: str | Path) -> bool:
        """Whether there is one in a folder."""
        return any((Path(path) / TABLE).glob("_versions/*.manifest"))

    @classmethod
    def create(cls, path: str | Path, embedder: Embedder = LEXICAL) -> KnowledgeBase:
        """An empty one in a new or empty folder.

        Raises:
            CollectionError: the folder holds something already, or cannot be made.
        """
        import lance

        path = Path(path)
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # what an interruption can leave of a base that is being made
            taken = any(one.name not in {".lock", TABLE} for one in path.iterdir()) or cls.exists(path)
        except OSError as error:
            raise CollectionError(
                f"The folder cannot be made ({error.strerror}).", "Choose a path that you may write to."
            ) from error
        if taken:
            raise CollectionError(
                "The folder is not empty; a knowledge base needs one of its own.", "Choose another folder."
            )
        width = embedder(["electrocardiogram"]).shape[1]
        with sole_writer(path), _writing():
            empty = schema(embedder, width).empty_table()
            table = lance.write_dataset(empty, str(path / TABLE), mode="create")
            make_private(path)
        return cls(path, table, embedder)

    @classmethod
    def open(cls, path: str | Path, embedder: Embedder | None = LEXICAL) -> KnowledgeBase:
        """The one in a folder.

        Args:
            embedder: what it was embedded by; None to look at it only, not to search or fill it.

        Raises:
            CollectionError: none there, damaged, of another version, or embedded by another function.
        """
        import lance

        path = Path(path)
        if not cls.exists(path):
            raise CollectionError(
                "There is no knowledge base in this folder.",
                "Build one: einthoven knowledge build SOURCES --knowledge DIR.",
            )
        with lance_trouble("The knowledge base cannot be opened: it is damaged", _READ_AGAIN):
            table = lance.dataset(str(path / TABLE))
        embedder = embedder or embedder_in(table.schema)
        check(table.schema, embedder)
        return cls(path, table, embedder)

    def __len__(self) -> int:
        with _reading():
            return int(self._table.count_rows())

    @property
    def version(self) -> int:
        """Every change makes a new one."""
        return int(self._table.version)

    def sources(self) -> dict[str, Source]:
        """The sources by name."""
        return sources_of(self._columns(["source", "sha256", "kind", "pages", "number"]))

    def index(self) -> Index:
        """All passages in memory, ready to be searched; kept until the base changes."""
        if self._index is None or self._index[0] != self.version:
            passages, vectors = passages_of(self._columns(None))
            self._index = (self.version, Index(passages, self.embedder, vectors))
        return self._index[1]

    def search(self, text: str, k: int = 5, sources: Collection[str] | None = None) -> list[Found]:
        """See `Index.search`."""
        return self.index().search(text, k, sources)

    def put(self, batch: Sequence[tuple[Source, Sequence[Passage]]]) -> None:
        """Adds sources or replaces those of the same names, in one commit.

        Args:
            batch: each source with all of its passages.
        """
        import pyarrow as pa

        if not batch:
            return
        like = self._table.schema
        tables = []
        for source, passages in batch:
            vectors = self.embedder([indexed_text(passage) for passage in passages])
            tables.append(rows(passages, source.kind, source.pages, vectors, like))
        names = [source.name for source, _ in batch]
        gone = f"source IN ({', '.join(map(quoted, names))})"
        with sole_writer(self.path):
            self._refresh()
            with _writing():
                change = self._table.merge_insert(list(KEY)).when_matched_update_all().when_not_matched_insert_all()
                change.when_not_matched_by_source_delete(gone).execute(pa.concat_tables(tables))
                make_private(self.path)
            self._refresh()

    def remove(self, names: Iterable[str]) -> None:
        """Removes sources, in one commit; `purge` deletes their traces."""
        names = list(names)
        if names:
            with sole_writer(self.path):
                self._refresh()
                with _writing():
                    self._table.delete(f"source IN ({', '.join(map(quoted, names))})")
                    make_private(self.path)
                self._refresh()

    def purge(self) -> None:
        """Rewrites the files without what was removed or replaced; handles on older versions end."""
        with sole_writer(self.path):
            self._refresh()
            with _writing():
                purge_table(self._table)
                make_private(self.path)
            self._refresh()

    def info(self) -> dict[str, Any]:
        """What is in it, ready for JSON."""
        sources = self.sources()
        return {
            "path": str(self.path),
            "passages": len(self),
            "embedding": self.embedder.name,
            "embedding_sha256": self.embedder.sha256,
            "bytes": bytes_on_disk(self.path),
            "sources": [
                {
                    "source": one.name,
                    "kind": one.kind,
                    "pages": one.pages,
                    "passages": one.passages,
                    "sha256": one.sha256,
                }
                for one in sources.values()
            ],
        }

    def _columns(self, names: list[str] | None) -> pa.Table:
        with _reading():
            return self._table.to_table(columns=names)

    def _refresh(self) -> None:
        with _reading():
            self._table.checkout_latest()


def _reading() -> Any:
    return lance_trouble("The knowledge base cannot be read: a file of it is damaged or gone", _READ_AGAIN)


def _writing() -> Any:
    return lance_trouble("The knowledge base cannot be written; its last version is kept", _WRITE_AGAIN)
