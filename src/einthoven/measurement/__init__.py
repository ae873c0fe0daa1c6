"""Floor 2: measurements drawn from an ECG."""

from einthoven.measurement.alarms import Alarm, alarms_of, fast_and_broad, pause
from einthoven.measurement.amplitudes import LeadAmplitudes
from einthoven.measurement.beats import DRIFT_HZ
from einthoven.measurement.measure import measure
from einthoven.measurement.measurements import Measurements, MedianBeat
from einthoven.measurement.p_wave import NO_P_WAVE
from einthoven.measurement.runs import FastRun

__all__ = [
    "DRIFT_HZ",
    "NO_P_WAVE",
    "Alarm",
    "FastRun",
    "LeadAmplitudes",
    "Measurements",
    "MedianBeat",
    "alarms_of",
    "fast_and_broad",
    "measure",
    "pause",
]
