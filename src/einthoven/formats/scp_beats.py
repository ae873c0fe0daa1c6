"""What SCP-ECG's high compression took out of a rhythm, put back (EN 1064, 5.7 and 6).

A reference beat was subtracted around QRS complexes of its type; and outside protected areas
around each QRS ("bimodal" compression) the mean of every 2 to 4 samples was stored instead of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import Bools, FormatError, TruncatedError, UnsafeFileError

Amplitudes = NDArray[np.float64]
_HEAD = 6
_MOST_BEATS = 4096
_ZONE = np.dtype([("kind", "<u2"), ("first", "<u4"), ("fiducial", "<u4"), ("last", "<u4")])
_AREA = np.dtype([("first", "<u4"), ("last", "<u4")])


@dataclass(frozen=True)
class Zone:
    """Samples `first` to `last` around a QRS: a beat was subtracted there, its own fiducial at `fiducial`."""

    first: int
    fiducial: int
    last: int


@dataclass(frozen=True)
class Beats:
    """Length of the reference beat in ms, the number of its fiducial sample, where it was subtracted, what is whole."""

    length_ms: int
    fiducial: int
    zones: tuple[Zone, ...]
    areas: tuple[tuple[int, int], ...]


def read_beats(body: bytes, protected: bool) -> Beats:
    """Section 4; its protected areas only where `protected`.

    Raises:
        TruncatedError: the section is missing or ends too early.
        UnsafeFileError: more beats than an ECG has.
    """
    count = int.from_bytes(body[4:_HEAD], "little")
    if count > _MOST_BEATS:
        raise UnsafeFileError(f"The SCP-ECG file announces {count} beats.", "Export the resting ECG alone.")
    areas_at = _HEAD + count * _ZONE.itemsize
    if len(body) < areas_at + (count * _AREA.itemsize if protected else 0) or len(body) < _HEAD:
        raise TruncatedError(
            "The SCP-ECG file does not say where its beats are (section 4), but leaves out of its samples what "
            "follows from them.",
            "Copy it again, or export it with less compression.",
        )
    zones = np.frombuffer(body, _ZONE, count, _HEAD).tolist()
    areas = np.frombuffer(body, _AREA, count, areas_at).tolist() if protected else []
    return Beats(
        int.from_bytes(body[:2], "little"),
        int.from_bytes(body[2:4], "little"),
        tuple(Zone(first, fiducial, last) for kind, first, fiducial, last in zones if kind == 0),
        tuple(areas),
    )


def protected(beats: Beats, first: int, last: int) -> Bools:
    """Which of the samples `first` to `last` lie in a protected area, (samples,)."""
    mask = np.zeros(last - first + 1, np.bool_)
    for start, end in beats.areas:
        mask[max(start - first, 0) : max(end - first + 1, 0)] = True
    return mask


def stored_samples(mask: Bools, factor: int) -> int:
    """How many samples stand for those of `mask`: each protected one, and one for every `factor` of others.

    Raises:
        FormatError: between two protected areas more samples are left over than one.
    """
    starts, ends = _stretches(mask)
    if ((ends - starts) % factor > 1).any():
        raise FormatError(
            f"Between two QRS complexes of the SCP-ECG file lie samples that are no multiple of {factor}; "
            "programs differ in what they store then.",
            "Export it with less compression.",
        )
    return int(mask.sum() + (-(-(ends - starts) // factor)).sum())


def spread(stored: NDArray[np.int64], mask: Bools, factor: int) -> Amplitudes:
    """The samples (samples,) for those stored: means lie in the middle of what they stand for, lines between them.

    Before the first and behind the last mean of a stretch its value is held.
    """
    starts, ends = _stretches(mask)
    blocks = -(-(ends - starts) // factor)  # of each stretch; one mean stands for each
    first = np.repeat(starts, blocks) + factor * _counted(blocks)
    middles = (first + np.minimum(first + factor, np.repeat(ends, blocks)) - 1) / 2
    kept = mask.copy()
    kept[first] = True
    values = stored[: np.count_nonzero(kept)].astype(np.float64)  # in order of time, samples and means
    whole = mask[kept]
    found = np.empty(len(mask))
    found[mask] = values[whole]
    if len(starts):
        # One line through all means: where it leads over a protected area it is not looked at.
        last = np.cumsum(blocks) - 1
        places = np.flatnonzero(~mask)
        inside = [np.repeat(middles[edge], ends - starts) for edge in (last - blocks + 1, last)]
        found[places] = np.interp(np.clip(places, *inside), middles, values[~whole])
    return found


def _counted(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """0, 1, 2 ... for each length, one after another.

    >>> _counted(np.array([2, 3])).tolist()
    [0, 1, 0, 1, 2]
    """
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def add_beat(row: Amplitudes, first: int, beat: Amplitudes, beats: Beats) -> None:
    """Adds a reference beat, in the units of `row`, wherever it was subtracted; `first` is the row's first sample."""
    for zone in beats.zones:
        start_of_beat = zone.fiducial - beats.fiducial + 1  # the number of the sample at which the beat begins
        start = max(zone.first, first, start_of_beat)
        end = min(zone.last + 1, first + len(row), start_of_beat + len(beat))
        if start < end:
            row[start - first : end - first] += beat[start - start_of_beat : end - start_of_beat]


def _stretches(mask: Bools) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Where the stretches that are not protected begin and end."""
    edges = np.diff(np.concatenate([[True], mask, [True]]).astype(np.int8))
    return np.flatnonzero(edges == -1), np.flatnonzero(edges == 1)
