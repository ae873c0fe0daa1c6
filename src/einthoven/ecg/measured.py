"""The names, words and units of what a device measures in an ECG."""

from __future__ import annotations

from collections.abc import Mapping

MEASURED_UNITS: Mapping[str, str] = {
    "heart_rate": "/min",
    "atrial_rate": "/min",
    "rr": "ms",
    "p": "ms",
    "pr": "ms",
    "qrs": "ms",
    "qt": "ms",
    "qtc": "ms",
    "qtc_bazett": "ms",
    "qtc_fridericia": "ms",
    "qtc_framingham": "ms",
    "qtc_hodges": "ms",
    "p_axis": "°",
    "qrs_axis": "°",
    "t_axis": "°",
}
"""Unit by name. `qtc` is one whose formula the device does not state; axes are in the frontal plane."""

MEASURED_WORDS: Mapping[str, str] = {
    "heart_rate": "heart rate",
    "atrial_rate": "atrial rate",
    "rr": "RR",
    "p": "P",
    "pr": "PR",
    "qrs": "QRS",
    "qt": "QT",
    "qtc": "QTc",
    "qtc_bazett": "QTc (Bazett)",
    "qtc_fridericia": "QTc (Fridericia)",
    "qtc_framingham": "QTc (Framingham)",
    "qtc_hodges": "QTc (Hodges)",
    "p_axis": "P axis",
    "qrs_axis": "QRS axis",
    "t_axis": "T axis",
}
"""What to call each on paper."""


def in_words(name: str, value: float) -> str:
    """One measurement to be read.

    >>> in_words("qtc_bazett", 417.0), in_words("heart_rate", 84.0), in_words("p_axis", -5.0)
    ('QTc (Bazett) 417 ms', 'heart rate 84/min', 'P axis -5°')
    """
    unit = MEASURED_UNITS[name]
    return f"{MEASURED_WORDS[name]} {value:g}{' ' if unit.isalpha() else ''}{unit}"
