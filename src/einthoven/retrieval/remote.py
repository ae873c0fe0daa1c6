"""An archive on object storage: copied there whole, searched from anywhere."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from einthoven.collection.lock import LOCK
from einthoven.collection.place import Remote, is_uri
from einthoven.ecg import CollectionError, UsageError
from einthoven.retrieval.settings import KEY, SETTINGS, read_settings
from einthoven.retrieval.sums import SUMS, files_of

SMALL = (SETTINGS, KEY)


def fetched(uri: str) -> tempfile.TemporaryDirectory[str]:
    """Settings, key and index of an archive at a URI, in a folder that is gone when nobody holds it any more.

    Raises:
        CollectionError: no archive is there, or it cannot be reached.
    """
    remote = Remote(uri)
    names = remote.names()
    if SETTINGS not in names:
        raise CollectionError(f"There is no archive at {uri}.", "Push one there: einthoven archive push DIR URI.")
    scratch = tempfile.TemporaryDirectory(prefix="einthoven-archive-")
    for name in names:
        if name in SMALL or (name.startswith("index_") and "/" not in name):
            remote.fetch(name, Path(scratch.name))
    return scratch


def push(folder: Path, uri: str, with_key: bool = False) -> int:
    """Copies an archive to object storage, or brings the copy there up to date; returns how many files were sent.

    Data come first and the versions that name them last, so who reads meets the old state or the new one. Files that
    are no longer in the archive are deleted there.

    Args:
        with_key: also copy the secret under which patient ids are hashed. Without it, who searches there cannot tell
            a query's own patient from others.

    Raises:
        UsageError: not a URI. CollectionError: no archive here, something else there, or out of reach.
    """
    if not is_uri(uri):
        raise UsageError(f"'{uri}' is no place on object storage.", "Name a URI, such as s3://bucket/archive.")
    settings = read_settings(folder)
    remote = Remote(uri)
    there = set(remote.names())
    _require_same(remote, there, str(settings["name"]), uri)
    here = [name for name in (*files_of(folder), SUMS) if (folder / name).is_file()]
    here = [name for name in here if name != KEY or with_key]
    sent = [name for name in here if name not in there or "/data/" not in name]  # Lance writes those once
    for name in sorted(sent, key=_rank):
        remote.put(folder, name)
    for name in sorted(there - set(here) - {LOCK}):
        if name != KEY or not with_key:
            remote.delete(name)
    return len(sent)


def _rank(name: str) -> tuple[int, str]:
    if name == SETTINGS:
        return 4, name
    if name.endswith("latest_version_hint.json"):
        return 3, name
    return (2 if "/_versions/" in name else 1 if name.endswith(".json") else 0), name


def _require_same(remote: Remote, there: set[str], name: str, uri: str) -> None:
    """Refuses a place that holds something else: what is not in the archive would be deleted there."""
    if not there:
        return
    found = None
    if SETTINGS in there:
        with tempfile.TemporaryDirectory() as scratch:
            remote.fetch(SETTINGS, Path(scratch))
            found = json.loads((Path(scratch) / SETTINGS).read_text(encoding="utf-8")).get("name")
    if found != name:
        raise CollectionError(
            f"{uri} holds {'another archive' if found else 'something else than an archive'}.",
            "Choose a place of its own for this archive.",
        )
