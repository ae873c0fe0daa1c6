"""What each drafted statement looks like in general, quoted from its sources; the statement's row links to it."""

from __future__ import annotations

from einthoven.knowledge.description import Quote
from einthoven.knowledge.extract import handbook_quotes
from einthoven.knowledge.handbook import SOURCE
from einthoven.reporting.draft import Draft, DraftStatement
from einthoven.reporting.parts.markup import plain
from einthoven.reporting.parts.words import Words


def section(draft: Draft, say: Words) -> str:
    """The section with a description a statement; empty where nothing is drafted."""
    described = "".join(_entry(statement) for statement in draft.statements if quotes(statement))
    if not described:
        return ""
    source = "" if draft.knowledge else f"{plain(SOURCE)}. "
    return (
        f'<section class="card" aria-labelledby="described"><h2 id="described">{say.described}</h2>'
        f'{described}<p class="note">{source}{say.described_general if draft.knowledge else say.described_note}</p>'
        "</section>"
    )


def quotes(statement: DraftStatement) -> tuple[Quote, ...]:
    """What describes a statement: passages of the user's knowledge base where one was named, else of the handbook."""
    return handbook_quotes(statement.code) if statement.described is None else statement.described


def anchor(statement: DraftStatement) -> str:
    """The place of a statement's description on the page, such as "about-LAO-LAE"; empty where it has none."""
    if not quotes(statement):
        return ""
    return "about-" + "".join(letter if letter.isalnum() else "-" for letter in statement.code)


def _entry(statement: DraftStatement) -> str:
    said = "".join(
        f"<p>{plain(quote.text, 4000)} <cite>{plain(_place(statement, quote), 400)}</cite></p>"
        for quote in quotes(statement)
    )
    # Browsers open a closed element when they are led to what is inside it, not when they are led to itself.
    inside = f'<div class="described" id="{anchor(statement)}">{said}</div>'
    lang = ' lang="en"' if statement.described is None else ""
    return f"<details{lang}><summary>{plain(statement.text)}</summary>{inside}</details>"


def _place(statement: DraftStatement, quote: Quote) -> str:
    """The handbook is named once, below all; books are named with each quote."""
    if statement.described is None:
        return quote.passage.section or ""
    return f"{quote.passage.source}, {quote.passage.place}"
