"""What each drafted statement looks like in general, quoted from the handbook; the statement's row links to it."""

from __future__ import annotations

from einthoven.knowledge.extract import handbook_quotes
from einthoven.knowledge.handbook import SOURCE
from einthoven.reporting.draft import Draft, DraftStatement
from einthoven.reporting.parts.markup import plain
from einthoven.reporting.parts.words import Words


def section(draft: Draft, say: Words) -> str:
    """The section with a description a statement; empty where nothing is drafted."""
    described = "".join(_entry(statement) for statement in draft.statements if handbook_quotes(statement.code))
    if not described:
        return ""
    return (
        f'<section class="card" aria-labelledby="described"><h2 id="described">{say.described}</h2>'
        f'{described}<p class="note">{plain(SOURCE)}. {say.described_note}</p></section>'
    )


def anchor(code: str) -> str:
    """The place of a statement's description on the page; empty where it has none.

    >>> anchor("LAO/LAE")
    'about-LAO-LAE'
    """
    if not handbook_quotes(code):
        return ""
    return "about-" + "".join(letter if letter.isalnum() else "-" for letter in code)


def _entry(statement: DraftStatement) -> str:
    quotes = "".join(
        f"<p>{plain(quote.text, 4000)} <cite>{plain(quote.passage.section or '', 200)}</cite></p>"
        for quote in handbook_quotes(statement.code)
    )
    # Browsers open a closed element when they are led to what is inside it, not when they are led to itself.
    inside = f'<div class="described" id="{anchor(statement.code)}">{quotes}</div>'
    return f'<details lang="en"><summary>{plain(statement.text)}</summary>{inside}</details>'
