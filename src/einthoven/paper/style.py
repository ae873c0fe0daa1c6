"""Colours of the paper: two presets."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import UsageError

# The first that is installed; nothing is fetched.
FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"
DASH = "1.5 .6"
"""Millimetres of line and gap of the second of two ECGs: colour alone is lost on a black-and-white printer."""


@dataclass(frozen=True)
class Style:
    """Colours as SVG writes them.

    `second` is the trace of the other of two ECGs; `mark` and `second_mark` are where their waves begin and end.
    """

    paper: str
    fine: str
    bold: str
    trace: str
    second: str
    mark: str
    second_mark: str
    text: str
    quiet: str
    alert: str


STYLES = {
    "colour": Style(
        paper="#ffffff",
        fine="#f7d6d3",
        bold="#eeaaa5",
        trace="#101418",
        second="#1258b8",
        mark="#0b7a5c",
        second_mark="#1258b8",
        text="#1d2329",
        quiet="#6a7078",
        alert="#b3140c",
    ),
    "mono": Style(
        paper="#ffffff",
        fine="#e2e2e2",
        bold="#bcbcbc",
        trace="#000000",
        second="#6b6b6b",
        mark="#404040",
        second_mark="#6b6b6b",
        text="#000000",
        quiet="#5c5c5c",
        alert="#000000",
    ),
}


def find(name: str) -> Style:
    """The preset of that name, or a UsageError that lists them."""
    if name not in STYLES:
        raise UsageError(f"There is no style {name!r}.", f"Use one of {', '.join(STYLES)}.")
    return STYLES[name]
