"""What an ECG can be at most; checked before anything is allocated."""

from __future__ import annotations

from einthoven.ecg import SignalError, TruncatedError, UnsafeFileError
from einthoven.ecg.record import LONGEST_S, RATES

MOST_BYTES = 64 * 2**20
MOST_INFLATED_BYTES = 96 * 2**20  # twelve leads of 16 bits at 1000 Hz for an hour have 86 MB
MOST_CHANNELS = 32
LEAD_COUNT = 12
MOST_VALUES = 2**25  # samples of all channels together: 12 leads at 1000 Hz for 46 minutes
MOST_STATEMENTS = 200


def check_channels(channels: int) -> None:
    """Refuses a file with more channels than any ECG has (`UnsafeFileError`)."""
    if channels > MOST_CHANNELS:
        raise UnsafeFileError(
            f"The file announces {channels} channels; an ECG has at most {MOST_CHANNELS}.",
            "Export the 12 leads alone.",
        )


def check_rate(rate: float) -> None:
    """Refuses a sampling rate in Hz that no ECG has (`SignalError`)."""
    if not RATES[0] <= rate <= RATES[1]:  # also refuses NaN
        raise SignalError(
            f"A sampling rate of {rate:g} Hz is no ECG's.",
            f"Rates from {RATES[0]:g} to {RATES[1]:g} Hz are read; check the file's header.",
        )


def check_length(samples: int, rate: float) -> None:
    """Refuses a recording without a sample (`TruncatedError`), longer than an hour (`SignalError`), or of more
    samples than twelve leads may have (`UnsafeFileError`): an ECG always has twelve rows, whatever the file has."""
    if samples <= 0:
        raise TruncatedError("The file holds no sample.", "Copy or export it again.")
    if samples / rate > LONGEST_S:
        raise SignalError(
            f"The recording lasts {samples / rate:.0f} s; at most {LONGEST_S:.0f} s are read.",
            "Cut out the part of interest first.",
        )
    check_values(LEAD_COUNT, samples)


def check_values(channels: int, samples: int) -> None:
    """Refuses more samples in all channels together than are unpacked (`UnsafeFileError`)."""
    if channels * samples > MOST_VALUES:
        raise UnsafeFileError(
            f"The file announces {channels} x {samples} samples; at most {MOST_VALUES} are read.",
            "Cut out the part of interest first.",
        )
