"""The names and units of what a device measures in an ECG."""

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
