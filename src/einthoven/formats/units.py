"""Units of voltage as ECG files write them."""

MILLIVOLTS = {
    "nv": 1e-6,
    "uv": 1e-3,
    "µv": 1e-3,  # U+00B5, the micro sign
    "μv": 1e-3,  # U+03BC, the Greek letter
    "microvolt": 1e-3,
    "microvolts": 1e-3,
    "mv": 1.0,
    "millivolt": 1.0,
    "millivolts": 1.0,
    "v": 1e3,
    "volt": 1e3,
    "volts": 1e3,
}
"""Millivolt in one of each, by its name in lower case."""

NO_VOLTS = frozenset({"none", "adu", "counts", "lsb", "bits"})
"""What stands where samples are in units of the converter, by name in lower case."""
