"""What a report states, and what of it could not be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from einthoven.statements.finding import Finding

Stance = Literal["present", "possible", "absent", "prior"]
STANCES: tuple[Stance, ...] = get_args(Stance)


@dataclass(frozen=True)
class Stated:
    """One code that a text states.

    Args:
        polarity: "present", "possible", "absent", or "prior" for what is said of an earlier ECG alone.
        location: walls ("anterior+septal") or leads ("v2") that it is said of.
        severity: "slight", "moderate", "marked", or "" where the text does not say.
        span: where it stands in the text, first character and the one after the last.
        unspecific: the text calls it so.
        likely: possible, and held likelier than not: "probable", "consistent with".
    """

    code: str
    polarity: Stance = "present"
    location: tuple[str, ...] = ()
    severity: str = ""
    span: tuple[int, int] = (0, 0)
    unspecific: bool = False
    likely: bool = False


@dataclass(frozen=True)
class Parsed:
    """What a report states, in its order.

    Args:
        unparsed: phrases that no rule covers, as they stand in the text.
        language: "de", "en" or "sv" where the text shows it.
        mentions: what is read and has no code, such as "axis-left", "ventricular-tachycardia" or "acute-infarct";
            what can be dangerous is here only if it is present or possible.
    """

    statements: tuple[Stated, ...]
    unparsed: tuple[str, ...] = ()
    language: str | None = None
    mentions: tuple[str, ...] = ()

    def polarities(self) -> dict[str, Stance]:
        """Each code once, with the strongest that is said of it: present, possible, absent, then prior."""
        found: dict[str, Stance] = {}
        for one in self.statements:
            known = found.get(one.code)
            if known is None or STANCES.index(one.polarity) < STANCES.index(known):
                found[one.code] = one.polarity
        return found

    def findings(self) -> tuple[Finding, ...]:
        """The codes that are stated of this ECG, without what is said of an earlier one."""
        return tuple(Finding(code, stance) for code, stance in self.polarities().items() if stance != "prior")
