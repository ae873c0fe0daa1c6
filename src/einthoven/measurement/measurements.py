"""What was measured in an ECG, and why the rest was not."""

from __future__ import annotations

from dataclasses import dataclass, field

from einthoven.ecg import Ints


@dataclass(frozen=True, eq=False)
class Measurements:
    """Measurements of one ECG; each is a number, or None with its cause in `reasons`.

    `heart_rate` in beats a minute, `rr_median` in ms, `rr_spread` (standard deviation of the RR
    intervals) in ms, `r_peaks` (beats,) sample indices, empty if the beats cannot be trusted.
    `reasons` maps the name of each measurement that is None to why.
    """

    heart_rate: float | None
    rr_median: float | None
    rr_spread: float | None
    r_peaks: Ints
    reasons: dict[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, object]:
        """The JSON document: numbers, null where not measured, and the reasons."""
        return {
            "heart_rate_bpm": self.heart_rate,
            "rr_median_ms": self.rr_median,
            "rr_spread_ms": self.rr_spread,
            "r_peaks": [int(peak) for peak in self.r_peaks],
            "reasons": dict(self.reasons),
        }
