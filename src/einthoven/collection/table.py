"""The collection: one Lance table of ECGs, versioned, written whole or not at all."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from einthoven.collection import embeddings as beside
from einthoven.collection.batches import to_batch
from einthoven.collection.info import summary
from einthoven.collection.lock import LOCK, sole_writer
from einthoven.collection.place import Place, has_table, require_folder, within
from einthoven.collection.private import make_private
from einthoven.collection.purge import FRAGMENT_ROWS, purge_table
from einthoven.collection.read import quoted, read_columns, read_rows, read_signals, read_units
from einthoven.collection.row import Row
from einthoven.collection.schema import arrow_schema, check_schema
from einthoven.collection.stream import OnDuplicate, chunks, feed, fresh
from einthoven.collection.trouble import lance_trouble, reading_trouble, writing_trouble
from einthoven.ecg import CollectionError, Floats, Signal, UsageError

if TYPE_CHECKING:
    import lance
    import pyarrow as pa

TABLE = "ecgs.lance"


def is_collection(path: Path) -> bool:
    """Whether a folder holds a collection, of which at least an empty version was written."""
    return any((path / TABLE).glob("_versions/*.manifest"))


class Collection:
    """ECGs in one table: signals, text, statements, patients, and embeddings beside them.

    A collection is a folder (0700). Each change is one commit: who opened the collection
    before goes on reading the version they opened, a change that is interrupted leaves
    the last version, and one writer at a time holds the lock. Make one with `create` or
    `open`, not by calling the class. A handle must not be shared with a forked process:
    open the collection again there.
    """

    def __init__(self, path: Path, table: lance.LanceDataset, place: Place | None = None) -> None:
        self.path = path
        self.place: Place = path if place is None else place
        self._table = table
        self._places: tuple[int, dict[str, int]] | None = None

    @classmethod
    def create(cls, path: str | Path) -> Collection:
        """An empty collection in a new folder, readable by its owner only.

        Raises:
            CollectionError: the folder holds something already, or cannot be made.
        """
        import lance

        path = Path(path)
        try:
            path.mkdir(mode=0o700, parents=True, exist_ok=True)
            # What was killed while it made a table has left a lock and a table without a version: that is nothing yet.
            taken = is_collection(path) or any(one.name not in (TABLE, LOCK) for one in path.iterdir())
        except OSError as error:
            raise CollectionError(
                f"The folder cannot be made ({error.strerror}).", "Choose a path that you may write to."
            ) from error
        if taken:
            raise CollectionError(
                "The folder is not empty; a collection needs one of its own.",
                "Open the collection that is there, or choose another folder.",
            )
        with sole_writer(path), writing_trouble():
            table = lance.write_dataset(arrow_schema().empty_table(), str(path / TABLE), mode="create")
            make_private(path)
        return cls(path, table)

    @classmethod
    def open(cls, path: str | Path, version: int | None = None) -> Collection:
        """The collection in a folder, at its latest or an older version.

        Raises:
            CollectionError: none there, damaged, no such version, or another schema version.
        """
        import lance

        path = Path(path)
        if not is_collection(path):
            raise CollectionError(
                f"There is no collection in {path}.",
                "Check the path. `einthoven data prepare` makes one of a public data set, `einthoven archive build` of "
                "ECGs of your own.",
            )
        what = "The collection cannot be opened: it is damaged"
        with lance_trouble(
            what if version is None else f"Version {version} of the collection cannot be opened",
            "Restore a copy, or build it again from its source files."
            if version is None
            else "Versions before a purge are gone; open the latest one.",
        ):
            table = lance.dataset(str(path / TABLE), version=version)
        check_schema(table.schema)
        return cls(path, table)

    @classmethod
    def open_remote(cls, uri: str, path: Path, version: int | None = None) -> Collection:
        """The collection at a URI on object storage, which can be read, and given embeddings.

        Args:
            path: a folder of this machine for what must lie on one, such as the lock.

        Raises:
            CollectionError: none there, out of reach, or of another schema version.
        """
        import lance

        if not has_table(uri, TABLE):
            raise CollectionError(f"There is no collection at {uri}.", "Check the address, or push an archive there.")
        with reading_trouble():
            table = lance.dataset(within(uri, TABLE), version=version)
        check_schema(table.schema)
        return cls(path, table, uri)

    @property
    def version(self) -> int:
        """The version that this handle reads; every append, removal and purge makes a new one."""
        return int(self._table.version)

    @property
    def uri(self) -> str:
        """Where the Lance table of the rows lies, for programs that read Lance themselves."""
        return str(self._table.uri)

    def __len__(self) -> int:
        with reading_trouble():
            return int(self._table.count_rows())

    def append(self, rows: Iterable[Row], batch: int = 256, on_duplicate: OnDuplicate = "error") -> int:
        """Add rows in one commit, all or none; `batch` rows are in memory at a time.

        Returns:
            How many were added.

        Raises:
            CollectionError: a record id that is taken (with "error"), another writer at
                work, or a failed write. What `rows` raises comes through as it is.
        """
        import lance

        require_folder(self.place)
        with sole_writer(self.path):
            self._refresh()
            schema = self._table.schema
            taken = set(self.columns(["record"])["record"])
            before = len(taken)
            batches = (to_batch(some, schema) for some in chunks(fresh(rows, taken, on_duplicate), batch))
            first = next(batches, None)
            if first is None:
                return 0

            def write(reader: pa.RecordBatchReader) -> lance.LanceDataset:
                with writing_trouble():
                    return lance.write_dataset(reader, self._table, mode="append", max_rows_per_file=FRAGMENT_ROWS)

            try:
                self._table = feed(chain([first], batches), schema, write)
            finally:
                make_private(self.path)
            return len(taken) - before

    def remove(self, records: Iterable[str] = (), patients: Iterable[str] = ()) -> int:
        """Remove ECGs by record id, by patient, or both, with their embeddings.

        They stay in older versions, and in the files, until `purge`.

        Returns:
            How many ECGs were removed.
        """
        groups = {"record": list(records), "patient": list(patients)}
        if isinstance(records, str) or isinstance(patients, str) or not any(groups.values()):
            raise UsageError("Nothing is named that could be removed.", "Pass a list of records or patients.")
        where = " OR ".join(f"{column} IN ({', '.join(map(quoted, ids))})" for column, ids in groups.items() if ids)
        require_folder(self.place)
        with sole_writer(self.path):
            self._refresh()
            with writing_trouble():
                removed = int(self._table.delete(where)["num_deleted_rows"])
                self._refresh()
            beside.forget_orphans(self.path, self.keys(), purge=False)
            make_private(self.path)
        return removed

    def purge(self) -> None:
        """Delete older versions and every trace of removed ECGs from the files.

        Handles on older versions can no longer be read after this.
        """
        require_folder(self.place)
        with sole_writer(self.path):
            self._refresh()
            with writing_trouble():
                purge_table(self._table)
                self._refresh()
            beside.forget_orphans(self.path, self.keys(), purge=True)
            make_private(self.path)

    def rows(self, columns: Sequence[str] | None = None, where: str | None = None, batch: int = 256) -> Iterator[Row]:
        """Rows in table order, streamed.

        Args:
            columns: the optional fields of `Row` to read ("signal" and "scale" go
                together); the others keep the defaults of `Row`, which then mean "not
                read". None reads all.
            where: a filter in SQL, such as "fold < 9 AND sex = 'female'"; put text that
                comes from outside through `quoted`.
            batch: rows read at a time.
        """
        return read_rows(self._table, columns, where, batch)

    def columns(self, names: Sequence[str], where: str | None = None) -> dict[str, Any]:
        """Whole columns, in table order.

        Numbers come as arrays: null is NaN in `age` and `scale`, NaT in `time`, and -1 in
        `fold`. Text comes as a list with None for null, `notices` and `derived` as a list
        of lists. `codes` is a list of tuples: the codes of the statements alone.
        """
        return read_columns(self._table, names, where)

    def signals(self, which: Sequence[str] | Sequence[int]) -> Signal:
        """Signals (b, 12, samples), float32 mV, of some records, in the order asked for.

        Args:
            which: record ids, or positions in table order (of this version).

        Raises:
            CollectionError: an unknown record, no signal kept, or lengths that differ.
        """
        names = [one for one in which if isinstance(one, str)]
        if names and len(names) < len(which):
            raise UsageError("Record ids and positions are mixed.", "Pass one kind.")
        return read_signals(self._table, self._place(names) if names else [int(one) for one in which])

    def units(self, places: Sequence[int]) -> tuple[NDArray[np.int16], Floats]:
        """As `signals` of some positions, as they are stored: int16 (b, 12, samples), and mV a unit (b,)."""
        return read_units(self._table, places)

    def embeddings(self, model_sha256: str) -> tuple[list[str], Signal]:
        """Record ids (n) and embeddings (n, d) float32 of one model, in table order.

        Rows without one are left out; `without_embedding` names them.

        Raises:
            CollectionError: nothing was embedded with this model.
        """
        table = beside.open_embeddings(self.place, model_sha256)
        if table is None:
            raise CollectionError(
                "Nothing in this collection was embedded with this model.",
                "Embed it with `einthoven archive embed`.",
            )
        rows = self.keys()
        matrix, here = beside.read_embeddings(table, rows)
        return rows["record"].take(here).to_pylist(), matrix

    def without_embedding(self, model_sha256: str) -> list[str]:
        """Records that have no embedding of this model, in table order."""
        rows = self.keys()
        table = beside.open_embeddings(self.place, model_sha256)
        every: list[str] = rows["record"].to_pylist()
        if table is None:
            return every
        _, here = beside.read_embeddings(table, rows)
        return [every[place] for place in np.setdiff1d(np.arange(len(every)), here)]

    def embeddings_version(self, model_sha256: str) -> int | None:
        """Version of a model's embeddings, beside `version` the key of an index; None without any."""
        table = beside.open_embeddings(self.place, model_sha256)
        return None if table is None else int(table.version)

    def set_embeddings(self, model_sha256: str, records: Sequence[str], matrix: Floats, dtype: str = "float16") -> None:
        """Add or replace the embeddings (n, d) of some records, in one commit.

        Args:
            dtype: "float16", "float32", or "int8" (a quarter, for embeddings of length 1: cosines stay within .001).

        Raises:
            CollectionError: records that are unknown or named twice, another width or
                dtype than is stored, another writer at work, or a failed write.
        """
        with sole_writer(self.path):
            self._refresh()
            if len(set(records)) != len(records):
                raise CollectionError("A record is named twice.", "Pass each record once.")
            places = self._place(records)
            hashes = self.keys()["sha256"].take(places).to_pylist()
            beside.write_embeddings(self.place, model_sha256, records, hashes, matrix, dtype)
            make_private(self.path)

    def drop_embeddings(self, model_sha256: str) -> None:
        """Delete a model's embeddings for good."""
        require_folder(self.place)
        with sole_writer(self.path):
            beside.drop_embeddings(self.path, model_sha256)

    def info(self) -> dict[str, Any]:
        """What is in the collection, ready for JSON: counts, sources, folds, embeddings, bytes."""
        return summary(self)

    def keys(self) -> pa.Table:
        """Arrow table of `record` and `sha256`, in table order: what embeddings are joined on."""
        with reading_trouble():
            return self._table.to_table(columns=["record", "sha256"])

    def _place(self, records: Sequence[str]) -> list[int]:
        if self._places is None or self._places[0] != self.version:
            every = self.columns(["record"])["record"]
            self._places = (self.version, {record: place for place, record in enumerate(every)})
        places = [self._places[1].get(record, -1) for record in records]
        if -1 in places:
            raise CollectionError(
                f"{places.count(-1)} of {len(places)} records are not in the collection.",
                "Check the ids; columns(['record']) lists those that are there.",
            )
        return places

    def _refresh(self) -> None:
        with reading_trouble():
            self._table.checkout_latest()
