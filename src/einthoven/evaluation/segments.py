"""Recordings cut into segments, for questions about who was recorded."""

from __future__ import annotations

from einthoven.ecg import ECG


def cut(ecg: ECG, start: int, samples: int) -> ECG:
    """Samples `start` to `start + samples` of an ECG, with its words but without its statements."""
    part = ECG(
        ecg.signal[:, start : start + samples],
        ecg.rate,
        calibrated=ecg.calibrated,
        patient=ecg.patient,
        time=ecg.time,
        device=ecg.device,
        format=ecg.format,
    )
    return part.described(notices=ecg.notices)


def first_and_last(ecg: ECG, seconds: float) -> tuple[ECG, ECG] | None:
    """The first and the last `seconds` of an ECG, which do not overlap; None where it is too short for both.

    >>> from einthoven.testing import simulate
    >>> [part.seconds for part in first_and_last(simulate(seconds=10), 5)]
    [5.0, 5.0]
    >>> first_and_last(simulate(seconds=9), 5)
    """
    samples = round(seconds * ecg.rate)
    if 2 * samples > ecg.samples:
        return None
    return cut(ecg, 0, samples), cut(ecg, ecg.samples - samples, samples)
