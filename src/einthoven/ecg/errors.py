"""Typed errors. Each says what is wrong, why, and what to do about it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar


class EinthovenError(Exception):
    """Base of every error that Einthoven raises on purpose.

    Args:
        message: what is wrong and why, in one sentence.
        mend: what the user can do about it, in one sentence.
    """

    kind = "error"

    def __init__(self, message: str, mend: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.mend = mend

    def __str__(self) -> str:
        return f"{self.message} {self.mend}".strip()

    def to_dict(self) -> dict[str, dict[str, str]]:
        """The JSON document that the command line prints for this error."""
        return {"error": {"kind": self.kind, "message": self.message, "mend": self.mend}}


class UsageError(EinthovenError):
    """An argument, option or configuration that cannot be meant."""

    kind = "usage"


class FileError(EinthovenError):
    """A path that cannot be read: missing, a folder, empty, not permitted."""

    kind = "file"


class FormatError(EinthovenError):
    """Not an ECG file that Einthoven knows, or one that is not supported."""

    kind = "format"


class TruncatedError(FormatError):
    """A file that ends before the samples that its header promises."""

    kind = "truncated"


class UnsafeFileError(FormatError):
    """A file that asks for something no ECG needs: paths outside its folder, absurd sizes."""

    kind = "unsafe"


class HostileFileError(UnsafeFileError):
    """A file that brought its reader down: a crash, a hang, more memory than an ECG needs, or an unforeseen fault.

    Args:
        cause: "crash", "hang", "memory" or "fault".
        detail: a few words on it, such as the signal's name.
    """

    kind = "hostile"
    SAID: ClassVar[Mapping[str, str]] = {
        "crash": "Reading the file crashed its reader",
        "hang": "Reading the file took longer than any ECG does",
        "memory": "Reading the file took more memory than any ECG does",
        "fault": "Reading the file failed in an unforeseen way",
    }

    def __init__(self, cause: str, detail: str = "") -> None:
        said = self.SAID[cause] + (f" ({detail})." if detail else ".")
        super().__init__(said, "Nothing else was harmed. Export the ECG again, or report the file's format.")
        self.cause = cause
        self.detail = detail


class SignalError(EinthovenError):
    """Samples or leads that do not make an ECG: wrong shape, rate, no lead, too short."""

    kind = "signal"


class DataError(EinthovenError):
    """A data set folder that is incomplete or not in its published layout."""

    kind = "data"


class CollectionError(EinthovenError):
    """A collection or archive that is missing, damaged, empty, or of another version."""

    kind = "collection"


class ModelError(EinthovenError):
    """A checkpoint that is missing, damaged, or does not fit what is asked of it."""

    kind = "model"


class MissingPackageError(EinthovenError):
    """A feature whose optional packages are not installed."""

    kind = "missing-package"
