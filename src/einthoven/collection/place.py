"""Where a collection lies: a folder of this machine, or the URI of one on object storage (s3://, gs://, az://, file://).

Lance opens both. What else lies beside the tables goes through Lance's own access to object storage, so one set of
settings holds for all of it: the usual environment variables (AWS_ACCESS_KEY_ID, AWS_REGION, AWS_ENDPOINT ...).
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from pathlib import Path

from einthoven.collection.trouble import lance_trouble
from einthoven.ecg import CollectionError

Place = Path | str
_URI = re.compile(r"[a-z][a-z0-9+-]+://.+")


def is_uri(place: object) -> bool:
    """Whether this names a place on object storage.

    >>> is_uri("s3://ecgs/archive"), is_uri("archive"), is_uri(Path("s3"))
    (True, False, False)
    """
    return isinstance(place, str) and _URI.fullmatch(place) is not None


def within(place: Place, name: str) -> str:
    """Where a table of that name lies, as Lance takes it."""
    return str(place / name) if isinstance(place, Path) else f"{place.rstrip('/')}/{name}"


def has_table(place: Place, name: str) -> bool:
    """Whether a table of that name lies there, of which at least one version was written."""
    if isinstance(place, Path):
        return any((place / name).glob("_versions/*.manifest"))
    return any(found.startswith(f"{name}/_versions/") for found in Remote(place).names())


class Remote:
    """The files of a place on object storage, by their names within it.

    Raises:
        CollectionError: it cannot be reached, or this kind of place is unknown; so do all methods.
    """

    def __init__(self, uri: str) -> None:
        from lance.file import LanceFileSession

        self.uri = uri.rstrip("/")
        with self._trouble():
            self._session = LanceFileSession(self.uri)

    def names(self) -> list[str]:
        """All of them; none where nothing is."""
        with self._trouble():
            return sorted(str(name) for name in self._session.list())

    def fetch(self, name: str, folder: Path) -> None:
        """Copies one into a folder of this machine."""
        with self._trouble():
            self._session.download_file(name, str(folder / name))
        (folder / name).chmod(0o600)

    def put(self, folder: Path, name: str) -> None:
        """Copies one from a folder of this machine."""
        with self._trouble():
            self._session.upload_file(str(folder / name), name)

    def delete(self, name: str) -> None:
        """Deletes one."""
        with self._trouble():
            self._session.delete_file(name)

    def _trouble(self) -> AbstractContextManager[None]:
        return lance_trouble(
            f"{self.uri} cannot be reached", "Check the address, and the access that the environment gives."
        )


def require_folder(place: Place) -> None:
    """Refuses to change what lies on object storage, where no lock keeps two writers apart.

    Raises:
        CollectionError: it lies there.
    """
    if not isinstance(place, Path):
        raise CollectionError(
            f"{place} can be searched and embedded, but not changed, where it lies.",
            "Change the archive that it was pushed from, then push again: einthoven archive push DIR URI.",
        )
