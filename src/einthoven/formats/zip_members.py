"""The members of a small ZIP archive, as NumPy writes them: stored or deflated, each of bounded size.

By APPNOTE (pkware.com), sections 4.3 and 4.4. Archives of 4 GB (ZIP64), in parts or encrypted are refused: an ECG needs
none of that.
"""

from __future__ import annotations

import struct
import zlib
from typing import NamedTuple

from einthoven.ecg import FormatError, TruncatedError, UnsafeFileError
from einthoven.formats.inflate import inflate
from einthoven.formats.limits import MOST_BYTES
from einthoven.formats.text import clean

MAGIC = b"PK\x03\x04"
_MOST_MEMBERS = 64
_END, _END_SIZE = b"PK\x05\x06", 22
_ENTRY, _ENTRY_SIZE = b"PK\x01\x02", 46
_FIELDS = struct.Struct("<HHIIIIHHH")
_LOCAL_SIZE = 30
_STORED, _DEFLATED = 0, 8


class Member(NamedTuple):
    """What the archive's directory says of one member; sizes in bytes."""

    method: int
    crc: int
    packed: int
    size: int
    start: int


def members_of(data: bytes) -> dict[str, Member]:
    """The members by name.

    Raises:
        FormatError: damaged, encrypted, in parts, or a name twice.
        TruncatedError: without the directory that ends every archive.
        UnsafeFileError: more members or larger ones than an ECG needs.
    """
    end = data.rfind(_END, max(len(data) - _END_SIZE - 0xFFFF, 0))
    if end < 0 or len(data) - end < _END_SIZE:
        raise TruncatedError("The ZIP archive ends before its directory.", "Copy or save it again.")
    disk, first, here, count, size, place = struct.unpack_from("<HHHHII", data, end + 4)
    if disk or first or here != count or place + size != end:
        raise FormatError("The ZIP archive is damaged, in parts, or larger than 4 GB.", "Save it again.")
    if count > _MOST_MEMBERS:
        raise UnsafeFileError(f"The ZIP archive has {count} members; at most {_MOST_MEMBERS} are read.", "Save less.")
    found: dict[str, Member] = {}
    for _ in range(count):
        if data[place : place + 4] != _ENTRY or place + _ENTRY_SIZE > end:
            raise FormatError("The directory of the ZIP archive is damaged.", "Copy or save it again.")
        flags, method, _, crc, packed, unpacked, name, extra, comment = struct.unpack_from(
            "<HHIIIIHHH", data, place + 8
        )
        start = int.from_bytes(data[place + 42 : place + 46], "little")
        title = data[place + _ENTRY_SIZE : place + _ENTRY_SIZE + name].decode(errors="replace")
        if flags & 1 or method not in {_STORED, _DEFLATED} or title in found:
            raise FormatError("The ZIP archive is encrypted, or not as NumPy writes it.", "Save it by numpy.savez.")
        found[title] = Member(method, crc, packed, unpacked, start)
        place += _ENTRY_SIZE + name + extra + comment
    if sum(member.size for member in found.values()) > MOST_BYTES:
        raise UnsafeFileError(
            f"The ZIP archive's members have more than {MOST_BYTES / 2**20:g} MB.", "Save the ECG alone."
        )
    return found


def unpacked(data: bytes, member: Member, name: str) -> bytes:
    """The bytes of one member.

    Raises:
        FormatError: damaged.
        UnsafeFileError: it unpacks to more than the directory says.
    """
    local = data[member.start : member.start + _LOCAL_SIZE]
    damaged = FormatError(f"The member '{clean(name, 40)}' of the archive is damaged.", "Copy or save it again.")
    if local[:4] != MAGIC or len(local) < _LOCAL_SIZE:
        raise damaged
    start = member.start + _LOCAL_SIZE + sum(struct.unpack_from("<HH", local, 26))
    packed = data[start : start + member.packed]
    if len(packed) != member.packed:
        raise damaged
    content = packed if member.method == _STORED else inflate(packed, member.size, raw=True)
    if len(content) != member.size or zlib.crc32(content) != member.crc:
        raise damaged
    return content
