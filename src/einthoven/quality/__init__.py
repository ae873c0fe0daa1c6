"""Floor 2: whether a recording is good enough, by rule."""

from einthoven.quality.assess import assess
from einthoven.quality.findings import Finding, Level, Quality

__all__ = ["Finding", "Level", "Quality", "assess"]
