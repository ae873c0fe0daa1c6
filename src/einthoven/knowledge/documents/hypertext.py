"""HTML: headings, paragraphs, items and rows, as they are shown. What is hidden from readers is left out."""

from __future__ import annotations

import re
from html.parser import HTMLParser

from einthoven.knowledge.document import Block, Document, one_line
from einthoven.knowledge.documents.encoding import decode

_SILENT = {"script", "style", "template", "noscript", "nav", "svg", "math", "select", "textarea", "iframe", "object"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_ENDS_LINE = {
    *("address", "article", "aside", "blockquote", "body", "caption", "dd", "details", "div", "dl", "dt", "fieldset"),
    *("figcaption", "figure", "footer", "form", "header", "hr", "li", "main", "ol", "p", "pre", "section", "summary"),
    *("table", "tbody", "tfoot", "thead", "title", "tr", "ul"),
}
_HIDDEN = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden|font-size\s*:\s*0(?![.\d])", re.IGNORECASE)
_MARKS = {"noteref", "backlink", "doc-noteref", "doc-backlink"}
_HEADING = re.compile(r"h[1-6]")
_CHARSET = re.compile(rb"(?:charset|encoding)\s*=\s*[\"']?\s*([A-Za-z0-9._-]{1,40})", re.IGNORECASE)


def read_hypertext(data: bytes) -> Document:
    """The document in an HTML file, which need not be well-formed."""
    blocks, notices = hypertext_blocks(data)
    return Document("HTML", tuple(blocks), _pages(blocks), tuple(notices))


def hypertext_blocks(data: bytes, page: int | None = None) -> tuple[list[Block], list[str]]:
    """The blocks of a page of HTML or XHTML, and what was unusual about its encoding.

    Args:
        page: on which it begins, where an earlier chapter of the same book ended.
    """
    declared = _CHARSET.search(data[:2048])
    text, notices = decode(data, declared[1].decode("ascii") if declared else None)
    reader = _Reader(page)
    reader.feed(text)
    reader.close()
    reader.flush()
    return reader.blocks, notices


def _pages(blocks: list[Block]) -> int | None:
    return max((block.page for block in blocks if block.page is not None), default=None)


def _is_mark(said: dict[str, str]) -> bool:
    """Whether a link is the mark of a note or leads back from one (EPUB 3, Structural Semantics): "V1" is no "V1.1"."""
    return bool(_MARKS & {*said.get("epub:type", "").split(), *said.get("role", "").split()})


class _Reader(HTMLParser):
    def __init__(self, page: int | None) -> None:
        super().__init__(convert_charrefs=True)
        self.blocks: list[Block] = []
        self._page = page
        self._began = page
        self._text: list[str] = []
        self._level = 0
        self._silent: tuple[str, int] | None = None
        self._title = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent:
            name, depth = self._silent
            if tag == name:
                # a paragraph or item ends where the next begins; all else nests
                self._silent = None if name in {"p", "li", "td", "tr", "dd", "dt"} else (name, depth + 1)
            if self._silent:
                return
        said = {key: value or "" for key, value in attrs}
        self._turn_page(said)
        if tag == "a" and _is_mark(said):
            self._silent = (tag, 1)
            if self._text and self._text[-1] == "^":
                self._text.pop()
            return
        if tag in _SILENT or (tag not in _VOID and ("hidden" in said or _HIDDEN.search(said.get("style", "")))):
            self._silent = (tag, 1)
            return
        if tag in _ENDS_LINE or _HEADING.fullmatch(tag):
            self.flush()
        if _HEADING.fullmatch(tag):
            self._level = int(tag[1])
        elif tag == "title":
            self._title = True
        elif tag in {"td", "th"} and "".join(self._text).strip():
            self._text.append(" | ")
        elif tag == "br":
            self._text.append(" ")
        elif tag == "sup":  # lest the mark of a footnote become the last digit of a number
            self._text.append("^")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in _VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            name, depth = self._silent
            if tag == name:
                self._silent = (name, depth - 1) if depth > 1 else None
            return
        if tag == "title":
            self._text.clear()
            self._title = False
        elif tag in _ENDS_LINE or _HEADING.fullmatch(tag):
            self.flush()

    def handle_data(self, data: str) -> None:
        if not self._silent and not self._title:
            if not self._text:
                self._began = self._page
            self._text.append(data)

    def flush(self) -> None:
        """Ends the block that is open."""
        text = one_line("".join(self._text)).strip("| ")
        if text:
            self.blocks.append(Block(text, self._level, self._began))
        self._text.clear()
        self._level = 0

    def _turn_page(self, said: dict[str, str]) -> None:
        """Marks of a printed book's pages (EPUB 3, Structural Semantics)."""
        if "pagebreak" in said.get("epub:type", "") or said.get("role") == "doc-pagebreak":
            label = (said.get("aria-label") or said.get("title") or "").strip()
            if label.isdecimal() and len(label) < 6 and int(label):
                self._page = int(label)
