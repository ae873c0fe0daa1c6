"""Markdown: headings, paragraphs, items of lists and rows of tables, without their marks (after CommonMark 0.31)."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

from einthoven.knowledge.document import Block, Document, one_line
from einthoven.knowledge.documents.encoding import decode
from einthoven.knowledge.documents.lines import joined

_ATX = re.compile(r" {0,3}(#{1,6})(?:[ \t]+(.*?))?(?:[ \t]+#+)?[ \t]*")
_SETEXT = re.compile(r" {0,3}(=+|-+)[ \t]*")
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_RULE = re.compile(r" {0,3}(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,}")
_ITEM = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])[ \t]+(.*)")
_QUOTE = re.compile(r" {0,3}> ?(.*)")
_ROW = re.compile(r"\s*\|(.*)\|\s*")
_DASHES = re.compile(r"[\s|:-]+")
_DEFINITION = re.compile(r" {0,3}\[[^\]]{1,200}\]:\s*\S.*")
_COMMENT = re.compile(r"<!--.*?(?:-->|\Z)", re.DOTALL)
_TAG = re.compile(
    r"</?(?:a|b|i|u|s|em|strong|sub|sup|span|div|p|br|hr|img|small|kbd|code|table|thead|tbody|tr|td|th|ul|ol|li|details"
    r"|summary|center|font|h[1-6])\b[^<>]{0,500}>",
    re.IGNORECASE,
)
_LINK = re.compile(r"!?\[([^\[\]]{0,500})\](?:\([^()\s]{0,1000}(?:\s+\"[^\"]{0,200}\")?\)|\[[^\[\]]{0,200}\])")
_STRONG = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_WEAK = re.compile(
    r"(?<![\w*])\*(?=[^\s*])([^*]+?)(?<=[^\s*])\*(?![\w*])|(?<![\w_])_(?=[^\s_])([^_]+?)(?<=[^\s_])_(?![\w_])"
)
_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])")
_HELD = 0xE000  # private letters that stand for escaped ones while marks are taken away


def read_markdown(data: bytes) -> Document:
    """The document in a Markdown file. Front matter, comments and code fences' marks are left out; code is kept."""
    text, notices = decode(data)
    text = _COMMENT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    lines = text.split("\n")
    if lines and lines[0].strip() == "---":
        end = next((n for n, line in enumerate(lines[1:], 1) if line.strip() in {"---", "..."}), None)
        lines = lines[end + 1 :] if end else lines
    return Document("Markdown", tuple(_blocks(lines)), None, tuple(notices))


def _blocks(lines: list[str]) -> Iterator[Block]:
    open_lines: list[str] = []
    fence = ""

    def paragraph() -> Iterator[Block]:
        text = bare(joined(open_lines))
        open_lines.clear()
        if text:
            yield Block(text)

    for line in lines:
        if fence:
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                yield from paragraph()
                fence = ""
            else:
                open_lines.append(line)
            continue
        if found := _FENCE.match(line):
            yield from paragraph()
            fence = found[1]
        elif not line.strip() or (_RULE.fullmatch(line) and not open_lines) or _DEFINITION.fullmatch(line):
            yield from paragraph()
        elif open_lines and (under := _SETEXT.fullmatch(line)):
            text = bare(joined(open_lines))
            open_lines.clear()
            yield Block(text, 1 if under[1][0] == "=" else 2)
        elif heading := _ATX.fullmatch(line):
            yield from paragraph()
            if text := bare(heading[2] or ""):
                yield Block(text, len(heading[1]))
        elif row := _ROW.fullmatch(line):
            yield from paragraph()
            if not _DASHES.fullmatch(row[1]):
                open_lines.append(" | ".join(cell.strip() for cell in row[1].split("|") if cell.strip()))
                yield from paragraph()
        elif item := _ITEM.fullmatch(line):
            yield from paragraph()
            open_lines.append(item[1])
        elif quote := _QUOTE.fullmatch(line):
            # "> 120 ms" in the middle of a paragraph is a sign of comparison that begins a line
            open_lines.append(line if open_lines and quote[1][:1].isdigit() else quote[1])
        else:
            open_lines.append(line)
    yield from paragraph()


def bare(text: str) -> str:
    """Text without the marks of links, emphasis, code and tags.

    >>> bare("A **wide** QRS ([see](x.md)), `PR` > 200 ms, <b>*or*</b> QRS <120 ms &amp; 2 \\\\* 3")
    'A wide QRS (see), PR > 200 ms, or QRS <120 ms & 2 * 3'
    """
    text = _ESCAPED.sub(lambda found: chr(_HELD + ord(found[1])), text)
    text = _TAG.sub("", _LINK.sub(r"\1", text)).replace("`", "")
    text = _STRONG.sub(r"\2", text)
    text = _WEAK.sub(lambda found: found[1] or found[2], text)
    text = "".join(chr(ord(one) - _HELD) if _HELD <= ord(one) < _HELD + 128 else one for one in text)
    return one_line(html.unescape(text))
