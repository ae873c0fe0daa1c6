"""Which kind of document a file is, by its content first and then by its name; and reading it."""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg import FileError, FormatError, UnsafeFileError
from einthoven.formats.content import looks_like
from einthoven.formats.files import file_size, read_bytes, read_head
from einthoven.knowledge.document import MOST_BOOK_BYTES, MOST_TEXT_BYTES, Document, Kind, Progress

SUFFIXES: dict[str, Kind] = {
    ".pdf": "PDF",
    ".epub": "EPUB",
    ".html": "HTML",
    ".htm": "HTML",
    ".xhtml": "HTML",
    ".md": "Markdown",
    ".markdown": "Markdown",
    ".txt": "text",
    ".text": "text",
}
_HEAD = 1024


def require_size(path: Path) -> int:
    """The bytes of a file; refuses one that is larger than is read, before it is read.

    Raises:
        UnsafeFileError: too large for its kind.
        FileError: missing, a folder, a pipe, empty, not permitted.
    """
    size = file_size(path)
    book = SUFFIXES.get(path.suffix.lower()) in {"PDF", "EPUB"} or _magic(read_head(path, _HEAD)) is not None
    most = MOST_BOOK_BYTES if book else MOST_TEXT_BYTES
    if size > most:
        raise UnsafeFileError(
            f"It has {size / 2**20:,.0f} MB; at most {most // 2**20} MB of {'a book' if book else 'text'} are read.",
            "Split it, or check that this is the right file.",
        )
    return size


def kind_of(path: Path) -> tuple[Kind, str | None]:
    """The kind of a document, and what is to be said where its name says another.

    Raises:
        FormatError: none that is read, or a name that promises another content.
    """
    head = read_head(path, _HEAD)
    named = SUFFIXES.get(path.suffix.lower())
    found = _magic(head)
    if found is None and named in {"PDF", "EPUB"}:
        raise FormatError(
            f"It is named {path.suffix} but is no {named}; it looks like {looks_like(head)}.",
            "Download it again, or give it the name that its content has.",
        )
    if found is None and looks_like(head) == "an HTML page":
        found = "HTML"
    kind = found or named
    if kind is None or (found is None and head.startswith(b"PK\3\4")):
        raise FormatError(
            f"It is no document that is read; it looks like {looks_like(head)}.",
            "Save it as PDF, EPUB, HTML, Markdown or text.",
        )
    other = named is not None and named != kind and not (named == "Markdown" and kind == "HTML")
    return kind, f"It is named {path.suffix} but is {kind}, and was read as that." if other else None


def read_document(path: Path, progress: Progress = lambda _: None) -> Document:
    """What a document holds, with a notice where its name says another kind.

    Raises:
        EinthovenError: too large, of no known kind, damaged, or without any text.
    """
    require_size(path)
    kind, said = kind_of(path)
    document = _read(path, kind, progress)
    if not any(block.level == 0 for block in document.blocks):
        raise FormatError("There is no text in it.", "Check that this is the right file.")
    notices = (said, *document.notices) if said else document.notices
    return Document(document.kind, document.blocks, document.pages, notices)


def _read(path: Path, kind: Kind, progress: Progress) -> Document:
    # Imported here, so that a text file waits for none of the others.
    if kind == "PDF":
        from einthoven.knowledge.documents.pdf import read_pdf

        return read_pdf(path, progress)
    if kind == "EPUB":
        from einthoven.knowledge.documents.epub import read_epub

        return read_epub(path, progress)
    data = read_bytes(path, MOST_TEXT_BYTES)
    if kind == "HTML":
        from einthoven.knowledge.documents.hypertext import read_hypertext

        return read_hypertext(data)
    if kind == "Markdown":
        from einthoven.knowledge.documents.markdown import read_markdown

        return read_markdown(data)
    from einthoven.knowledge.documents.plain import read_plain

    return read_plain(data)


def _magic(head: bytes) -> Kind | None:
    if b"%PDF-" in head:
        return "PDF"
    # the first member of an EPUB is its kind, stored (EPUB Open Container Format, section 4.2); some forget it
    if head.startswith(b"PK\3\4") and (b"application/epub+zip" in head[:200] or b"META-INF/container.xml" in head):
        return "EPUB"
    return None


def documents_in(folder: Path) -> list[Path]:
    """The documents of a folder by their names, in order of their paths; neither hidden ones nor links to folders.

    A link to a file outside of the folder is among them, and `leads_out` says so.

    Raises:
        FileError: it cannot be listed.
    """
    try:
        found = [path for path in folder.rglob("*") if path.suffix.lower() in SUFFIXES]
    except OSError as error:
        raise FileError(f"The folder cannot be listed ({error.strerror}).", "Check its permissions.") from error
    visible = (path for path in found if not any(part.startswith(".") for part in path.relative_to(folder).parts))
    return sorted((path for path in visible if path.is_file()), key=lambda path: path.relative_to(folder).as_posix())


def leads_out(path: Path, folder: Path) -> bool:
    """Whether a document of a folder is a link, or lies behind one, to what is not in that folder."""
    return not path.resolve().is_relative_to(folder.resolve())
