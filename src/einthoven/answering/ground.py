"""What an answer rests on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Ground:
    """One thing that an answer rests on.

    Args:
        text: in words. records: ECGs of the archive that it names. values: measured or counted numbers by name.
    """

    text: str
    records: tuple[str, ...] = ()
    values: tuple[tuple[str, float], ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON document."""
        return {"text": self.text, "records": list(self.records), "values": {k: round(v, 4) for k, v in self.values}}
