"""Small writers of PDF and EPUB files, for documents of known content."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest

Placed = tuple[str, float]
"""A line and the size of its letters."""


def pdf_bytes(pages: Sequence[Sequence[Placed | str]], streams: Mapping[int, bytes] | None = None) -> bytes:
    """A PDF with one line under the other; `streams` replaces the content of some pages."""
    objects: list[bytes] = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    kids = []
    for number, lines in enumerate(pages):
        content, height = [b"BT"], 760.0
        for line in lines:
            text, size = (line, 10.0) if isinstance(line, str) else line
            shown = text.encode("latin-1").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
            content.append(b"/F1 %g Tf 1 0 0 1 72 %g Tm (%s) Tj" % (size, height, shown))
            height -= 14
        content.append(b"ET")
        body = (streams or {}).get(number, b"\n".join(content))
        objects.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(body), body))
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents %d 0 R "
            b"/Resources << /Font << /F1 3 0 R >> >> >>" % len(objects)
        )
        kids.append(b"%d 0 R" % len(objects))
    objects[1] = b"<< /Type /Pages /Count %d /Kids [%s] >>" % (len(kids), b" ".join(kids))
    return assembled(objects)


def assembled(objects: Sequence[bytes], trailer: bytes = b"") -> bytes:
    """A PDF file of numbered objects, the first its catalogue."""
    data, places = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (
        len(objects) + 1,
        trailer,
        start,
    )


CONTAINER = (
    '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)


def write_epub(path: Path, chapters: Mapping[str, str | bytes], more: Mapping[str, str] | None = None) -> Path:
    """An EPUB with chapters by their names, in order."""
    items = "".join(
        f'<item id="c{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    spine = "".join(f'<itemref idref="c{n}"/>' for n in range(len(chapters)))
    package = f"<package><manifest>{items}</manifest><spine>{spine}</spine></package>"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        members = {"META-INF/container.xml": CONTAINER, "OPS/book.opf": package, **(more or {})}
        for name, text in members.items():
            archive.writestr(name, text)
        for name, body in chapters.items():
            archive.writestr(f"OPS/{name}", body)
    return path


@pytest.fixture(scope="session")
def make_pdf() -> Callable[..., bytes]:
    """`pdf_bytes`."""
    return pdf_bytes


@pytest.fixture(scope="session")
def pdf_of() -> Callable[..., bytes]:
    """`assembled`."""
    return assembled


@pytest.fixture(scope="session")
def make_epub() -> Callable[..., Path]:
    """`write_epub`."""
    return write_epub
