"""The draft itself: its text, its overall line, and each statement with what it rests on."""

from __future__ import annotations

from einthoven.reporting.draft import Draft, DraftStatement, MeasurementEvidence, NeighbourEvidence
from einthoven.reporting.parts.descriptions import anchor
from einthoven.reporting.parts.markup import bar, foreign, is_critical, plain, ticks
from einthoven.reporting.parts.words import Words
from einthoven.reporting.report import PRESENT
from einthoven.retrieval import POSSIBLE
from einthoven.statements import write_report


def text(draft: Draft, say: Words) -> str:
    """The section with the report text; without one, the sentence that nothing was drafted."""
    said = plain(draft.report, 4000) if draft.report else write_report([], say.language)
    overall = f'<p class="overall">{plain(draft.overall)}</p>' if draft.overall else ""
    whose = f'<p class="note" lang="en">{plain(draft.quoted.heading)}</p>' if draft.quoted else ""
    return (
        f'<section class="card report" aria-labelledby="draft"><h2 id="draft">{say.draft}</h2>{whose}'
        f'<p class="{"said" if draft.report else "unsaid"}">{said}</p>{overall}{_refined(draft, say)}</section>'
    )


def _refined(draft: Draft, say: Words) -> str:
    """What a language model made of the text, as a difference; empty where none was asked."""
    refined = draft.refined
    if refined is None:
        return ""
    marks = {"=": "span", "-": "del", "+": "ins"}
    changed = "".join(f"<li>{mark} <{marks[mark]}>{plain(text)}</{marks[mark]}></li>" for mark, text in refined.diff())
    back = f'<p class="note">{say.put_back.format(plain(", ".join(refined.restored)))}</p>' if refined.restored else ""
    count = len(refined.additions)
    dropped = f'<p class="note">{say.additions.format(count)}</p>' if count else ""
    return (
        f'<h3>{say.reworded.format(foreign(refined.model))}</h3><p class="said">{plain(refined.text, 4000)}</p>'
        f'<ul class="evidence">{changed}</ul>{back}{dropped}'
    )


def table(draft: Draft, say: Words) -> str:
    """The section with the table of statements; empty where nothing is drafted."""
    if not draft.statements:
        return ""
    names = "".join(f'<th scope="col">{name}</th>' for name in say.columns)
    rows = "".join(_row(statement, draft, say) for statement in draft.statements)
    return (
        f'<section class="card" aria-labelledby="evidence"><h2 id="evidence">{say.statements}</h2>'
        f'<table class="statements"><thead><tr>{names}</tr></thead><tbody>{rows}</tbody></table>'
        f'<p class="note">{say.ticks}</p></section>'
    )


def measurement(name: str, say: Words) -> str:
    """What a measurement is called.

    >>> from einthoven.reporting.parts.words import words
    >>> measurement("heart_rate", words("de")), measurement("of_atria", words("en"))
    ('Herzfrequenz', 'of atria')
    """
    return say.measurements.get(name) or plain(name.replace("_", " "), 40)


def quantity(value: float, unit: str, say: Words) -> str:
    """A value with its unit."""
    return f"{say.number(value)}\u00a0{say.units.get(unit) or plain(unit, 12)}"


def _row(statement: DraftStatement, draft: Draft, say: Words) -> str:
    critical = is_critical(statement.code)
    mark = f' <span class="critical-mark">{say.critical}</span>' if critical else ""
    least = POSSIBLE if critical else PRESENT
    votes = say.votes.format(statement.votes, draft.k)
    carried = (statement.code in neighbour.codes for neighbour in draft.neighbours)
    ranks = {neighbour.record: rank for rank, neighbour in enumerate(draft.neighbours, 1)}
    proof = "".join(f"<li>{_evidence(item, ranks, say)}</li>" for item in statement.evidence)
    cells = (
        f'<code class="code">{plain(statement.code, 24)}</code>',
        f'<span class="polarity {statement.polarity}">{say.polarity[statement.polarity]}</span>',
        "-"
        if draft.quoted
        else f'<span class="figure">{say.percent(statement.confidence)}</span>{bar(statement.confidence, least)}',
        f'<span class="votes">{votes}</span>{ticks(carried)}',
        f'<ul class="evidence">{proof}</ul>',
    )
    labelled = "".join(
        f'<td data-label="{name}">{cell}</td>' for name, cell in zip(say.columns[1:], cells, strict=True)
    )
    kind = ' class="critical"' if critical else ""
    place = anchor(statement)
    wording = f'<a href="#{place}">{plain(statement.text)}</a>' if place else plain(statement.text)
    return f'<tr{kind}><th scope="row"><span class="wording">{wording}</span>{mark}</th>{labelled}</tr>'


def _evidence(item: NeighbourEvidence | MeasurementEvidence, ranks: dict[str, int], say: Words) -> str:
    if isinstance(item, MeasurementEvidence):
        return f"{measurement(item.measurement, say)} <b>{quantity(item.value, item.unit, say)}</b>"
    record = foreign(item.record)
    rank = ranks.get(item.record)
    named = f'<a href="#near-{rank}">{record}</a>' if rank else record
    return f"{named} <b>{say.number(item.similarity, 3)}</b>"
