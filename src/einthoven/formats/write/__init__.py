"""Writing an ECG to a file: one module a format, and `write`, which chooses."""

from einthoven.formats.write.encoded import Encoded
from einthoven.formats.write.write import FORMATS, Written, write, writing

__all__ = ["FORMATS", "Encoded", "Written", "write", "writing"]
