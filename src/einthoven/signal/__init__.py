"""Floor 1: resampling, zero-phase filters and beat detection on plain arrays; numpy alone."""

from einthoven.signal.beats import Beats, find_beats
from einthoven.signal.gaps import unrecorded
from einthoven.signal.similarity import beat_similarity, cut_beats
from einthoven.signal.spectral import bandpass, highpass, lowpass, resample, resample_and_filter

__all__ = [
    "Beats",
    "bandpass",
    "beat_similarity",
    "cut_beats",
    "find_beats",
    "highpass",
    "lowpass",
    "resample",
    "resample_and_filter",
    "unrecorded",
]
