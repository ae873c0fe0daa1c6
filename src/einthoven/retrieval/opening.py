"""An archive's place: its folder or the copy of a remote one's small files, its collection, its settings."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from einthoven.collection import Collection, is_uri
from einthoven.collection.place import Remote
from einthoven.ecg import CollectionError
from einthoven.retrieval.foreign import EmbeddingModel
from einthoven.retrieval.remote import fetched
from einthoven.retrieval.settings import SETTINGS, read_settings, write_settings
from einthoven.retrieval.sums import seal


@dataclass(frozen=True)
class Opened:
    """What an archive is opened from.

    Args:
        path: its folder; of a remote one, where its settings, key and index were copied to.
        settings: as in `archive.json`.
        held: keeps the copied files as long as somebody uses them; None for a folder.
    """

    path: Path
    collection: Collection
    settings: dict[str, Any]
    held: object = None

    def require(self, model: EmbeddingModel) -> None:
        """Refuses a model that is not the one that embedded it."""
        if self.settings["model"]["sha256"] != model.sha256:
            raise CollectionError(
                f"The archive is embedded by {self.settings['model']['name']}, not by {model.name}.",
                f"Embed it anew first: einthoven archive embed {self.collection.place}.",
            )

    def write(self, **changes: Any) -> None:
        """Changes settings, here and where the archive lies."""
        self.settings.update(changes)
        write_settings(self.path, self.settings)
        if self.held is not None:
            Remote(str(self.collection.place)).put(self.path, SETTINGS)
        self.seal([SETTINGS])

    def seal(self, rewritten: Iterable[str] = ()) -> None:
        """Brings the list of checksums up to date; of a remote archive, its next push does."""
        if self.held is None:
            seal(self.path, rewritten)


def opened(place: str | Path, model: EmbeddingModel, any_model: bool) -> Opened:
    """The archive in a folder or at a URI; see `Archive.open`."""
    held = fetched(str(place)) if is_uri(place) else None
    path = Path(held.name if held else place)
    settings = read_settings(path)
    known = settings["model"]
    if known["sha256"] != model.sha256 and not any_model:
        raise CollectionError(
            f"The archive was embedded by {known['name']} ({known['sha256'][:12]}), "
            f"and this model is {model.name} ({model.sha256[:12]}).",
            f"Name the archive's own with --model, or embed it anew: einthoven archive embed {place}.",
        )
    collection = Collection.open_remote(str(place), path) if held else Collection.open(path)
    return Opened(path, collection, settings, held)
