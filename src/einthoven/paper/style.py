"""Colours of the paper: two presets."""

from __future__ import annotations

from dataclasses import dataclass

from einthoven.ecg import UsageError

# The first that is installed; nothing is fetched.
FONT = "'Helvetica Neue', Helvetica, Arial, 'Liberation Sans', sans-serif"


@dataclass(frozen=True)
class Style:
    """Colours as SVG writes them."""

    paper: str
    fine: str
    bold: str
    trace: str
    text: str
    quiet: str
    alert: str


STYLES = {
    "colour": Style("#ffffff", "#f7d6d3", "#eeaaa5", "#101418", "#1d2329", "#6a7078", "#b3140c"),
    "mono": Style("#ffffff", "#e2e2e2", "#bcbcbc", "#000000", "#000000", "#5c5c5c", "#000000"),
}


def find(name: str) -> Style:
    """The preset of that name, or a UsageError that lists them."""
    if name not in STYLES:
        raise UsageError(f"There is no style {name!r}.", f"Use one of {', '.join(STYLES)}.")
    return STYLES[name]
