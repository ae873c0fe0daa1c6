"""What a file that is no ECG looks like, so that the refusal can say it."""

from __future__ import annotations

import re

from einthoven.formats.documents.xml_tree import root_name
from einthoven.formats.text import clean

# (how the file begins, what it is)
_MAGIC = (
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"BM", "a BMP image"),
    (b"GIF8", "a GIF image"),
    (b"PK\x03\x04", "a ZIP archive"),
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf", "a 7z archive"),
    (b"\x89HDF", "an HDF5 file"),
    (b"MATLAB 5.0", "a MATLAB 5 file"),
    (b"MATLAB 7.3", "a MATLAB 7.3 file (MATLAB's save -v7 writes one that may be read)"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"SQLite format 3", "an SQLite database"),
    (b"0       ", "an EDF recording with a damaged header"),
    (b"\xffBIOSEMI", "a BDF recording"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)

BLANK_NUMBERS = "numbers between blanks"
_JSON = re.compile(
    rb"\s*(?:\{\s*[\"}]|(?:\[\s*)+(?:\{\s*[\"}]|\]|\"|(?:-?\d[\d.eE+-]*|true|false|null)\s*(?:[,\]]|$)))"
)
_BLANK_NUMBERS = re.compile(rb"[\s\[]*[-+]?[\d.][\d.eE+-]*(?:\s+[-+]?[\d.][\d.eE+-]*)+[\s\]]*")


def kind_of(head: bytes) -> str | None:
    """Which archive a file is that begins with `head`: "zip", "tar", "gz" or "xz"; None for no archive.

    >>> kind_of(b"PK\\x03\\x04..."), kind_of(b"\\x1f\\x8b\\x08..."), kind_of(b"<xml>")
    ('zip', 'gz', None)
    """
    if _is_office(head):
        return None
    for kind, magic, place in (
        ("zip", b"PK\3\4", 0),
        ("zip", b"PK\5\6", 0),  # an empty one
        ("gz", b"\x1f\x8b\x08", 0),
        ("xz", b"\xfd7zXZ\0", 0),
        ("tar", b"ustar", 257),
    ):
        if head.startswith(magic, place):
            return kind
    return None


def _is_office(head: bytes) -> bool:
    """Whether a ZIP file begins as documents of Office and OpenDocument do, by the name of its first member."""
    return head.startswith(b"PK\x03\x04") and head.startswith((b"[Content_Types].xml", b"mimetype"), 30)


def looks_like(head: bytes) -> str:
    """A few words for what the first bytes of a file suggest.

    >>> looks_like(b"%PDF-1.7 ..."), looks_like(b"<html>"), looks_like(bytes(64))
    ('a PDF document', 'an HTML page', 'binary data of no known kind')
    """
    if _is_office(head):
        return "an Office document"
    for magic, name in _MAGIC:
        if head.startswith(magic):
            return name
    if kind_of(head) == "tar":
        return "a tar archive"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):  # UTF-16
        head = head.replace(b"\x00", b"")[2:]
    text = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if text[:14].lower().startswith((b"<!doctype html", b"<html")):
        return "an HTML page"
    if text.startswith(b"<"):
        root = root_name(head)
        return f"an XML file with the root element {clean(root, 60)}" if root else "an XML file"
    # A MATLAB 4 matrix opens with five small little-endian numbers; type 0, 10, 20, 30 ...
    if len(head) > 24 and head[:4] in {b"\x1e\0\0\0", b"\x14\0\0\0", b"\x0a\0\0\0"} and head[12:16] == bytes(4):
        return "a MATLAB 4 matrix, as WFDB records use for their samples"
    if re.search(rb"[\x00-\x08\x0e-\x1f]", head):
        return "binary data of no known kind"
    if _JSON.match(text):
        return "a JSON document"
    first = text.split(b"\n", 1)[0]
    if _BLANK_NUMBERS.fullmatch(first):
        return BLANK_NUMBERS
    return "a table of text" if first.count(b",") + first.count(b";") + first.count(b"\t") > 1 else "plain text"
