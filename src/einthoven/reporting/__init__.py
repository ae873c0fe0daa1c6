"""Floor 5: draft reports with evidence."""

from einthoven.reporting.draft import Draft, DraftStatement, MeasurementEvidence, NeighbourEvidence
from einthoven.reporting.outcomes import DISCLAIMER
from einthoven.reporting.report import report

__all__ = [
    "DISCLAIMER",
    "Draft",
    "DraftStatement",
    "MeasurementEvidence",
    "NeighbourEvidence",
    "report",
]
