"""Floor 1: ECG files in, `ECG` records out. One module a format; what a file is, its content decides."""

from einthoven.formats.find import find
from einthoven.formats.read import read
from einthoven.formats.registry import FORMATS, Format

__all__ = ["FORMATS", "Format", "find", "read"]
