"""The secret that pseudonyms depend on: from a file that only its owner may read, made when there is none."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path

from einthoven.ecg import FileError, UsageError
from einthoven.formats.files import read_bytes, shown

FEWEST_BYTES = 16
_KEY_BYTES = 32
_HEX_KEY = re.compile(rb"[0-9a-fA-F]{64}")


def secret_of(text: bytes | str) -> bytes:
    """The key in a secret: 64 hexadecimal digits are 32 bytes, as in an archive's `key`; all else is itself.

    Raises:
        UsageError: shorter than 16 bytes, so that pseudonyms could be undone by trying secrets.
    """
    bare = (text.encode() if isinstance(text, str) else text).strip()
    if len(bare) < FEWEST_BYTES:
        raise UsageError(
            f"The secret has {len(bare)} bytes; with fewer than {FEWEST_BYTES} it could be guessed.",
            "Let a new secret file be made: name one that does not exist.",
        )
    return bytes.fromhex(bare.decode()) if _HEX_KEY.fullmatch(bare) else bare


def read_secret(path: Path) -> tuple[bytes, bool]:
    """The key in a file, and whether the file was made just now: 0600, 32 random bytes in hexadecimal.

    Raises:
        FileError: it cannot be read or made.
        UsageError: it is too short, or others may read it.
    """
    if not os.path.lexists(path):
        _make(path)
        return secret_of(read_bytes(path)), True
    key = secret_of(read_bytes(path, 2**16))
    if os.name == "posix" and path.stat().st_mode & 0o077:
        raise UsageError(
            f"Others may read the secret file '{shown(path)}'; who has it can undo pseudonyms.",
            f"Keep it to yourself: chmod 600 {shown(path)}.",
        )
    return key, False


def _make(path: Path) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_KEY_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as fault:
        raise FileError(
            f"The secret file '{shown(path)}' cannot be made ({fault.strerror}).",
            "Choose a folder that exists and is writable.",
        ) from None
