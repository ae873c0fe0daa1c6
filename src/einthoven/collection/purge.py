"""Leaving no trace of removed rows in a Lance table's files."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import lance

FRAGMENT_ROWS = 65_536
"""Rows a file holds at most: what a purge rewrites for one removed row."""


def purge_table(table: lance.LanceDataset) -> None:
    """Rewrite files that hold removed rows, then delete all older versions and stray files.

    The metadata entry is what makes a new version in every case: the transaction that a
    version keeps quotes the filter of a deletion, ids and all, so the version that
    deleted must not be the last. Also goes what an interrupted write left behind. Blocks
    that the file system or a snapshot of it still holds are beyond this.
    """
    table.optimize.compact_files(
        target_rows_per_fragment=FRAGMENT_ROWS,
        materialize_deletions=True,
        materialize_deletions_threshold=0.0,
        batch_size=256,
    )
    table.update_metadata({"einthoven.purged": datetime.now(UTC).isoformat()})
    table.cleanup_old_versions(older_than=timedelta(0), delete_unverified=True, error_if_tagged_old_versions=False)
