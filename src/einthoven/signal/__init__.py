"""Floor 1: resampling, zero-phase filters and beat detection on plain arrays; numpy alone."""

from einthoven.signal.spectral import bandpass, highpass, lowpass, resample, resample_and_filter

__all__ = ["bandpass", "highpass", "lowpass", "resample", "resample_and_filter"]
