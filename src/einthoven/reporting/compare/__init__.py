"""Two ECGs of one person: what changed, and which of it is more than the error of the measurements."""

from einthoven.reporting.compare.comparison import Comparison, compare
from einthoven.reporting.compare.persons import PatientError

__all__ = ["Comparison", "PatientError", "compare"]
