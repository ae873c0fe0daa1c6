"""What may be wrong with a recording, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

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
class Quality:
    """All findings about one recording, the severe ones first.

    >>> Quality((Finding("noise", ("V1",), "Noise in V1."),)).usable
    True
    """

    findings: tuple[Finding, ...] = ()

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

    def to_dict(self) -> dict[str, object]:
        """The JSON document."""
        return {"usable": self.usable, "findings": [finding.to_dict() for finding in self.findings]}
