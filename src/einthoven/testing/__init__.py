"""The ECG simulator that tests use, and what goes wrong with recordings: no file, no network, everything known."""

from einthoven.testing.changes import add_noise, add_noise_at, flat, swap_arms, with_signal
from einthoven.testing.simulator import beat_times, simulate

__all__ = ["add_noise", "add_noise_at", "beat_times", "flat", "simulate", "swap_arms", "with_signal"]
