"""Floor 2: what a hospital hands over, taken in safely: hostile files, packed folders, tables of reports."""

from einthoven.ingest.guard import NOT_ISOLATED, Guard
from einthoven.ingest.limits import Limits
from einthoven.ingest.wire import Reading

__all__ = ["NOT_ISOLATED", "Guard", "Limits", "Reading"]
