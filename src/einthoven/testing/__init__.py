"""The ECG simulator that tests use, and what goes wrong with recordings: no file, no network, everything known."""

from einthoven.testing.changes import add_noise, add_noise_at, flat, with_signal
from einthoven.testing.electrodes import exchange, invert, reverse_precordials, swap_arms
from einthoven.testing.simulator import beat_times, simulate

__all__ = [
    "add_noise",
    "add_noise_at",
    "beat_times",
    "exchange",
    "flat",
    "invert",
    "reverse_precordials",
    "simulate",
    "swap_arms",
    "with_signal",
]
