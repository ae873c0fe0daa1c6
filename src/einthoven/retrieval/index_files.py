"""Where a search index is kept: one file of FAISS's, and one of JSON that names it, its hash and what it was made from.

The file of FAISS's is named by its hash and is in its place before the JSON that names it is moved over the old one:
who reads meets the old index or the new one, and an interruption leaves the old.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from einthoven.collection.lock import sole_writer
from einthoven.ecg import CollectionError
from einthoven.ecg.moving import move
from einthoven.retrieval import faiss_index as ann
from einthoven.retrieval.recall import Recall
from einthoven.retrieval.sums import seal

FORMAT = 1
AGAIN = "It is made again from the archive."


@dataclass(frozen=True)
class Manifest:
    """What an index was made from, and what it finds.

    Args:
        versions: of the table of ECGs, and of that of their embeddings.
        vectors: ECGs in it that are in the archive. `trained`: on how many its lists were made.
        effort: with which it is asked, for `recall`.
    """

    kind: ann.Kind
    model: str
    versions: tuple[int, int]
    vectors: int
    width: int
    trained: int
    effort: int
    recall: Recall
    file: str = ""
    sha256: str = ""
    bytes: int = 0


def manifest_path(folder: Path, model_sha256: str) -> Path:
    """Where an archive's index for a model is described."""
    return folder / f"index_{model_sha256[:12]}.json"


def read_manifest(folder: Path, model_sha256: str) -> Manifest | None:
    """The description of an index; None where there is none.

    Raises:
        CollectionError: damaged, of another format, or of another model.
    """
    try:
        found: dict[str, Any] = json.loads(manifest_path(folder, model_sha256).read_text(encoding="utf-8"))
        if found.pop("format") != FORMAT:
            raise ValueError
        values = found | {"recall": Recall(**found["recall"]), "versions": tuple(map(int, found["versions"]))}
        manifest = Manifest(**values)
        good = manifest.kind in ann.KINDS and len(manifest.versions) == 2 and Path(manifest.file).name == manifest.file
        numbers = (manifest.vectors, manifest.width, manifest.trained, manifest.effort, manifest.bytes)
        if not good or not all(isinstance(one, int) and one > 0 for one in numbers):
            raise ValueError
        if not 0 <= manifest.recall.recall <= 1:
            raise ValueError
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise CollectionError("The description of the search index is damaged.", AGAIN) from None
    if manifest.model != model_sha256:
        raise CollectionError("The search index belongs to another model.", AGAIN)
    return manifest


def read_index(folder: Path, manifest: Manifest) -> Any:
    """The index that a description names, its hash checked before FAISS sees it.

    Raises:
        CollectionError: it is gone, or not what was written.
    """
    try:
        if (folder / manifest.file).stat().st_size != manifest.bytes:
            raise CollectionError("The search index has another size than was written.", AGAIN)
        content = (folder / manifest.file).read_bytes()
    except OSError:
        raise CollectionError("The search index is gone.", AGAIN) from None
    if hashlib.sha256(content).hexdigest() != manifest.sha256:
        raise CollectionError("The search index is not what was written: its checksum differs.", AGAIN)
    index = ann.from_bytes(content, manifest.width)
    if ann.kind_of(index) != manifest.kind:
        raise CollectionError("The search index is of another kind than is written of it.", AGAIN)
    return index


def write_index(folder: Path, manifest: dict[str, Any], index: Any) -> Manifest:
    """Keeps an index and its description, and clears away the one before.

    Args:
        manifest: the fields of `Manifest` but for the last three.

    Raises:
        CollectionError: the folder cannot be written, or somebody else is writing to it.
    """
    content = ann.to_bytes(index)
    digest = hashlib.sha256(content).hexdigest()
    name = f"index_{manifest['model'][:12]}_{digest[:12]}.faiss"
    kept = Manifest(**manifest, file=name, sha256=digest, bytes=len(content))
    with sole_writer(folder):
        try:
            _put(folder / name, content)
            text = json.dumps({"format": FORMAT, **asdict(kept)}, indent=1) + "\n"
            _put(manifest_path(folder, kept.model), text.encode())
            for other in folder.glob(f"index_{kept.model[:12]}_*"):
                if other.name != name:
                    other.unlink()
        except OSError as fault:
            raise CollectionError(
                f"The search index cannot be written ({fault.strerror}).",
                "Check the disk and the folder's permissions.",
            ) from None
    seal(folder, [manifest_path(folder, kept.model).name])
    return kept


def drop_indexes(folder: Path) -> None:
    """Deletes all indexes of an archive: with what was removed from it, if that is to leave no trace."""
    for path in folder.glob("index_*"):
        path.unlink(missing_ok=True)


def _put(path: Path, content: bytes) -> None:
    new = path.with_name(path.name + ".new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_BINARY", 0), 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    move(new, path)
