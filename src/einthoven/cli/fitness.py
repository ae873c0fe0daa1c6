"""What commands say of a recording that is not fit to conclude anything from, beside what they do with it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from einthoven.cli.terminal import say

if TYPE_CHECKING:
    from einthoven.ecg import ECG
    from einthoven.quality import Finding

ELECTRODES = frozenset({"arm-swap", "arm-leg-swap", "precordial-swap", "chest-inverted", "inverted"})
GAINS = frozenset({"lead-gain", "wrong-unit", "einthoven-residual"})
UNSEEN = ELECTRODES | GAINS
"""Findings that change what a picture seems to show, and that nobody sees in it."""


def findings(ecg: ECG) -> tuple[Finding, ...]:
    """What `quality.assess` finds, the severe ones first; imported only now, for `--help` does without it."""
    from einthoven.quality import assess

    return assess(ecg).findings


def lines(found: tuple[Finding, ...], ecg: ECG) -> list[tuple[str, str]]:
    """Keys and texts for a list of what a file holds; what a notice of the ECG says already is not said again."""
    said = {notice.text for notice in ecg.notices}
    return [("not usable" if one.severe else "caution", one.text) for one in found if one.text not in said]


def loud(found: tuple[Finding, ...]) -> tuple[Finding, ...]:
    """Those to be told by a command that is not asked for them: the severe ones, exchanged electrodes, wrong gains."""
    return tuple(one for one in found if one.severe or one.kind in UNSEEN)


def warnings(found: tuple[Finding, ...], whose: str = "") -> list[str]:
    """The loud ones as sentences, each with what it is."""
    return [f"{'Not usable' if one.severe else 'Caution'}: {whose}{one.text}" for one in loud(found)]


def warn(found: tuple[Finding, ...], whose: str = "") -> None:
    """Says the loud ones on standard error."""
    for line in warnings(found, whose):
        say(line, sys.stderr)
