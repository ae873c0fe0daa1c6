"""Floor 2: whether a recording is good enough: each lead by rule, the electrodes' places by a small network."""

from einthoven.quality.assess import assess
from einthoven.quality.findings import Finding, LeadQuality, Level, Quality

__all__ = ["Finding", "LeadQuality", "Level", "Quality", "assess"]
