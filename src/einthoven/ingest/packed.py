"""Packed bytes as they come out: gzip and xz streams, and tar, read by the piece with everything bounded."""

from __future__ import annotations

import lzma
import zlib
from collections.abc import Callable
from typing import IO, NamedTuple, Protocol

from einthoven.ecg import TruncatedError, UnsafeFileError

PIECE = 2**18
LZMA_MEMORY = 128 * 2**20  # what xz -9 needs is 65 MB
_BLOCK = 512
_MOST_HEADER = 2**16  # of a long name, or of a header's extension
_TYPES = {b"0": "file", b"\0": "file", b"7": "file", b"5": "folder"}
_LONG_NAME, _EXTENSION, _FOR_ALL = b"L", b"x", b"g"


class Source(Protocol):
    """Something that gives at most `size` bytes, and none at its end."""

    def read(self, size: int) -> bytes:
        """The next bytes."""


class Member(NamedTuple):
    """An entry of a tar archive; `kind` is "file", "folder" or "other" (links, devices)."""

    name: str
    size: int
    kind: str


class Inflated:
    """A gzip or xz stream as it comes out.

    Args:
        spend: called with the number of bytes each time some come out; what it raises ends the stream.
    """

    def __init__(self, file: IO[bytes], kind: str, spend: Callable[[int], None]) -> None:
        self._file = file
        self._kind = kind
        self._spend = spend
        self._engine = self._new()
        self._held = b""
        self._out = b""

    def read(self, size: int) -> bytes:
        """At most `size` bytes; none at the end.

        Raises:
            TruncatedError: damaged, or cut short.
            UnsafeFileError: an xz stream that needs more memory than packing an export takes.
        """
        while not self._out and self._fill():
            pass
        out, self._out = self._out[:size], self._out[size:]
        return out

    def _fill(self) -> bool:
        if self._engine.eof:
            self._held = self._engine.unused_data.lstrip(b"\0") or self._file.read(PIECE).lstrip(b"\0")
            if not self._held:
                return False
            self._engine = self._new()
        elif not self._held and self._needs_input():
            self._held = self._file.read(PIECE)
            if not self._held:
                raise TruncatedError("The archive ends too early.", "Copy or pack it again.")
        try:
            self._out = self._engine.decompress(self._held, PIECE)
        except lzma.LZMAError as fault:
            if "emory" in str(fault):
                raise UnsafeFileError(
                    f"The archive needs more than {LZMA_MEMORY // 2**20} MB to unpack.", "Pack it again with xz -6."
                ) from fault
            raise TruncatedError("The archive is damaged.", "Copy or pack it again.") from fault
        except zlib.error as fault:
            raise TruncatedError("The archive is damaged.", "Copy or pack it again.") from fault
        self._held = getattr(self._engine, "unconsumed_tail", b"")
        self._spend(len(self._out))
        return True

    def _needs_input(self) -> bool:
        return bool(getattr(self._engine, "needs_input", True))

    def _new(self) -> zlib._Decompress | lzma.LZMADecompressor:
        if self._kind == "gz":
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LZMA_MEMORY)


class Tar:
    """The members of a tar archive (ustar, GNU, pax), in turn; long names and long headers are bounded.

    Sparse files are "other": their content is not what their size says.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._left = 0  # of the present member
        self._padding = 0

    def next(self) -> Member | None:
        """The next member, None at the end.

        Raises:
            TruncatedError: damaged, or cut short.
            UnsafeFileError: a header larger than any name needs.
        """
        extended: dict[str, str] = {}
        while True:
            self._skip()
            block = self._exactly(_BLOCK, end=True)
            if not block.strip(b"\0"):
                return None
            size, kind = self._header(block)
            self._left, self._padding = size, -size % _BLOCK
            if kind in {_LONG_NAME, _EXTENSION, _FOR_ALL, b"K"}:
                if size > _MOST_HEADER:
                    raise UnsafeFileError("A header in the archive is absurdly long.", "Pack it again.")
                content = self._exactly(size)
                self._left = 0
                if kind == _LONG_NAME:
                    extended["path"] = _text(content)
                elif kind == _EXTENSION:
                    extended |= _records(content)
                continue
            if "size" in extended:
                size = _number(extended["size"])
                self._left, self._padding = size, -size % _BLOCK
            sparse = any(key.startswith("GNU.sparse") for key in extended)
            name = extended.get("path") or _name(block)
            return Member(name, size, "other" if sparse else _TYPES.get(kind, "other"))

    def read(self, size: int) -> bytes:
        """At most `size` bytes of the present member; none at its end."""
        data = self._source.read(min(size, self._left))
        if self._left and not data:
            raise TruncatedError("The archive ends too early.", "Copy or pack it again.")
        self._left -= len(data)
        return data

    def _skip(self) -> None:
        while self._left:
            self.read(PIECE)
        self._exactly(self._padding)
        self._padding = 0

    def _exactly(self, size: int, end: bool = False) -> bytes:
        data = b""
        while len(data) < size:
            piece = self._source.read(size - len(data))
            if not piece:
                if end and not data:  # an archive without its closing blocks is still whole
                    break
                raise TruncatedError("The archive ends too early.", "Copy or pack it again.")
            data += piece
        return data

    @staticmethod
    def _header(block: bytes) -> tuple[int, bytes]:
        stated = _number(_text(block[148:156]).strip(" "), 8)
        if stated != sum(block[:148]) + 8 * 32 + sum(block[156:]):
            raise TruncatedError("The archive is damaged: a header's checksum is wrong.", "Copy or pack it again.")
        field = block[124:136]
        # Sizes that need it are written in base 256, marked by the highest bit.
        size = int.from_bytes(field[1:], "big") if field[0] == 0x80 else _number(_text(field).strip(" "), 8)
        return size, block[156:157]


def _name(block: bytes) -> str:
    name, prefix = _text(block[:100]), _text(block[345:500]) if block[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _number(text: str, base: int = 10) -> int:
    if not text.isdecimal() or not text.isascii() or len(text) > 20:
        raise TruncatedError("The archive is damaged: a number is none.", "Copy or pack it again.")
    try:
        return int(text, base)
    except ValueError:
        raise TruncatedError("The archive is damaged: a number is none.", "Copy or pack it again.") from None


def _records(content: bytes) -> dict[str, str]:
    """pax records: `length key=value` lines, their length included."""
    found = {}
    while content:
        length, _, _ = content.partition(b" ")
        size = _number(_text(length[:20]))
        line = content[len(length) + 1 : size]
        key, mark, value = line.removesuffix(b"\n").partition(b"=")
        if not mark or size > len(content) or size <= len(length):
            raise TruncatedError("The archive is damaged: a header's extension is none.", "Copy or pack it again.")
        found[_text(key)] = _text(value)
        content = content[size:]
    return found
