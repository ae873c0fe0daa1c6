"""XML to a plain tree, by expat, with everything refused that makes XML dangerous.

No declarations of its own (entities, default attributes, anything between [ and ] of a DOCTYPE), no file or address is
ever opened, and size, depth, elements and attributes are bounded. A DOCTYPE that only names a DTD is allowed, for MUSE
writes one; the DTD is not fetched.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn
from xml.parsers import expat

from einthoven.ecg import FormatError, Notice, TruncatedError, UnsafeFileError
from einthoven.formats.documents.encoding import opening, to_utf8
from einthoven.formats.files import read_bytes
from einthoven.formats.text import clean

MOST_XML_BYTES = 32 * 2**20
MOST_DEPTH = 64
MOST_ELEMENTS = 100_000
MOST_QUOTES = 1_000_000  # an attribute has two; counted before expat collects them

# What expat says at the end of a file that stops too early.
_CUT = {
    expat.errors.codes[message]
    for message in (
        expat.errors.XML_ERROR_NO_ELEMENTS,
        expat.errors.XML_ERROR_UNCLOSED_TOKEN,
        expat.errors.XML_ERROR_PARTIAL_CHAR,
        expat.errors.XML_ERROR_UNCLOSED_CDATA_SECTION,
    )
}
_DECLARING = re.compile(r"<!DOCTYPE\s+(?:[\w.-]{1,60}:)?([\w.-]{1,60})[^>\[]{0,400}\[")
_ROOT = re.compile(r"<(?:[\w.-]{1,60}:)?([A-Za-z_][\w.-]{0,60})(?=[\s/>]|$)")


class Element:
    """One element: its name without a prefix, attributes, children, and the text directly in it."""

    __slots__ = ("attributes", "children", "name", "text")

    def __init__(self, name: str, attributes: dict[str, str]) -> None:
        self.name = name
        self.attributes = attributes
        self.children: list[Element] = []
        self.text = ""

    def every(self, *path: str) -> Iterator[Element]:
        """The elements at the end of a path of child names, in the order of the file."""
        for child in self.children:
            if child.name == path[0]:
                if len(path) == 1:
                    yield child
                else:
                    yield from child.every(*path[1:])

    def find(self, *path: str) -> Element | None:
        """The first of `every`."""
        return next(self.every(*path), None)

    def value(self, *path: str) -> str:
        """The stripped text at the end of a path, the first that is not empty; "" where there is none."""
        return next((text for found in self.every(*path) if (text := found.text.strip())), "")

    def attribute(self, name: str, *path: str) -> str:
        """A stripped attribute of this element, or of the first at the end of a path; "" where there is none."""
        found = self.find(*path) if path else self
        return found.attributes.get(name, "").strip() if found else ""

    def walk(self, name: str) -> Iterator[Element]:
        """All elements of a name below this one, at any depth, in the order of the file."""
        for child in self.children:
            if child.name == name:
                yield child
            yield from child.walk(name)


def read_xml(path: Path) -> tuple[Element, list[Notice]]:
    """The root of an XML file, and what was unusual about its text.

    Raises:
        FormatError: not well-formed.
        TruncatedError: cut short.
        UnsafeFileError: declarations, or sizes that no ECG needs.
        FileError: as `einthoven.formats.files.read_bytes`.
    """
    data, notices = to_utf8(read_bytes(path, MOST_XML_BYTES))
    return parse_xml(data), notices


def parse_xml(data: bytes) -> Element:
    """The root of an XML document in UTF-8; errors as `read_xml`."""
    if data.count(b'"') + data.count(b"'") > MOST_QUOTES:
        raise _absurd(f"more than {MOST_QUOTES // 2} attributes")
    marks = data.count(b"<")
    if marks > MOST_ELEMENTS and marks - sum(map(data.count, (b"</", b"<!", b"<?"))) > MOST_ELEMENTS:
        # before any is built
        raise _absurd(f"more than {MOST_ELEMENTS} elements")
    build = _Builder()
    parser = expat.ParserCreate("utf-8")  # overrides what the file declares
    parser.buffer_text = True
    parser.buffer_size = 2**16
    parser.StartElementHandler = build.start
    parser.EndElementHandler = build.end
    parser.CharacterDataHandler = build.characters
    parser.StartDoctypeDeclHandler = _doctype
    # The next four cannot come without declarations; they are here so that none of them is ever followed.
    parser.EntityDeclHandler = _declaration
    parser.UnparsedEntityDeclHandler = _declaration
    parser.ExternalEntityRefHandler = _declaration
    parser.SkippedEntityHandler = _unknown_entity
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        if error.code in _CUT:
            raise TruncatedError("The XML file ends too early.", "Copy or export it again.") from error
        raise FormatError(f"The XML file is damaged in line {error.lineno}.", "Copy or export it again.") from error
    return build.root


def root_name(head: bytes) -> str | None:
    """The name, without prefix, of the root element of an XML document that begins with `head`.

    >>> root_name(b"<?xml version='1.0'?><!-- by a device --><!DOCTYPE a SYSTEM 'a.dtd'><x:ECG a='1'>")
    'ECG'
    >>> root_name(b"<!DOCTYPE ECG [<!ENTITY"), root_name(b"plain text")
    ('ECG', None)
    """
    found = _first(head)
    return found[1] if found else None


def refuse_declarations(head: bytes) -> None:
    """Refuses an XML document that declares anything of its own, whatever its root: what its DOCTYPE names may differ.

    Raises:
        UnsafeFileError: it does.
    """
    found = _first(head)
    if found is not None and found.re is _DECLARING:
        _declaration()


def _first(head: bytes) -> re.Match[str] | None:
    """Of the text that begins with `head` the root element, or the DOCTYPE if that declares something."""
    text = opening(head)
    place = 0
    while True:
        while text[place : place + 1].isspace():
            place += 1
        if found := _DECLARING.match(text, place):  # the declarations may be longer than the head
            return found
        for start, end in (("<?", "?>"), ("<!--", "-->"), ("<!", ">")):
            if text.startswith(start, place):
                place = text.find(end, place + len(start)) + len(end)
                break
        else:
            return _ROOT.match(text, place)
        if place < len("?>"):  # the end of it was not found
            return None


class _Builder:
    """What expat calls; `root` is the tree."""

    def __init__(self) -> None:
        self._top = Element("", {})
        self._open = [self._top]
        self._texts: list[list[str]] = [[]]
        self._count = 0

    @property
    def root(self) -> Element:
        return self._top.children[0]

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._count += 1
        if self._count > MOST_ELEMENTS:
            raise _absurd(f"more than {MOST_ELEMENTS} elements")
        if len(self._open) > MOST_DEPTH:
            raise _absurd(f"elements nested more than {MOST_DEPTH} deep")
        plain = {key.rpartition(":")[2]: value for key, value in attributes.items()} if attributes else {}
        element = Element(name.rpartition(":")[2], plain)
        self._open[-1].children.append(element)
        self._open.append(element)
        self._texts.append([])

    def end(self, name: str) -> None:
        self._open.pop().text = "".join(self._texts.pop())

    def characters(self, text: str) -> None:
        self._texts[-1].append(text)


def _doctype(name: str, system: str | None, public: str | None, has_declarations: bool) -> None:
    if has_declarations:
        _declaration()


def _declaration(*details: object) -> NoReturn:
    raise UnsafeFileError("The XML file declares entities of its own, as no ECG does.", "Export it again.")


def _unknown_entity(name: str, is_parameter: bool) -> NoReturn:
    raise FormatError(f"The XML file uses the undeclared entity '{clean(name, 40)}'.", "Export it again.")


def _absurd(what: str) -> UnsafeFileError:
    return UnsafeFileError(f"The XML file holds {what}; no 12-lead ECG does.", "Check that this is the right file.")
