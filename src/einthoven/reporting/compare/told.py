"""A comparison for the terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from einthoven.reporting.compare.changes import Change
from einthoven.reporting.compare.sentences import apart, number, size_of
from einthoven.reporting.compare.stated import StatedChange
from einthoven.reporting.compare.words import Words
from einthoven.reporting.draft import DraftStatement, percent

if TYPE_CHECKING:
    from einthoven.reporting.compare.comparison import Comparison


def lines(found: Comparison) -> Iterator[str]:
    """Outcome, who and when, the table, codes, statements, sentences, the source of the limits, the disclaimer."""
    say = found.say
    yield say.outcomes[found.outcome]
    yield from (f"  {reason}" for reason in found.reasons)
    yield ""
    for name, ecg in (("earlier", found.order.earlier), ("later", found.order.later)):
        when = ecg.time.isoformat(" ", "minutes") if ecg.time else "-"
        yield f"{say.whose[name]:<16} {when}, {ecg.seconds:g} s, {ecg.rate:g} Hz"
    if found.order.days is not None:
        yield say.days.format(f"{found.order.days:.1f}".removesuffix(".0"))
    yield ""
    yield f"{say.measured:<20}{say.earlier:>12}{say.later:>12}{say.change:>12}   {say.judged}"
    for change in found.changes:
        if change.name in say.names or change.size in ("usual", "more"):
            yield _row(change, say)
    yield ""
    if found.outcome != "none":
        yield say.codes
        yield from (f"  {code.code} {code.text(say.language)}{because(code.because, say)}" for code in found.codes)
        if not found.codes:
            yield f"  {say.no_code}"
        yield ""
    if found.stated:
        yield say.statements
        yield from (_statement(one, say) for one in found.stated)
        yield ""
    if found.report:
        yield say.in_words
        yield from (f"  {sentence}" for sentence in found.report)
        yield ""
    yield say.source
    yield say.disclaimer


def because(reasons: tuple[StatedChange | Change, ...], say: Words) -> str:
    """What a code rests on, in brackets; empty for one that rests on nothing having changed.

    Statements are named by their wordings, measurements by their names.
    """
    named = [
        f"{say.kinds[one.kind]}: {one.text}" if isinstance(one, StatedChange) else title(one, say) for one in reasons
    ]
    return f" ({'; '.join(named)})" if named else ""


def title(change: Change, say: Words) -> str:
    """What a quantity is called."""
    return say.names.get(change.name) or f"ST {change.name.removeprefix('st_')}"


def _row(change: Change, say: Words) -> str:
    values = [
        "-" if value is None else number(value, change.unit, say, signed)
        for value, signed in ((change.earlier, False), (change.later, False), (apart(change), True))
    ]
    return f"{title(change, say):<20}{values[0]:>12}{values[1]:>12}{values[2]:>12}   {size_of(change, say)}".rstrip()


def _statement(change: StatedChange, say: Words) -> str:
    mark = f"  ! {say.critical}" if change.critical else ""
    shares = f"{_share(change.earlier, say)} → {_share(change.later, say)}"
    return f"  {say.kinds[change.kind]:<12} {change.text} [{change.code}]  {shares}{mark}"


def _share(statement: DraftStatement | None, say: Words) -> str:
    return "-" if statement is None else f"{say.polarity[statement.polarity]} {percent(statement.confidence)}"
