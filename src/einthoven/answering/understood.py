"""From the phrases of a question to what it asks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from einthoven.answering.meaning import IRREGULAR, PAUSE, REGULARITY, UNSAID, Meaning, Verb, name_of
from einthoven.answering.phrases import Item
from einthoven.datasets.ecg_qa.seen import SUBJECTS
from einthoven.datasets.ecg_qa.tables import names
from einthoven.datasets.ecg_qa.template import Change
from einthoven.reporting.unsaid import UNSAID as UNSAID_NAMES
from einthoven.statements import VOCABULARY

OPEN = frozenset(
    ("what", "which", "list", "name", "give", "tell", "was", "welche", "welcher", "welches", "nenne", "wie")
)
"""Words that ask for a list, or a value, and not for yes or no."""
OPEN_BARE = ("list", "feature", "the-axis", "the-age")
"""Kinds of phrases that ask the same by themselves: "Rhythm?"."""
ABOVE = frozenset(["wide", "broad", "long", "high", "fast", "breit", "lang", "hoch", "schnell"])
"""Words that say a level of a value, where they do not ask how much it is."""
HOW = frozenset(("what", "how", "was", "wie", "give", "tell", "nenne", "welche", "welchen", "betragt"))

Options = Sequence[tuple[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Found:
    """What was found in a question: items in their order, its words, and whether there is no word beside the items."""

    items: Sequence[Item]
    forms: frozenset[str]
    bare: bool = False

    def of(self, kind: str) -> list[str]:
        """The values of one kind, each once."""
        return list(dict.fromkeys(item.value for item in self.items if item.kind == kind))

    def has(self, *kinds: str) -> bool:
        """Whether any of these kinds was found."""
        return any(item.kind in kinds for item in self.items)

    def with_level(self, level: str) -> Found:
        """The same, with "normal" said of a measured value and not of the ECG."""
        items = [Item("level", level, i.first, i.last) if i.kind == "statement" else i for i in self.items]
        return Found(items, self.forms, self.bare)

    @property
    def lists(self) -> bool:
        """Whether it asks for names and not for yes or no."""
        return bool(self.forms & OPEN) or (self.bare and [item.kind in OPEN_BARE for item in self.items] == [True])


def meaning_from(found: Found, options: Options = ()) -> Meaning | None:
    """What is asked, or None where the phrases do not fit together."""
    change = _change(found)
    if change is None:
        return None
    if found.has("unsaid"):
        return None if change else _unsaid(found)
    if found.has("regularity"):
        return _regularity(found)
    for kinds, make in (
        (("feature", "features", "level", "outside"), _numbers),
        (("noise", "any-noise"), _noise),
        (("axis", "the-axis"), _axis),
        (("stage", "the-age"), _stage),
        (("extra",), _extra),
    ):
        if found.has(*kinds):
            if found.of("statement") == ["NORM"] and kinds[0] == "feature" and not found.has("level", "outside"):
                found = found.with_level("within")
            others = {"feature", "features", "noise", "any-noise", "axis", "the-axis", "stage", "the-age", "extra"}
            if found.has(*(others - set(kinds)), "statement", "group", "superclass", "list"):
                return None
            return make(found, change)
    return None if found.has("lead", "state") else _statements(found, change, options)


def _change(found: Found) -> Change | str | None:
    """The change that is asked of; "" for one ECG, None where the words do not say which."""
    changes = found.of("change")
    if found.has("changes"):
        return "any" if not changes else None
    if found.has("state"):
        became = "new" if found.of("state") == ["abnormal"] else "gone" if found.of("state") == ["normal"] else None
        return became if not changes else "kept" if (changes, became) == (["kept"], "new") else None
    if found.has("two") and not changes:
        return None
    return "" if not changes else changes[-1] if len(changes) == 1 else None


def _meant(verb: str, about: str, named: Sequence[str], place: str = "", change: str = "", **more: object) -> Meaning:
    return Meaning(cast(Verb, verb), about, tuple(named), place, cast(Change, change), **more)  # type: ignore[arg-type]


def _numbers(found: Found, change: str) -> Meaning | None:
    features, levels = found.of("feature"), [names("level")[one] for one in found.of("level")]
    if found.forms & ABOVE and not found.forms & (HOW | OPEN) and not found.has("outside"):
        above = names("level")["above"]
        levels = [above, *levels] if found.has("or") and above not in levels else levels or [above]
    if found.has("lead"):
        return None
    if found.has("state") and not (found.has("features") and found.has("two")):
        return None
    if change:
        return _numbers_of_two(found, features, change)
    if len(features) == 1:
        (feature,) = features
        if not levels:
            asks = found.forms & HOW or found.lists
            return _meant("value", "value", (), feature) if asks and not found.has("outside") else None
        if len(levels) == 1:
            return _meant("verify", "level-of-feature", levels, feature)
        return _meant("choose", "level-of-feature", levels, feature) if found.has("or") and len(levels) == 2 else None
    if features or not found.has("features") or not found.lists:
        return None
    if len(levels) == 1:
        return _meant("query", "features-at-level", SUBJECTS["features-at-level"].options, levels[0])
    return _meant("query", "outside", SUBJECTS["outside"].options) if found.has("outside") else None


def _numbers_of_two(found: Found, features: Sequence[str], change: str) -> Meaning | None:
    every = SUBJECTS["outside"].options
    if change == "any" or not set(features) <= set(every) or found.has("level"):
        return None
    if len(features) == 1:
        return _meant("verify", "outside", features, "", change)
    return _meant("query", "outside", every, "", change) if found.has("features") and not features else None


def _noise(found: Found, change: str) -> Meaning | None:
    kinds = [names("noise")[one] for one in found.of("noise")]
    leads = [names("lead")[one] for one in found.of("lead")]
    every = SUBJECTS["noise"].options
    if change or len(leads) > 1:
        return None
    about, place = ("noise-in-lead", leads[0]) if leads else ("noise", "")
    if not kinds:
        return _meant("query", about, every, place) if found.lists else _meant("any", about, (), place)
    if len(kinds) == 1:
        if found.lists and not leads and found.forms & {"leads", "ableitungen"}:
            return _meant("query", "leads-of-noise", SUBJECTS["leads-of-noise"].options, kinds[0])
        return _meant("verify", about, kinds, place)
    return _meant("choose", about, kinds, place) if len(kinds) == 2 and found.has("or") else None


def _axis(found: Found, change: str) -> Meaning | None:
    named = [names("axis")[one] for one in found.of("axis")]
    if change or found.has("lead"):
        return None
    if not named:
        return _meant("query", "axis", SUBJECTS["axis"].options) if found.lists else None
    if len(named) == 1:
        return _meant("verify", "axis", named)
    return _meant("choose", "axis", named) if len(named) == 2 and found.has("or") else None


def _stage(found: Found, change: str) -> Meaning | None:
    named = [names("stage")[one] for one in found.of("stage")]
    if change or found.has("lead"):
        return None
    if not named:
        return _meant("query", "every-stage", SUBJECTS["every-stage"].options)
    if len(named) == 1:
        return _meant("verify", "stage", named)
    return _meant("choose", "stage", named) if len(named) == 2 and found.has("or") else None


def _extra(found: Found, change: str) -> Meaning | None:
    kinds = found.of("extra")
    named = [names("extra")[one] for one in kinds]
    if change or found.has("lead"):
        return None
    if found.lists and kinds == ["ES"]:
        return _meant("query", "extra", SUBJECTS["extra"].options)
    if len(named) == 1:
        return _meant("any", "extra", ()) if kinds == ["ES"] else _meant("verify", "extra", named)
    return _meant("choose", "extra", named) if len(named) == 2 and found.has("or") else None


def _regularity(found: Found) -> Meaning | None:
    """Whether the beats follow each other evenly; "or irregular" is told from the state of a value that is so."""
    named = found.of("regularity")
    if found.has("or") and found.of("state") == ["abnormal"]:
        named = list(dict.fromkeys([*named, IRREGULAR]))
    elif found.has("state"):
        return None
    if found.forms & (OPEN | {"how"}) or found.has(*{i.kind for i in found.items} - {"regularity", "or", "state"}):
        return None
    if len(named) == 1:
        return _meant("verify", REGULARITY, named)
    return _meant("choose", REGULARITY, named) if found.has("or") else None


def _unsaid(found: Found) -> Meaning | None:
    """Rhythms that no statement says, one of them, or one with an "or" beside it or a statement."""
    if found.forms & (OPEN | {"how"}) - {"was"} or found.has(*{i.kind for i in found.items} - _BESIDE_UNSAID):
        return None
    groups = _groups(found)
    named = [*(UNSAID_NAMES.get(one, PAUSE) for one in found.of("unsaid")), *groups]
    if len(named) == 1:
        return _meant("verify", UNSAID, named)
    return _meant("choose", UNSAID, named, groups=groups) if len(named) == 2 and found.has("or") else None


def _statements(found: Found, change: str, options: Options) -> Meaning | None:
    groups = _groups(found)
    named = list(groups)
    if not change and (rates := _of_rate(found)):
        return rates
    if found.has("any"):
        return None if named or change or found.has("list") else _meant("any", "abnormal", ())
    if len(named) == 1:
        if change == "any" or found.has("list"):
            return None
        return _meant("verify", "statement", named, "", change, groups=groups)
    if len(named) > 1:
        fits = len(named) == 2 and found.has("or") and not change and not found.has("list")
        return _meant("choose", "statement", named, groups=groups) if fits else None
    if change == "any" and not found.has("list"):
        return _meant("query", "statement", _known("statement"), "", change)
    if not found.has("list") or (not change and not found.lists and found.of("list") != ["statement"]):
        return _meant("query", "statement", _known("statement"), "", change) if change and found.lists else None
    if offered := {option: codes for option, codes in options if codes}:
        return _meant("query", "statement", tuple(offered), "", change, groups=offered)
    lists = found.of("list")
    return _meant("query", lists[0], _known(lists[0]), "", change) if len(lists) == 1 else None


def _of_rate(found: Found) -> Meaning | None:
    """Tachycardia or bradycardia by themselves are asked of the heart rate: fibrillation is fast, too."""
    levels = [names("level")[_RATES[one]] for one in found.of("group") if one in _RATES]
    if not levels or len(levels) < len(found.of("group")) or found.has("statement", "superclass", "any", "list"):
        return None
    if len(levels) == 1:
        return _meant("verify", "level-of-feature", levels, "heart rate")
    return _meant("choose", "level-of-feature", levels, "heart rate") if found.has("or") else None


def _groups(found: Found) -> dict[str, tuple[str, ...]]:
    """What is named, each with all codes that say it: a code with those that imply it, or several codes."""
    made: dict[str, tuple[str, ...]] = {}
    for item in found.items:
        if item.kind == "superclass":
            codes = tuple(code for code in VOCABULARY if VOCABULARY[code].superclass == item.value)
            made[names("superclass")[item.value]] = codes
        elif item.kind in ("group", "statement"):
            codes = tuple(item.value.split())
            made[_GROUPS.get(item.value) or " or ".join(map(name_of, codes))] = _with_special(codes)
    return made


def _with_special(codes: Sequence[str]) -> tuple[str, ...]:
    special = [code for code in VOCABULARY if VOCABULARY.ancestors(code) & set(codes)]
    return tuple(dict.fromkeys((*codes, *special)))


def _known(kind: str) -> tuple[str, ...]:
    """The names that a list of this kind may hold, all 71 codes among them."""
    return tuple(name_of(code) for code in (VOCABULARY.codes(_KINDS.get(kind))))


_BESIDE_UNSAID = {"unsaid", "or", "statement", "group", "superclass"}
_KINDS = {"diagnosis": "diagnostic", "form": "form", "rhythm": "rhythm"}
_RATES = {"STACH SVTAC PSVT": "above", "SBRAD": "below"}
_GROUPS = {
    "CLBBB CRBBB ILBBB IRBBB": "bundle branch block",
    "CRBBB IRBBB": "right bundle branch block",
    "CLBBB ILBBB": "left bundle branch block",
    "1AVB 2AVB 3AVB": "AV block",
    "STACH SVTAC PSVT": "tachycardia",
    "SBRAD": "sinus bradycardia",
}
