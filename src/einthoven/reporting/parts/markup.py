"""Writing HTML: words from files and archives made harmless, and the few shapes that several parts share."""

from __future__ import annotations

from collections.abc import Iterable

from einthoven.paper.svg import clean
from einthoven.statements import VOCABULARY, Term

LONGEST = 600
"""Characters of one text that a page shows."""


def plain(text: object, limit: int = LONGEST) -> str:
    """A text as it may stand in HTML, between tags and in quoted attributes: one line, no markup, no hidden letters.

    >>> plain('<b onclick="x">')
    '&lt;b onclick=&quot;x&quot;&gt;'
    """
    return clean(str(text), limit)


def foreign(text: object, limit: int = 80) -> str:
    """A name from a file, kept from turning the direction of the words around it.

    >>> foreign("HR00001")
    '<bdi>HR00001</bdi>'
    """
    return f"<bdi>{plain(text, limit)}</bdi>"


def items(texts: Iterable[object], name: str, language: str = "en") -> str:
    """Sentences of a draft as a list of that class; empty where there are none.

    >>> items(["Noise in V1."], "notices")
    '<ul class="notices" lang="en"><li>Noise in V1.</li></ul>'
    """
    lines = "".join(f"<li>{plain(text)}</li>" for text in texts)
    return f'<ul class="{name}" lang="{language}">{lines}</ul>' if lines else ""


def hidden(text: str) -> str:
    """Harmless words for those who hear the page."""
    return f'<span class="heard">{text}</span>'


def bar(share: float, mark: float) -> str:
    """A share of 1 as a bar with a tick at `mark`. Decoration: the number stands beside it.

    >>> bar(0.5, 0.2).count("<rect")
    2
    """
    filled = 100 * min(max(share, 0.0), 1.0)
    return (
        '<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="track" y="2.5" width="100" height="5"/>'
        f'<rect class="fill" y="2.5" width="{filled:.1f}" height="5"/>'
        f'<path d="M{100 * mark:g} 0v10"/></svg>'
    )


def ticks(carried: Iterable[bool]) -> str:
    """A tick for each neighbour, nearest first: tall where it carries a statement. Decoration, as `bar`.

    >>> ticks([True, False])[79:]
    '<path d="M1 0h2v12h-2z"/><path class="off" d="M5 8h2v4h-2z"/></svg>'
    """
    flags = list(carried)
    tall = "".join(f"M{4 * at + 1} 0h2v12h-2z" for at, flag in enumerate(flags) if flag)
    short = "".join(f"M{4 * at + 1} 8h2v4h-2z" for at, flag in enumerate(flags) if not flag)
    width = 4 * len(flags)
    return (
        f'<svg class="ticks" viewBox="0 0 {width} 12" width="{width}" height="12" aria-hidden="true">'
        f'<path d="{tall}"/><path class="off" d="{short}"/></svg>'
    )


def term(code: str) -> Term | None:
    """What the vocabulary knows of a code; an archive may hold others."""
    if code not in VOCABULARY:
        return None
    return VOCABULARY[code]


def is_critical(code: str) -> bool:
    """Whether somebody has to know of it at once."""
    known = term(code)
    return known is not None and known.critical
