"""A comparison in sentences, in English or German."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from einthoven.reporting.compare.changes import Change, difference
from einthoven.reporting.compare.stated import StatedChange
from einthoven.reporting.compare.words import Words
from einthoven.reporting.draft import Draft

TENTHS = frozenset({"mV"})


def sentences(
    changes: Sequence[Change],
    stated: Sequence[StatedChange] | None,
    drafts: Sequence[Draft],
    electrodes: Sequence[str],
    say: Words,
) -> Iterator[str]:
    """What changed beyond the error of measurement first, then statements, electrodes, and what did not change."""
    plain = [one for one in changes if one.name in say.names]
    yield from (f"{_moved(one, say)}: {size_of(one, say)}." for one in plain if one.size in ("usual", "more"))
    yield from _st([one for one in changes if one.name not in say.names and one.size in ("usual", "more")], say)
    if stated is None:
        lacking = [say.whose[name] for name, draft in zip(say.whose, drafts, strict=True) if draft.outcome == "none"]
        yield say.no_drafts.format(", ".join(lacking))
    else:
        new = [one for one in stated if one.kind == "new"]
        gone = [one for one in stated if one.kind == "gone"]
        for sentence, some in ((say.new, new), (say.gone, gone)):
            if some:
                yield sentence.format(", ".join(_text(one, say) for one in some))
        if not new and not gone:
            yield say.no_news
    yield from electrodes
    calm = [say.names[one.name] for one in plain if one.size == "error"]
    if calm:
        yield say.within.format(", ".join(calm))
    unknown = [say.names[one.name] for one in plain if one.size is None]
    if unknown:
        yield say.unmeasured.format(", ".join(unknown))


def size_of(change: Change, say: Words) -> str:
    """What a difference amounts to, with the limits; empty where it is not judged."""
    if change.size is None or change.limit is None:
        return ""
    shown = (number(change.limit.error, change.unit, say), number(change.limit.usual, change.unit, say))
    return say.sizes[change.size].format(*shown)


def number(value: float, unit: str, say: Words, signed: bool = False) -> str:
    """A value with its unit, as the language writes it.

    >>> from einthoven.reporting.compare.words import words
    >>> number(-0.25, "mV", words("de")), number(12.4, "ms", words("en"), signed=True), number(-31, "°", words("en"))
    ('-0,25 mV', '+12 ms', '-31°')
    >>> number(-0.004, "mV", words("en"))
    '0.00 mV'
    """
    digits = 2 if unit in TENTHS else 0
    value = round(value, digits) + 0.0  # no minus before a zero
    text = f"{value:+.{digits}f}" if signed else f"{value:.{digits}f}"
    if say.language == "de":
        text, unit = text.replace(".", ","), "/min" if unit == "bpm" else unit
    return f"{text}{' ' if unit.isalpha() else ''}{unit}"


def apart(change: Change) -> float | None:
    """The difference of the two values as they are printed: 146 and 78 are 68 apart, whatever they were before."""
    if change.earlier is None or change.later is None:
        return None
    digits = 2 if change.unit in TENTHS else 0
    return difference(change.name, round(change.earlier, digits), round(change.later, digits))


def _moved(change: Change, say: Words) -> str:
    if change.earlier is None or change.later is None:
        return ""
    values = (number(change.earlier, change.unit, say), number(change.later, change.unit, say))
    frame = say.turned if change.unit == "°" else say.rose[change.later > change.earlier]
    return frame.format(say.names[change.name], *values)


def _st(some: Sequence[Change], say: Words) -> Iterator[str]:
    """One sentence for all leads whose ST moved, with earlier and later value; the table has each lead's limits."""
    for size in ("more", "usual"):
        leads = [one for one in some if one.size == size]
        if leads:
            shown = ", ".join(_lead(one, say) for one in leads)
            yield f"{say.st.format(shown)}: {say.st_sizes[size]}."


def _lead(change: Change, say: Words) -> str:
    lead = change.name.removeprefix("st_")
    return f"{lead} ({number(change.earlier or 0, 'mV', say)} → {number(change.later or 0, 'mV', say)})"


def _text(change: StatedChange, say: Words) -> str:
    statement = change.later or change.earlier
    unsure = f" ({say.polarity['possible']})" if statement and statement.polarity == "possible" else ""
    return f"{change.text}{unsure}"
