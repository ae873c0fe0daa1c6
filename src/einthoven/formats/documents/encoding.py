"""The bytes of a document as UTF-8. What the first bytes are decides, then the declaration; nothing else does.

The XML parser never chooses an encoding: it gets UTF-8, so that what is checked and what is parsed is the same text.
"""

from __future__ import annotations

import codecs
import re

from einthoven.ecg import FormatError, Notice, TruncatedError, UnsafeFileError
from einthoven.formats.text import clean

_DECLARED = re.compile(rb"""\s{0,64}<\?xml\s[^>]{0,200}?encoding\s{0,8}=\s{0,8}["']([A-Za-z0-9._-]{1,40})["']""")
_READ = re.compile(
    r"utf-8|ascii|iso8859-\d{1,2}|cp125\d|gb2312|gbk|gb18030|big5|shift_jis|euc_jp|euc_kr",
)
_UTF16 = re.compile(r"utf-16(?:-[lb]e)?")


def to_utf8(data: bytes) -> tuple[bytes, list[Notice]]:
    """`data` in UTF-8 without a byte order mark, and what was unusual about its encoding.

    Raises:
        UnsafeFileError: an encoding in which no ECG is written (UTF-7, UTF-32, EBCDIC ...).
        FormatError: bytes that are none of the encoding.
        TruncatedError: half a UTF-16 character at the end.
    """
    if data.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        raise _refused("UTF-32")
    if wide := _wide(data):
        return _from_utf16(data, wide), []
    data = data.removeprefix(codecs.BOM_UTF8)
    name = _declared(data)
    notices: list[Notice] = []
    if _UTF16.fullmatch(name):  # converted to 8 bits by a program that left the declaration alone
        notices.append(Notice("encoding", "The file declares UTF-16 and is in UTF-8; it was read as UTF-8."))
        name = "utf-8"
    if not _READ.fullmatch(name):
        raise _refused(name)
    if name.startswith(("iso8859", "cp125")) and data.isascii():
        return data, notices
    if name != "utf-8":
        try:
            return data.decode(name).encode(), notices
        except (UnicodeDecodeError, LookupError) as error:  # iso8859-12 was never made
            raise FormatError(f"The file's text is not in {name}, as it says.", "Export it again.") from error
    if data.isascii():
        return data, notices
    try:
        data.decode()
    except UnicodeDecodeError:  # samples are plain ASCII; only names and statements can be concerned
        notices.append(Notice("encoding", "Text that is no UTF-8, as it should be, was read as Latin-1."))
        return data.decode("latin-1").encode(), notices
    return data, notices


def opening(head: bytes) -> str:
    """The first bytes of a document as text, for a look at what it is: never an error, maybe a wrong letter.

    >>> opening(b"\\xef\\xbb\\xbf<ECG>"), opening(b"\\xff\\xfe" + "<ECG>".encode("utf-16-le"))
    ('<ECG>', '<ECG>')
    """
    if wide := _wide(head):
        return head.decode(wide, errors="ignore").removeprefix("\ufeff")
    return head.removeprefix(codecs.BOM_UTF8).decode("latin-1")


def _wide(data: bytes) -> str | None:
    if data.startswith((codecs.BOM_UTF16_LE, b"<\0", b"{\0")):
        return "utf-16-le"
    return "utf-16-be" if data.startswith((codecs.BOM_UTF16_BE, b"\0<", b"\0{")) else None


def _from_utf16(data: bytes, name: str) -> bytes:
    if len(data) % 2:
        raise TruncatedError("The UTF-16 file ends within a character.", "Copy or export it again.")
    try:
        return data.decode(name).removeprefix("\ufeff").encode()
    except UnicodeDecodeError as error:
        raise FormatError("The file's text is not the UTF-16 that it begins as.", "Export it again.") from error


def _declared(data: bytes) -> str:
    found = _DECLARED.match(data[:400])
    if found is None:
        return "utf-8"
    name = found[1].decode("ascii")
    try:
        return codecs.lookup(name).name
    except LookupError:
        return name.lower()


def _refused(name: str) -> UnsafeFileError:
    return UnsafeFileError(
        f"The file declares the encoding '{clean(name, 40)}', in which ECGs are not read.",
        "Export it in UTF-8 or UTF-16.",
    )
