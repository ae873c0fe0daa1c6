"""Floor 1: ECG files in, `ECG` records out. One module a format; what a file is, its content decides."""

from einthoven.formats.find import find
from einthoven.formats.read import read
from einthoven.formats.registry import FORMATS, Format
from einthoven.formats.repairs import is_repair
from einthoven.formats.told import record_name

__all__ = ["FORMATS", "Format", "find", "is_repair", "read", "record_name"]
