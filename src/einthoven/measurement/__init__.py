"""Floor 2: measurements drawn from an ECG."""

from einthoven.measurement.amplitudes import LeadAmplitudes
from einthoven.measurement.beats import DRIFT_HZ
from einthoven.measurement.measure import measure
from einthoven.measurement.measurements import Measurements, MedianBeat

__all__ = ["DRIFT_HZ", "LeadAmplitudes", "Measurements", "MedianBeat", "measure"]
