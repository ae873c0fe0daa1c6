"""The most similar ECGs: what each of them states, against what the draft says; and the legend of the codes."""

from __future__ import annotations

from einthoven.reporting.draft import Draft
from einthoven.reporting.neighbour_reports import NeighbourReport
from einthoven.reporting.parts.markup import foreign, hidden, is_critical, plain, term
from einthoven.reporting.parts.verdict import person
from einthoven.reporting.parts.words import Words
from einthoven.retrieval import Neighbour


def table(draft: Draft, say: Words) -> str:
    """The section with the neighbours, nearest first."""
    drafted = tuple(statement.code for statement in draft.statements)
    if draft.neighbours:
        names = "".join(f'<th scope="col">{name}</th>' for name in say.near_columns)
        told = {one.record: one for one in draft.neighbour_reports}
        rows = "".join(
            _row(rank, each, drafted, told.get(each.record), say) for rank, each in enumerate(draft.neighbours, 1)
        )
        body = (
            f"{_marks(say) if drafted else ''}"
            f'<table class="near"><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>'
            f'<p class="note">{say.waveforms}</p>'
        )
    else:
        body = f'<p class="unsaid">{say.no_neighbours}</p>'
    return f'<section class="card" aria-labelledby="near"><h2 id="near">{say.neighbours}</h2>{body}</section>'


def legend(draft: Draft, say: Words) -> str:
    """The section that spells out every code of the page; empty where there is none."""
    drafted = {statement.code for statement in draft.statements}
    shown = drafted.union(*(neighbour.codes for neighbour in draft.neighbours))
    if not shown:
        return ""
    entries = "".join(_entry(code, say) for code in sorted(shown, key=lambda code: (term(code) is None, code)))
    return (
        f'<section class="card" aria-labelledby="codes"><h2 id="codes">{say.codes}</h2>'
        f'<dl class="legend">{entries}</dl></section>'
    )


def _marks(say: Words) -> str:
    examples = (("shared", say.shared), ("other", say.plain), ("lacking", say.lacking))
    chips = "".join(f'<li><span class="chip {kind}">CODE</span> {meaning}</li>' for kind, meaning in examples)
    return f'<ul class="marks">{chips}</ul>'


def _row(rank: int, neighbour: Neighbour, drafted: tuple[str, ...], report: NeighbourReport | None, say: Words) -> str:
    # The draft's codes come first and always in its order: down the table they line up to columns.
    codes = tuple(dict.fromkeys(neighbour.codes))
    chips = [
        _chip(code, "shared", say.shared, say) if code in codes else _chip(code, "lacking", say.lacking, say)
        for code in drafted
    ]
    chips += [_chip(code, "other", "", say) for code in codes if code not in drafted]
    none = "" if codes else f'<li class="quiet">{say.no_codes}</li>'
    said = f'<p class="note">{say.its_report} <q>{plain(report.text)}</q></p>' if report else ""
    return (
        f'<tr id="near-{rank}"><td class="rank">{rank}</td>'
        f'<td class="figure">{say.number(neighbour.similarity, 3)}</td>'
        f"<td>{person(neighbour.age, neighbour.sex, say)}</td>"
        f'<th scope="row">{foreign(neighbour.record)}</th>'
        f'<td class="said-there"><ul class="chips">{"".join(chips)}{none}</ul>{said}</td></tr>'
    )


def _chip(code: str, kind: str, meaning: str, say: Words) -> str:
    known = term(code)
    wording = known.text(say.language) if known else say.unknown_code
    aside = hidden(f" ({meaning})") if meaning else ""
    return f'<li class="chip {kind}" title="{plain(wording)}">{plain(code, 24)}{aside}</li>'


def _entry(code: str, say: Words) -> str:
    known = term(code)
    wording = plain(known.text(say.language)) if known else f'<span class="quiet">{say.unknown_code}</span>'
    mark = f' <span class="critical-mark">{say.critical}</span>' if is_critical(code) else ""
    return f'<div><dt><code class="code">{plain(code, 24)}</code></dt><dd>{wording}{mark}</dd></div>'
