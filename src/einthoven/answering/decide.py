"""From the chances of names to the best answer among those that are possible, and how sure it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import product

from einthoven.answering.chances import Chance, chances
from einthoven.answering.ground import Ground
from einthoven.answering.meaning import NO, NONE, NOT_SURE, ONE_OF_MANY, YES, Meaning
from einthoven.answering.scales import Scales, odds
from einthoven.answering.view import View

EXCLUSIVE = (*ONE_OF_MANY, "stage")
DOUBT = "template 1, in doubt"
NO_LINES = Scales()
MOST_TOLD, WORTH = 8, 0.05
"""Names of a list whose grounds are told, and the probability without which only the likeliest is."""


@dataclass(frozen=True)
class Judged:
    """The best answer.

    Args:
        best: among the options of what is asked; empty where nothing is known.
        confidence: probability that it is right as a whole; premises of a comparison included.
        chances: of each name, in its order.
        tell: gives what it rests on, of the names that are likeliest first.
        premise: probability that what the question takes for granted holds; 1 for a question about one ECG.
    """

    best: tuple[str, ...]
    confidence: float
    chances: Mapping[str, float]
    tell: Callable[[], tuple[Ground, ...]]
    premise: float = 1.0


def judge(meaning: Meaning, views: Sequence[View], scales: Scales, lines: Scales = NO_LINES) -> Judged:
    """Judges one ECG, or two where the question compares them.

    Args:
        scales: what turns what is seen into probabilities.
        lines: further lines by "template N", for questions whose answers are balanced on purpose.
    """
    found, premise = _found(meaning, views, scales)
    key = f"template {meaning.template}"
    value = {name: lines.chance(key, odds(one.value)) for name, one in found.items()}
    if not value:
        return Judged((), 0.0, {}, partial(_unmeasured, meaning, views))
    best, confidence = _best(meaning, value, lines)
    return Judged(best, confidence * premise, value, partial(_grounds, found, value), premise)


def _grounds(found: Mapping[str, Chance], value: Mapping[str, float]) -> tuple[Ground, ...]:
    ranked = sorted(value, key=lambda one: -value[one])
    first = [name for place, name in enumerate(ranked[:MOST_TOLD]) if not place or value[name] >= WORTH]
    return tuple(dict.fromkeys(ground for name in first for ground in found[name].tell()))


def _found(meaning: Meaning, views: Sequence[View], scales: Scales) -> tuple[Mapping[str, Chance], float]:
    if not meaning.pair:
        return chances(views[0], meaning, scales), 1.0
    plain = replace(meaning, change="")
    first, second = (chances(view, plain, scales) for view in views)
    both = {name: (first[name], second[name]) for name in first if name in second}
    if meaning.change == "any":
        return {f"{name} {word}": _both(one, word) for name, one in both.items() for word in ("gone", "new")}, 1.0
    if meaning.verb != "verify":
        return {name: _both(one, meaning.change) for name, one in both.items()}, 1.0
    (name,) = meaning.names
    if name not in both:
        return {}, 1.0
    before, after = both[name]
    held = meaning.change in ("gone", "kept")
    value = after.value if meaning.change in ("new", "kept") else 1 - after.value
    return {name: Chance(value, partial(_told, before, after))}, before.value if held else 1 - before.value


def _both(pair: tuple[Chance, Chance], change: str) -> Chance:
    before, after = (one.value for one in pair)
    value = (before if change in ("gone", "kept") else 1 - before) * (after if change in ("new", "kept") else 1 - after)
    return Chance(value, partial(_told, *pair))


def _told(before: Chance, after: Chance) -> tuple[Ground, ...]:
    return tuple(
        replace(ground, text=f"{which} ECG: {ground.text}")
        for which, one in (("first", before), ("second", after))
        for ground in one.tell()
    )


def _best(meaning: Meaning, value: Mapping[str, float], lines: Scales) -> tuple[tuple[str, ...], float]:
    if meaning.verb in ("verify", "any"):
        (held,) = value.values()
        if meaning.template == 1 and DOUBT in lines.lines:
            doubt = lines.chance(DOUBT, odds(held))
            each = {YES: held * (1 - doubt), NOT_SURE: held * doubt, NO: 1 - held}
            best = max(each, key=lambda one: each[one])
            return (best,), each[best]
        return ((YES,), held) if held >= 0.5 else ((NO,), 1 - held)
    if meaning.about in EXCLUSIVE:
        each = dict(value)
        if NONE in meaning.options:
            each[NONE] = max(0.0, 1 - sum(value.values()))
        whole = sum(each.values())
        best = max(each, key=lambda one: each[one])
        return (best,), each[best] / whole if whole else 0.0
    chosen = tuple(name for name in value if value[name] >= 0.5)
    confidence = 1.0
    for chance in value.values():
        confidence *= max(chance, 1 - chance)
    return chosen or (NONE,), confidence


def _unmeasured(meaning: Meaning, views: Sequence[View]) -> tuple[Ground, ...]:
    from einthoven.answering.values import measured_ground

    features = [meaning.place] if meaning.about == "level-of-feature" else []
    features += ["axis"] if meaning.about == "axis" else []
    features += list(meaning.names) if meaning.about in ("outside", "features-at-level") else []
    return tuple(measured_ground(view, feature) for view, feature in product(views, features))
