"""EPUB: the chapters of its spine in order (EPUB 3.3, sections 4 and 5), out of a ZIP that may be a bomb."""

from __future__ import annotations

import posixpath
import struct
import zipfile
import zlib
from pathlib import Path
from typing import IO
from urllib.parse import unquote

from einthoven.ecg import EinthovenError, FormatError, TruncatedError, UnsafeFileError
from einthoven.formats.documents.encoding import to_utf8
from einthoven.formats.documents.xml_tree import Element, parse_xml
from einthoven.formats.text import clean
from einthoven.knowledge.document import MOST_PAGES, MOST_TEXT_BYTES, Block, Document, Progress, require_letters_at_most
from einthoven.knowledge.documents.hypertext import hypertext_blocks

MOST_MEMBERS = 20_000
MOST_UNPACKED = 128 * 2**20
"""Of all chapters together."""
_PIECE = 2**20
_CHAPTERS = {"application/xhtml+xml", "text/html"}


def read_epub(path: Path, progress: Progress = lambda _: None) -> Document:
    """The document in an EPUB file; only its chapters are unpacked, and never more than `MOST_UNPACKED` bytes.

    Raises:
        FormatError: no EPUB, protected against copying, or damaged.
        TruncatedError: cut short.
        UnsafeFileError: it unpacks to more than a book has, or declares entities.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as archive:
            return _read(archive, progress)
    except zipfile.BadZipFile as error:
        raise TruncatedError("The EPUB is damaged or cut short.", "Copy or download it again.") from error
    except (zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, struct.error, OSError) as error:
        raise FormatError("The EPUB cannot be unpacked.", "Copy or download it again.") from error


def _read(archive: zipfile.ZipFile, progress: Progress) -> Document:
    members = {member.filename: member for member in archive.infolist()}
    if len(members) > MOST_MEMBERS:
        raise UnsafeFileError(f"The EPUB has more than {MOST_MEMBERS} members.", "Check that this is the right file.")
    package = _package_of(archive, members)
    folder = posixpath.dirname(package)
    chapters = _spine(_xml(archive, members, package), folder)
    if protected := _protected(archive, members) & set(chapters):
        raise FormatError(
            f"{len(protected)} of its {len(chapters)} chapters are encrypted against copying.",
            "Use a copy of the book without such protection.",
        )
    blocks: list[Block] = []
    notices: dict[str, None] = {}
    left, letters = MOST_UNPACKED, 0
    page: int | None = None
    for number, name in enumerate(chapters, 1):
        progress(number)
        if name not in members:
            notices["Chapters that its list names are missing from it."] = None
            continue
        data = _member(archive, members[name], min(MOST_TEXT_BYTES, left))
        left -= len(data)
        found, said = hypertext_blocks(data, page)
        blocks += found
        page = found[-1].page if found else page
        letters += sum(len(block.text) for block in found)
        require_letters_at_most(letters)
        notices |= dict.fromkeys(said)
    pages = max((block.page for block in blocks if block.page is not None), default=None)
    return Document("EPUB", tuple(blocks), pages, tuple(notices))


def _package_of(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> str:
    container = _xml(archive, members, "META-INF/container.xml")
    if root := container.find("rootfiles", "rootfile"):
        return root.attribute("full-path")
    raise FormatError("The EPUB does not say where its list of chapters is.", "Download it again.")


def _spine(package: Element, folder: str) -> list[str]:
    """The members that are the book's chapters, each once, in order."""
    listed = {item.attribute("id"): item for item in package.every("manifest", "item")}
    found = []
    for entry in package.every("spine", "itemref"):
        item = listed.get(entry.attribute("idref"))
        if item is not None and item.attribute("media-type") in _CHAPTERS and "nav" not in item.attribute("properties"):
            found.append(posixpath.normpath(posixpath.join(folder, unquote(item.attribute("href")))))
    if not found:
        raise FormatError("The EPUB lists no chapter.", "Download it again.")
    if len(found) > MOST_PAGES:
        raise UnsafeFileError(f"The EPUB lists more than {MOST_PAGES} chapters.", "Check that this is the right file.")
    return list(dict.fromkeys(found))


def _protected(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo]) -> set[str]:
    name = "META-INF/encryption.xml"
    if name not in members:
        return set()
    tree = _xml(archive, members, name)
    return {unquote(reference.attribute("URI")) for reference in tree.walk("CipherReference")}


def _xml(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str) -> Element:
    if name not in members:
        raise FormatError(f"The EPUB lacks '{clean(name, 60)}'.", "Check that it is an EPUB; download it again.")
    data = _member(archive, members[name], MOST_TEXT_BYTES)
    try:
        return parse_xml(to_utf8(data)[0])
    except EinthovenError as fault:  # its words are of ECGs
        raise type(fault)(
            f"The EPUB's '{clean(name, 60)}' is damaged or declares what no book does.", "Download it again."
        ) from fault


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    """The bytes of a member, counted as they come out, whatever the directory states."""
    if member.flag_bits & 1:
        raise FormatError("The EPUB is encrypted.", "Use a copy without a password.")
    pieces, size = [], 0
    with archive.open(member) as content:
        while piece := _some(content):
            size += len(piece)
            if size > most:
                raise UnsafeFileError(
                    f"The EPUB unpacks to more than the {most / 2**20:.0f} MB that are read.",
                    "Check where it comes from: no book has so much text.",
                )
            pieces.append(piece)
    return b"".join(pieces)


def _some(content: IO[bytes]) -> bytes:
    return content.read(_PIECE)
