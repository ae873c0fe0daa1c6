"""What every format's `encode` gives: the bytes of a file, and what to say about them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from einthoven.ecg import ECG, Notice


@dataclass(frozen=True)
class Encoded:
    """A file in memory, or the two of a WFDB record.

    Args:
        files: content by suffix; the first is the one that is read.
        kind: the format in words.
        leads: those that are stored; what follows from them is left to the reader.
        steps: the least significant bit of each lead in microvolt; 0 where values are exact.
        notices: what the format cannot hold, or holds more coarsely.
    """

    files: Mapping[str, bytes]
    kind: str
    leads: tuple[str, ...]
    steps: Mapping[str, float]
    notices: tuple[Notice, ...] = ()


def stored_leads(ecg: ECG) -> tuple[str, ...]:
    """The leads that were recorded: neither derived nor missing."""
    return tuple(lead for lead in ecg.leads if lead not in ecg.derived and lead not in ecg.missing)


def left_out(kind: str, **held: object) -> tuple[Notice, ...]:
    """A notice naming what an ECG holds and is not written in a format; none where there is nothing.

    >>> [str(notice) for notice in left_out("CSV", device="MAC55", statements=())]
    ['Not written as CSV: device.']
    """
    names = [name.replace("_", " ") for name, value in held.items() if value]
    return (Notice("left-out", f"Not written as {kind}: {', '.join(names)}."),) if names else ()
