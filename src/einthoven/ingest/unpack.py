"""ZIP and tar archives (also .gz, .xz) put into a private folder: no path leaves it, no link is made, no bomb goes off.

What is not unpacked is said with its reason. Sizes are counted as bytes come out, whatever the archive states.
"""

from __future__ import annotations

import os
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import IO

from einthoven.ecg import EinthovenError, FileError, FormatError, TruncatedError, UnsafeFileError
from einthoven.formats.content import kind_of, looks_like
from einthoven.formats.files import read_head, shown
from einthoven.formats.limits import MOST_BYTES
from einthoven.ingest.packed import PIECE, Inflated, Source, Tar

MOST_MEMBERS = 200_000
MOST_UNPACKED = 16 * 2**30
MOST_RATIO = 200
"""How many times an archive may grow beyond `MOST_BYTES`. ECGs in XML grow ten times."""
HEAD = 512
_MOST_DIRECTORY = 64 * 2**20  # of a ZIP: what lists 200,000 long names
_DEEPEST = 32
_LONGEST = 1024
_DRIVE = re.compile(r"[A-Za-z]:")
_ARRAYS = {".npz"}  # ZIP files of arrays, which are no archives of files
_ZIP_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}

Refused = Callable[[str, EinthovenError], None]


def unpack(path: Path, folder: Path, refused: Refused) -> int:
    """Puts the files of an archive into an empty folder, and returns how many.

    Args:
        refused: called with the name and the reason of each member that is not unpacked.

    Raises:
        FormatError: no archive, or of a kind that is not unpacked.
        TruncatedError: damaged or cut short; what came before lies in the folder.
        UnsafeFileError: more files or bytes than an export has, or grown more than `MOST_RATIO` times.
        FileError: it cannot be read, or there is no space.
    """
    head = read_head(path, HEAD)
    kind = kind_of(head)
    if kind is None:
        raise FormatError(f"It is no archive; it looks like {looks_like(head)}.", "Export what it holds as ECG files.")
    place = _Place(folder, path.stat().st_size, refused)
    try:
        with path.open("rb") as file:
            if kind == "zip":
                _unzip(file, place)
            elif kind == "tar":
                _untar(file, place)
            else:
                _untar(Inflated(file, kind, place.spend), place, counted=True)
    except zipfile.BadZipFile as fault:
        raise TruncatedError(f"The archive '{shown(path)}' is damaged.", "Copy or pack it again.") from fault
    except (NotImplementedError, RuntimeError, ValueError, struct.error) as fault:
        raise FormatError(
            f"The archive '{shown(path)}' cannot be unpacked.", "Pack it again as a plain ZIP."
        ) from fault
    except OSError as fault:
        raise FileError(
            f"The archive '{shown(path)}' cannot be unpacked ({fault.strerror}).", "Look for space on the disk."
        ) from fault
    return place.count


class _TooMuchError(UnsafeFileError):
    """Ends the whole archive."""


class _Place:
    """The folder that members are put into, and what may still come out."""

    def __init__(self, folder: Path, packed: int, refused: Refused) -> None:
        self._folder = folder
        self._most = min(MOST_UNPACKED, max(MOST_BYTES, packed * MOST_RATIO))
        self._bytes = 0
        self._members = 0
        self.refused = refused
        self.count = 0

    def member(self) -> None:
        """One more entry."""
        self._members += 1
        if self._members > MOST_MEMBERS:
            raise _TooMuchError(f"The archive has more than {MOST_MEMBERS} entries.", "Unpack it and name the folder.")

    def spend(self, size: int) -> None:
        """So many more bytes."""
        self._bytes += size
        if self._bytes > self._most:
            raise _TooMuchError(
                f"The archive unpacks to more than {self._most / 2**20:.0f} MB, which its size does not explain.",
                "Check where it comes from; if it is sound, unpack it yourself and name the folder.",
            )

    def put(self, name: str, content: Source, counted: bool) -> None:
        """Writes one member, or refuses it.

        Args:
            counted: whether its bytes are counted already as they come out.
        """
        try:
            path = self._folder.joinpath(*safe_parts(name))
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0), 0o600)
        except EinthovenError as fault:
            return self.refused(name, fault)
        except FileExistsError:
            return self.refused(name, UnsafeFileError("Its name stands in the archive twice.", "Pack each file once."))
        except (OSError, ValueError):  # too long a name, a file where a folder should be
            return self.refused(name, FileError("Its name cannot be a file's here.", "Give it a plain name."))
        try:
            with os.fdopen(handle, "wb") as file:
                self._copy(content, file, counted)
            if path.stat().st_size and kind_of(read_head(path, HEAD)) and path.suffix.lower() not in _ARRAYS:
                raise FormatError("It is an archive within an archive.", "Unpack the outer one, name its folder.")
        except _TooMuchError:
            raise
        except (zipfile.BadZipFile, zlib.error, EOFError):
            path.unlink()
            self.refused(name, TruncatedError("It is damaged within the archive.", "Copy or pack it again."))
        except EinthovenError as fault:
            path.unlink()
            self.refused(name, fault)
            if isinstance(fault, TruncatedError):  # of the archive: nothing can follow
                raise
        else:
            self.count += 1
        return None

    def _copy(self, content: Source, file: IO[bytes], counted: bool) -> None:
        size = 0
        while piece := content.read(PIECE):
            size += len(piece)
            if not counted:
                self.spend(len(piece))
            if size > MOST_BYTES:
                raise UnsafeFileError(f"It is larger than {MOST_BYTES // 2**20} MB, as no ECG is.", "Leave it out.")
            file.write(piece)


def safe_parts(name: str) -> list[str]:
    """A member's name as the parts of a path below a folder.

    >>> safe_parts("a/./b\\\\c.dcm")
    ['a', 'b', 'c.dcm']

    Raises:
        UnsafeFileError: it would leave the folder, or is no plain path.
    """
    plain = name.replace("\\", "/")
    parts = [part for part in plain.split("/") if part not in {"", "."}]
    if plain.startswith("/") or ".." in parts or _DRIVE.match(plain):
        raise UnsafeFileError("Its path leaves the archive.", "Pack the files with plain names.")
    if not parts or len(parts) > _DEEPEST or len(plain) > _LONGEST or "\0" in plain:
        raise UnsafeFileError("Its path is no plain one.", "Pack the files with plain names.")
    return parts


def _unzip(file: IO[bytes], place: _Place) -> None:
    _check_directory(file)
    with zipfile.ZipFile(file) as archive:
        members = archive.infolist()
        if any(member.filename == "[Content_Types].xml" for member in members):
            raise FormatError("It is an Office document, not an archive of ECGs.", "Export its table as CSV.")
        for member in members:
            place.member()
            mode = member.external_attr >> 16 & 0o170000
            if member.is_dir():
                continue
            if mode not in {0, 0o100000}:
                place.refused(member.filename, UnsafeFileError("It is a link or device.", "Pack the file itself."))
            elif member.flag_bits & 1:
                place.refused(member.filename, FormatError("It is encrypted.", "Pack it without a password."))
            elif member.compress_type not in _ZIP_METHODS:
                place.refused(member.filename, FormatError("Its compression is not read.", "Pack it by deflate."))
            else:
                _put_zipped(archive, member, place)


def _put_zipped(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: _Place) -> None:
    try:
        content = archive.open(member)
    except (zipfile.BadZipFile, EOFError):
        place.refused(member.filename, TruncatedError("It is damaged within the archive.", "Copy or pack it again."))
        return
    with content:
        place.put(member.filename, content, counted=False)


def _check_directory(file: IO[bytes]) -> None:
    """Refuses a ZIP whose directory would fill the memory, before it is read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 2**16 - 200))
    tail = file.read()
    file.seek(0)
    end, end64 = tail.rfind(b"PK\5\6"), tail.rfind(b"PK\6\6")
    stated = int.from_bytes(tail[end + 12 : end + 16], "little") if end >= 0 else 0
    if end64 >= 0:
        stated = max(stated % 0xFFFFFFFF, int.from_bytes(tail[end64 + 40 : end64 + 48], "little"))
    if stated > _MOST_DIRECTORY:
        raise UnsafeFileError("The archive's directory is absurdly long.", "Unpack it and name the folder.")


def _untar(source: Source, place: _Place, counted: bool = False) -> None:
    archive = Tar(source)
    try:
        member = archive.next()
    except TruncatedError as fault:
        raise fault if not counted else FormatError("It holds no tar.", "Unpack it and name the file.") from fault
    while member:
        place.member()
        if member.kind == "file":
            place.put(member.name, archive, counted)
        elif member.kind == "other":
            place.refused(member.name, UnsafeFileError("It is a link or device.", "Pack the file itself."))
        member = archive.next()
