"""Floor 2: measurements drawn from an ECG."""

from einthoven.measurement.amplitudes import LeadAmplitudes
from einthoven.measurement.measure import measure
from einthoven.measurement.measurements import Measurements, MedianBeat

__all__ = ["LeadAmplitudes", "Measurements", "MedianBeat", "measure"]
