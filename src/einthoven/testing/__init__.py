"""The ECG simulator that tests use: no file, no network, everything known."""

from einthoven.testing.changes import add_noise, flat, swap_arms, with_signal
from einthoven.testing.simulator import beat_times, simulate

__all__ = ["add_noise", "beat_times", "flat", "simulate", "swap_arms", "with_signal"]
