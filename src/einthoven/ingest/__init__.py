"""Floor 2: what a hospital hands over, taken in safely: hostile files, packed folders, tables of reports."""

from einthoven.ingest.guard import NOT_ISOLATED, Guard
from einthoven.ingest.limits import Limits
from einthoven.ingest.sources import Item, Register, gather
from einthoven.ingest.wire import Reading

__all__ = ["NOT_ISOLATED", "Guard", "Item", "Limits", "Reading", "Register", "gather"]
