"""Floor 2: measurements drawn from an ECG."""

from einthoven.measurement.heart_rate import measure
from einthoven.measurement.measurements import Measurements

__all__ = ["Measurements", "measure"]
