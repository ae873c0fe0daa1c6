"""Floor 1: ECG files in, `ECG` records out, and back. One module a format; what a file is, its content decides."""

from einthoven.formats.convert import Converted, convert
from einthoven.formats.find import find
from einthoven.formats.identity import deidentify
from einthoven.formats.read import read
from einthoven.formats.registry import FORMATS, Format
from einthoven.formats.repairs import is_repair
from einthoven.formats.told import record_name
from einthoven.formats.write import Written, write

__all__ = [
    "FORMATS",
    "Converted",
    "Format",
    "Written",
    "convert",
    "deidentify",
    "find",
    "is_repair",
    "read",
    "record_name",
    "write",
]
