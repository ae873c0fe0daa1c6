"""What a hospital's own report states, as coded statements of its ECG."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import Statement
from einthoven.statements.parse import Synonyms, parse_report
from einthoven.statements.table import rows


@dataclass(frozen=True)
class Told:
    """What was read from one report.

    Args:
        statements: the codes that it calls present, each once; what it calls possible, absent or of an earlier ECG is
            none.
        unread: how many of its phrases no rule covers.
        uncoded: what can be dangerous, and has no code of its own: "ventricular-tachycardia", "acute-infarct".
    """

    statements: tuple[Statement, ...]
    unread: int
    uncoded: tuple[str, ...]


def told_in(text: str, own: Synonyms | None = None) -> Told:
    """The statements of a report, by the rules of `einthoven statements parse`; they hold no word of it.

    >>> told_in("Sinusrhythmus. Kein Linksschenkelblock, V.a. LVH").statements
    (Statement(text='', code='SR', system='SCP', likelihood=None),)
    """
    parsed = parse_report(text, own)
    codes = [code for code, stance in parsed.polarities().items() if stance == "present"]
    alarms = {row["said"] for row in rows("alarms")}
    uncoded = tuple(one for one in parsed.mentions if one in alarms)
    return Told(tuple(Statement(code=code, system="SCP") for code in codes), len(parsed.unparsed), uncoded)
