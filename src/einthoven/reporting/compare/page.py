"""A comparison as one page: both ECGs on one paper, median beats over each other, and what changed."""

from __future__ import annotations

from collections.abc import Iterable

from einthoven.ecg import SignalError
from einthoven.measurement import Measurements
from einthoven.paper import Beat, Drawing, draw, draw_beats
from einthoven.reporting.compare.changes import Change
from einthoven.reporting.compare.comparison import Comparison
from einthoven.reporting.compare.sentences import apart, number, size_of
from einthoven.reporting.compare.stated import StatedChange
from einthoven.reporting.compare.told import because, title
from einthoven.reporting.compare.words import Words
from einthoven.reporting.draft import DraftStatement
from einthoven.reporting.outcomes import Outcome
from einthoven.reporting.page import LAYOUT, PAPER, sheet
from einthoven.reporting.parts.markup import plain
from einthoven.reporting.parts.verdict import ICONS, moment
from einthoven.reporting.parts.words import words as page_words

OUTCOMES: dict[str, Outcome] = {"compared": "draft", "caution": "caution", "none": "none"}
"""The class of the page's style, and the icon, by outcome."""
STYLE = (
    ".changes td,.changes th{padding:5px 14px 5px 0}.changes .value,.changes th{white-space:nowrap}"
    ".changes .more th::before{content:'! ';color:var(--alert)}.changes .usual th::before{content:'~ '}"
    ".changes .more .value{font-weight:700}.sentences li{margin:4px 0}"
)


def comparison_page(found: Comparison) -> str:
    """One HTML page that shows a comparison.

    Like `draft_page` it stands alone, holds no script, asks for nothing from elsewhere, and names no patient.
    """
    say = found.say
    kind = OUTCOMES[found.outcome]
    css = sheet(page_words(say.language)) + STYLE
    return (
        f'<!DOCTYPE html>\n<html lang="{say.language}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<title>{say.title}</title>\n<style>\n{css}\n</style>\n</head>\n<body>\n"
        f'<header><p class="disclaimer"><strong>{plain(say.disclaimer)}</strong></p>'
        f'<div class="masthead"><h1>{say.title}</h1>{_who(found, say)}</div>'
        f'<section class="verdict {kind}" aria-labelledby="outcome">'
        f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true"><path d="{ICONS[kind]}"/></svg>'
        f'<div><h2 id="outcome">{say.outcomes[found.outcome]}</h2>{_list(found.reasons, "reasons")}</div>'
        f"</section></header>\n<main>\n"
        f"{_words(found, say)}{_measured(found, say)}{_statements(found, say)}{_papers(found, say)}\n</main>\n"
        f'<footer class="card"><p class="note">{plain(say.source)}</p>'
        f'<p class="disclaimer"><strong>{plain(say.disclaimer)}</strong></p></footer>\n</body>\n</html>\n'
    )


def _who(found: Comparison, say: Words) -> str:
    parts = [
        f"{say.whose[name]}: {moment(ecg.time) if ecg.time else '-'}, {ecg.seconds:g} s, {ecg.rate:g} Hz"
        for name, ecg in (("earlier", found.order.earlier), ("later", found.order.later))
    ]
    return f'<p class="recording">{"<br>".join(map(plain, parts))}</p>'


def _words(found: Comparison, say: Words) -> str:
    if found.outcome == "none":
        return ""
    codes = [f"{one.code} {one.text(say.language)}{because(one.because, say)}" for one in found.codes]
    return _card("words", say.in_words, _list(found.report, "sentences")) + _card(
        "codes", say.codes, _list(codes or [say.no_code], "sentences")
    )


def _measured(found: Comparison, say: Words) -> str:
    heads = "".join(f'<th scope="col">{name}</th>' for name in ("", say.earlier, say.later, say.change, say.judged))
    shown = [one for one in found.changes if one.name in say.names or one.size in ("usual", "more")]
    rows = "".join(_row(one, say) for one in shown)
    table = f'<table class="changes"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'
    return _card("measured", say.measured, table)


def _row(change: Change, say: Words) -> str:
    cells = "".join(
        f'<td class="value">{"-" if value is None else plain(number(value, change.unit, say, signed))}</td>'
        for value, signed in ((change.earlier, False), (change.later, False), (apart(change), True))
    )
    kind = f' class="{change.size}"' if change.size else ""
    return (
        f'<tr{kind}><th scope="row">{plain(title(change, say))}</th>{cells}<td>{plain(size_of(change, say))}</td></tr>'
    )


def _statements(found: Comparison, say: Words) -> str:
    if not found.stated:
        return ""
    return _card(
        "statements",
        say.statements,
        f"<table><tbody>{''.join(_stated(one, say) for one in found.stated)}</tbody></table>",
    )


def _stated(change: StatedChange, say: Words) -> str:
    mark = f' <span class="critical-mark">{say.critical}</span>' if change.critical else ""
    return (
        f"<tr><td>{say.kinds[change.kind]}</td>"
        f'<th scope="row">{plain(change.text)} <code class="code">{plain(change.code, 24)}</code>{mark}</th>'
        f"<td>{_share(change.earlier, say)} → {_share(change.later, say)}</td></tr>"
    )


def _share(statement: DraftStatement | None, say: Words) -> str:
    if statement is None:
        return "-"
    return f"{say.polarity[statement.polarity]} {page_words(say.language).percent(statement.confidence)}"


def _papers(found: Comparison, say: Words) -> str:
    beats = beats_over(found)
    shown = _paper("beats", say.beats, beats) if beats else ""
    return shown + _paper("paper", say.paper, _both(found, say))


def beats_over(found: Comparison) -> Drawing | None:
    """The median beats of both over one another, the earlier one dashed; None where one has none."""
    say = found.say
    earlier, later = (_beat(one) for one in found.measured)
    if earlier is None or later is None or _gains_differ(found):
        return None
    return draw_beats(
        found.order.later,
        later,
        over=(found.order.earlier, earlier),
        names=(say.later, say.earlier),
        header=False,
        filter="0.4 Hz high-pass",
    )


def _both(found: Comparison, say: Words) -> Drawing | None:
    if _gains_differ(found):
        return None
    later, earlier = found.order.later, found.order.earlier
    return draw(later, LAYOUT, over=earlier, names=(say.later, say.earlier), header=False, page=PAPER)


def _gains_differ(found: Comparison) -> bool:
    """Two ECGs without a known gain share no scale on which they could be drawn over each other."""
    return not (found.order.later.calibrated and found.order.earlier.calibrated)


def _beat(measured: Measurements) -> Beat | None:
    beat = measured.median_beat
    if beat is None:
        return None
    points = ("p_onset", "p_offset", "qrs_onset", "qrs_offset", "t_offset")
    try:
        return Beat(beat.signal, beat.rate, beat.r_peak, **{name: getattr(beat, name) for name in points})
    except SignalError:
        return None


def _paper(name: str, heading: str, drawing: Drawing | None) -> str:
    if drawing is None:
        return ""
    svg = drawing.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return (
        f'<section aria-labelledby="{name}"><h2 id="{name}">{heading}</h2>'
        f'<div class="paper" tabindex="0" role="region" aria-label="{heading}">{svg}</div></section>'
    )


def _card(name: str, heading: str, body: str) -> str:
    return f'<section class="card" aria-labelledby="{name}"><h2 id="{name}">{heading}</h2>{body}</section>'


def _list(texts: Iterable[str], name: str) -> str:
    lines = "".join(f"<li>{plain(text)}</li>" for text in texts)
    return f'<ul class="{name}">{lines}</ul>' if lines else ""
