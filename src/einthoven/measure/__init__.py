"""Floor 2: measurements drawn from an ECG."""

from einthoven.measure.measure import measure
from einthoven.measure.measurements import Measurements

__all__ = ["Measurements", "measure"]
