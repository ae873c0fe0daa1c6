"""What may be wrong with a recording, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from types import MappingProxyType
from typing import Literal

from einthoven.ecg import LEADS, Bools

Level = Literal["caution", "refuse"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a recording.

    `kind` is a stable slug, `leads` the leads it concerns (empty: the whole recording),
    `text` one sentence for the user. At level "refuse" nothing may be concluded from the
    ECG; at "caution" whatever is concluded must carry the sentence.
    """

    kind: str
    leads: tuple[str, ...]
    text: str
    level: Level = "caution"

    @property
    def severe(self) -> bool:
        """Whether nothing may be concluded from the ECG."""
        return self.level == "refuse"

    def __str__(self) -> str:
        return self.text

    def to_dict(self) -> dict[str, object]:
        """The JSON document."""
        return {"kind": self.kind, "leads": list(self.leads), "text": self.text, "level": self.level}


@dataclass(frozen=True)
class LeadQuality:
    """How good one lead is.

    Args:
        trouble: the worst of the values below, each over the limit from which on it is a finding: 1 and more is one.
        flat: share of seconds without a heart's voltage. clipped: share of samples stuck at the end of the range.
        height: of the typical QRS complex, in mV if calibrated.
        noise: root mean square over 25 Hz between beats, as a share of the height.
        wander: range of what lies under 0.5 Hz, in heights.
        mains: amplitude of 50 or 60 Hz as a share of the height; None where the sampling rate does not tell.
        likeness: median correlation of the lead's QRS complexes with their median.

    A missing lead has no values but its trouble, and without credible beats nothing is measured against them.
    """

    trouble: float
    missing: bool = False
    flat: float | None = None
    clipped: float | None = None
    height: float | None = None
    noise: float | None = None
    wander: float | None = None
    mains: float | None = None
    likeness: float | None = None


@dataclass(frozen=True)
class Quality:
    """All findings about one recording, the severe ones first, and how good each lead is by its name.

    >>> Quality((Finding("noise", ("V1",), "Noise in V1."),)).usable
    True
    """

    findings: tuple[Finding, ...] = ()
    leads: Mapping[str, LeadQuality] = field(default_factory=lambda: MappingProxyType({}))

    @property
    def usable(self) -> bool:
        """Whether anything may be concluded from the ECG, if with caution."""
        return not any(finding.severe for finding in self.findings)

    @property
    def clean(self) -> bool:
        """Whether nothing at all was found."""
        return not self.findings

    @property
    def reasons(self) -> tuple[str, ...]:
        """The findings as sentences."""
        return tuple(finding.text for finding in self.findings)

    @property
    def kinds(self) -> tuple[str, ...]:
        """The findings' slugs."""
        return tuple(finding.kind for finding in self.findings)

    @property
    def trouble(self) -> float | None:
        """The mean of the worst lead's trouble and of all leads' mean trouble; None where no lead was judged."""
        if not self.leads:
            return None
        each = [quality.trouble for quality in self.leads.values()]
        return (max(each) + sum(each) / len(each)) / 2

    def to_dict(self) -> dict[str, object]:
        """The JSON document."""
        return {
            "usable": self.usable,
            "trouble": self.trouble,
            "findings": [finding.to_dict() for finding in self.findings],
            "leads": {lead: asdict(quality) for lead, quality in self.leads.items()},
        }


def names(chosen: Bools) -> tuple[str, ...]:
    """The leads whose places in (12,) are True."""
    return tuple(lead for lead, hit in zip(LEADS, chosen, strict=True) if hit)
