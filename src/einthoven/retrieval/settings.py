"""The two small files of an archive beside its collection: settings, and the key of patient ids."""

from __future__ import annotations

import json
import os
import secrets
from pathlib import Path
from typing import Any

from einthoven.ecg import CollectionError
from einthoven.ecg.moving import move
from einthoven.formats.identity import pseudonym

VERSION = 1
SETTINGS, KEY = "archive.json", "key"
KEY_BYTES = 32


def new_settings(folder: Path, name: str, model: dict[str, str], keep_ids: bool, precision: str) -> dict[str, Any]:
    """Settings and key for a new archive, written to its folder."""
    settings = {
        "version": VERSION,
        "name": name,
        "model": model,
        "keep_ids": keep_ids,
        "precision": precision,
        "calibration": None,
    }
    _write_private(folder / KEY, secrets.token_hex(KEY_BYTES))
    write_settings(folder, settings)
    return settings


def read_settings(folder: Path) -> dict[str, Any]:
    """The settings of the archive in a folder.

    Raises:
        CollectionError: none there, damaged, or of another version.
    """
    try:
        settings: dict[str, Any] = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        version = settings["version"]
    except OSError:
        raise CollectionError(
            f"There is no archive in {folder}.", f"Build one: einthoven archive build {folder} SOURCES."
        ) from None
    except (json.JSONDecodeError, UnicodeDecodeError, KeyError, TypeError):
        raise _damaged() from None
    if version != VERSION:
        raise CollectionError(
            f"The archive is of version {version}; this Einthoven reads version {VERSION}.", "Build it again."
        )
    if not _complete(settings):
        raise _damaged()
    return settings


def write_settings(folder: Path, settings: dict[str, Any]) -> None:
    """Replaces the settings as a whole."""
    _write_private(folder / SETTINGS, json.dumps(settings, indent=1) + "\n")


def patient_key(folder: Path, patient: str) -> str | None:
    """A patient's name in the archive: a hash under the archive's key; None where there is no key.

    An archive that is handed out keeps no key: nobody in it can be recognised, and every
    patient who is asked for is unknown to it.

    Raises:
        CollectionError: the key is damaged.
    """
    try:
        key = bytes.fromhex((folder / KEY).read_text(encoding="ascii").strip())
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        key = b""
    if len(key) != KEY_BYTES:
        raise CollectionError(
            "The archive's key of patient ids is damaged: its patients cannot be told from others.",
            "Restore the file 'key' from a copy, or build the archive again.",
        )
    return pseudonym(key, patient)


def _complete(settings: dict[str, Any]) -> bool:
    model, calibration = settings.get("model"), settings.get("calibration", 0)
    return (
        isinstance(settings.get("name"), str)
        and isinstance(settings.get("keep_ids"), bool)
        and isinstance(settings.get("precision"), str)
        and isinstance(model, dict)
        and all(isinstance(model.get(key), str) for key in ("name", "sha256"))
        and (calibration is None or isinstance(calibration, dict))
        and settings.get("index", "auto") in ("auto", "flat", "ivf-sq8", "hnsw")
    )


def _damaged() -> CollectionError:
    return CollectionError("The archive's archive.json is damaged.", "Restore a copy, or build it again.")


def _write_private(path: Path, text: str) -> None:
    new = path.with_name(path.name + ".new")
    try:
        handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        move(new, path)
    except OSError as fault:
        raise CollectionError(
            f"The archive cannot be written ({fault.strerror}).", "Check the disk and the folder's permissions."
        ) from None
