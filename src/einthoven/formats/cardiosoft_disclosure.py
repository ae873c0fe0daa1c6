"""A full disclosure of CardioSoft: the samples of all leads in one list, in one of two orders that files do not name.

GE's description has the first sample of each lead, then the second of each, and so on. CardioSoft 6.73 writes a second
of the first lead on one line, the same second of the next lead on the next, and readers of UK Biobank's exercise tests
and of 100 Hz recordings take theirs so. Read in the wrong order leads are scrambled and look like noise.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import FormatError, TruncatedError
from einthoven.formats.documents.numbers import series

_CLEAR = 1.15
"""How much rougher the other order must be. On 600 ECGs of PTB-XL at 100 Hz, with 2, 3 and 12 leads, the wrong order
was rougher in all, by 1.16 to 8 times."""
_WHOSE = "the full disclosure"


def leads_in_turn(text: str, count: int, rate: float) -> NDArray[np.float64]:
    """The samples (count, samples) of a full disclosure.

    Lines that hold a second of a lead, or a sample of each, tell the order; else that in which leads run smoothly.

    Args:
        text: of the list. count: leads. rate: in Hz.

    Raises:
        FormatError: something in the list is no number, or nothing tells the order.
        TruncatedError: it ends within a sample of all leads.
    """
    second = round(rate)
    lines = [series(line, ",", _WHOSE) for line in text.splitlines() if line.strip(" \t,")]
    raw = np.concatenate(lines) if lines else np.empty(0)
    if raw.size % count:
        raise TruncatedError("The full disclosure ends within a sample of all its leads.", "Copy or export it again.")
    by_sample, by_second = raw.reshape(-1, count).T, _by_second(raw, count, second)
    widths = {line.size for line in lines[: raw.size // (count * second) * count]}
    if len(lines) > 1 and widths == {second} != {count}:
        return by_second
    if len(lines) > 1 and {line.size for line in lines} == {count} != {second}:
        return by_sample
    roughness = [
        float(np.abs(np.diff(order, axis=1)).mean()) if raw.size > count else 0.0 for order in (by_sample, by_second)
    ]
    if np.array_equal(by_sample, by_second) or roughness[0] * _CLEAR <= roughness[1]:
        return by_sample
    if roughness[1] * _CLEAR <= roughness[0]:
        return by_second
    raise FormatError(
        "Nothing tells in which order the full disclosure holds the samples of its leads.",
        "Export the ECG with its strip.",
    )


def _by_second(raw: NDArray[np.float64], count: int, second: int) -> NDArray[np.float64]:
    """A second of each lead in turn; the last may be shorter, the same for all."""
    whole = raw.size // (count * second) * count * second
    seconds = raw[:whole].reshape(-1, count, second).transpose(1, 0, 2).reshape(count, -1)
    return np.concatenate([seconds, raw[whole:].reshape(count, -1)], axis=1)
