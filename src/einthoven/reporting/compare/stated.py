"""What two drafts state differently: new, gone, or the same and surer or less sure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from einthoven.reporting.draft import Draft, DraftStatement
from einthoven.statements import VOCABULARY

Kind = Literal["new", "gone", "kept", "surer", "less-sure"]


@dataclass(frozen=True)
class StatedChange:
    """One statement of either draft; None where a draft has it not."""

    code: str
    text: str
    kind: Kind
    earlier: DraftStatement | None
    later: DraftStatement | None

    @property
    def critical(self) -> bool:
        """Whether somebody has to know of it at once."""
        return VOCABULARY[self.code].critical

    def to_dict(self) -> dict[str, Any]:
        """As JSON: the two statements without their evidence, which stands with the drafts."""
        return {"code": self.code, "text": self.text, "change": self.kind} | {
            name: None if one is None else {"polarity": one.polarity, "confidence": round(one.confidence, 3)}
            for name, one in (("earlier", self.earlier), ("later", self.later))
        }


def stated_changes(earlier: Draft, later: Draft) -> tuple[StatedChange, ...]:
    """New ones first, then those that are gone, then the rest; each in the order of its draft.

    A general statement is neither new nor gone beside a more special one of the other draft: sinus rhythm after
    sinus bradycardia is no news, the end of the bradycardia is.
    """
    first, second = _by_code(earlier), _by_code(later)
    found = [
        StatedChange(code, one.text, _kind(first.get(code), one, code in _covered(first)), first.get(code), one)
        for code, one in second.items()
    ]
    found += [
        StatedChange(code, one.text, "gone", one, None)
        for code, one in first.items()
        if code not in second and code not in _covered(second)
    ]
    order: tuple[Kind, ...] = ("new", "gone", "surer", "less-sure", "kept")
    return tuple(sorted(found, key=lambda change: order.index(change.kind)))


def _kind(before: DraftStatement | None, now: DraftStatement, covered: bool) -> Kind:
    if before is None:
        return "kept" if covered else "new"
    if before.polarity == now.polarity:
        return "kept"
    return "surer" if now.polarity == "present" else "less-sure"


def _by_code(draft: Draft) -> dict[str, DraftStatement]:
    return {one.code: one for one in draft.statements if one.code in VOCABULARY}


def _covered(stated: dict[str, DraftStatement]) -> set[str]:
    """The codes and all that they say more specially."""
    return {*stated, *(general for code in stated for general in VOCABULARY.ancestors(code))}
