"""What a sentence says of the ECG before it is weighed: codes, where they stand among its items, and how sure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from einthoven.statements.parse.match import Item
from einthoven.statements.parse.stated import Stance

_MARKED: dict[str, Stance] = {"?": "possible", "-": "absent", "<": "prior"}

THROUGH = frozenset(("wall", "age", "none", "qualifier", "severity", "unknown", "in", "lead", "number"))
"""Kinds of items that part neither a claim from its cue nor two claims of one list."""


@dataclass
class Claim:
    """Codes, none for a finding without any, and the items that say them.

    Args:
        first, last: the places of its items in the sentence. at: where a cue has to stand before; the first, but for
            a shape its sign, since "T waves are not inverted".
        kind: "finding", "core" (with a wall) or "shape" (of a wave).
        core: "infarct", "injury" or "ischaemia", and its walls.
        wave: what a shape is said of, such as "ST".
        generic: it says only that something is abnormal, and yields to a cause.
        stances: how each code stands by itself.
        mention: what it says beside its codes, and how that stands (`mentioned`).
        likely: it is weighed, and held likelier than not.
    """

    codes: tuple[str, ...]
    first: int
    last: int
    at: int
    kind: str
    start: int
    end: int
    location: tuple[str, ...] = ()
    severity: str = ""
    generic: bool = False
    unspecific: bool = False
    walls: tuple[tuple[str, ...], ...] = ()
    core: str = ""
    wave: str = ""
    stances: list[Stance] = field(default_factory=list)
    mention: str = ""
    mentioned: Stance = "present"
    likely: bool = False
    dropped: bool = False

    def weigh(self, stance: Stance, likely: bool = False) -> None:
        """What a cue says of all its codes; a denied or earlier finding does not become a possible one."""
        if stance == "possible" and "present" in self.stances:
            self.likely = likely
        self.stances = [_weighed(given, stance) for given in self.stances]
        self.mentioned = _weighed(self.mentioned, stance)


def _weighed(given: Stance, stance: Stance) -> Stance:
    return stance if given == "present" or (stance != "possible" and given == "possible") else given


def claim_of(marked: str, items: Sequence[Item], first: int, last: int, kind: str) -> Claim:
    """A claim of codes as the tables write them: "AFIB? AFLT?" are possible, "NORM-" is denied, "AFIB<" earlier."""
    parts = marked.split()
    codes = tuple(part.rstrip("?-<") for part in parts)
    made = Claim(codes, first, last, first, kind, items[first].start, items[last].end)
    made.stances = [_MARKED.get(part[-1], "present") for part in parts]
    made.mention = items[first].mention if first == last else ""
    return made


def between(items: Sequence[Item], one: int, other: int) -> Sequence[Item]:
    """The items after the place `one` and before `other`."""
    return items[one + 1 : other]
