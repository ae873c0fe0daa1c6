"""A draft as one page for people: the ECG on its paper, the draft, and everything that it rests on."""

from __future__ import annotations

import pkgutil
from functools import cache

from einthoven.ecg import ECG, LEADS
from einthoven.paper import Layout, Page, draw
from einthoven.reporting.draft import Draft
from einthoven.reporting.parts import descriptions, facts, neighbours, statements
from einthoven.reporting.parts.verdict import head
from einthoven.reporting.parts.words import Words, words

# As wide as A4 across leaves room for between margins of 10 mm, and low enough to share the first
# printed page with the head: 25 mm/s and 10 mm/mV are true where the page is printed at 100%.
LAYOUT = Layout((LEADS[0:3], LEADS[3:6], LEADS[6:9], LEADS[9:12]), 2.5, rhythm=("II",), above=25, pitch=30, below=15)
PAPER = Page(margin=3.5, bare=2, footer=9)


def draft_page(ecg: ECG, draft: Draft, language: str = "en") -> str:
    """One HTML page that shows a draft and everything that it rests on.

    The page stands alone: style and drawing are part of it, it holds no script, and it asks for
    nothing from elsewhere. Whatever comes from files or archives is escaped. Printed on A4 at
    100% the paper has true millimetres. The patient's id is not on it.

    Args:
        ecg: the ECG that the draft is of.
        language: "en" or "de", of the page's own words; best that of the draft.

    Returns:
        The text of the file, to be written as UTF-8.

    Raises:
        UsageError: another language.
    """
    say = words(language)
    return (
        f'<!DOCTYPE html>\n<html lang="{say.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{say.title}: {say.outcomes[draft.outcome]}</title>\n<style>\n{sheet(say)}</style>\n</head>\n<body>\n"
        f"{head(ecg, draft, say)}\n<main>\n{_paper(ecg, say)}\n"
        f"{statements.text(draft, say)}\n{facts.measured(draft, say)}\n"
        f"{statements.table(draft, say)}\n{descriptions.section(draft, say)}\n"
        f"{neighbours.table(draft, say)}\n{neighbours.legend(draft, say)}\n</main>\n"
        f"{facts.about(ecg, draft, say)}\n</body>\n</html>\n"
    )


def _paper(ecg: ECG, say: Words) -> str:
    # Inside HTML an SVG needs no namespace, and without it the page names no address at all.
    svg = draw(ecg, LAYOUT, header=False, page=PAPER).replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    svg = svg.replace('aria-label="ECG"', f'aria-label="{say.paper}"', 1)
    # Where it is wider than the screen it scrolls, and what scrolls must be in reach of the keyboard.
    return (
        f'<section aria-labelledby="paper"><h2 id="paper" class="heard">{say.paper}</h2>'
        f'<div class="paper" tabindex="0" role="region" aria-label="{say.scroll}">{svg}</div></section>'
    )


def sheet(say: Words) -> str:
    """The style of a page, with the words of every printed page's margin: constants of this package alone."""
    return _css().replace("DISCLAIMER", say.disclaimer).replace("OF_PAGES", say.of_pages)


@cache
def _css() -> str:
    data = pkgutil.get_data("einthoven.reporting", "page.css")
    if data is None:
        raise FileNotFoundError("einthoven/reporting/page.css")
    return data.decode("utf-8")
