"""A caption: what a network that was trained to write texts of ECGs writes for one. It has no evidence, so it is no
draft report."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from einthoven.ecg import ECG
from einthoven.reporting.broad import broad_tachycardia
from einthoven.reporting.look import look, own_doubts
from einthoven.reporting.outcomes import DISCLAIMER
from einthoven.reporting.report import SHORT_S, refusals
from einthoven.reporting.unaccounted import against
from einthoven.statements.parse import parse_report

if TYPE_CHECKING:
    from einthoven.models.captioner_checkpoint import Caption, CaptionWriter
    from einthoven.models.generation import Write

NO_EVIDENCE = "Written by a network from the signal alone: nothing in it was measured or looked up."


@dataclass(frozen=True)
class Captioned:
    """What was written for an ECG. `str()` is for people, `to_dict()` for programs.

    Args:
        outcome: "written"; "caution", for `reasons`; or "none": the ECG is not fit, and nothing was written.
    """

    outcome: Literal["written", "caution", "none"]
    reasons: tuple[str, ...]
    caption: Caption | None
    notices: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """The JSON document of `einthoven caption --json`."""
        found = self.caption
        return {
            "outcome": self.outcome,
            "reasons": list(self.reasons),
            "caption": None if found is None else found.text,
            "log_probability": None if found is None else round(found.log_probability, 4),
            "tokens": None if found is None else found.tokens,
            "ended": None if found is None else found.ended,
            "evidence": [],
            "meaning": NO_EVIDENCE,
            "notices": list(self.notices),
            "disclaimer": DISCLAIMER,
        }

    def __str__(self) -> str:
        head = {"written": "CAPTION", "caution": "CAPTION WITH CAUTION", "none": "NO CAPTION: the ECG is not fit"}
        lines = [head[self.outcome], *(f"  because: {reason}" for reason in self.reasons)]
        if self.caption is not None:
            lines += ["", f"  {self.caption.text or '(no word)'}"]
            lines += [] if self.caption.ended else ["  (cut at the longest text that it writes)"]
            lines += ["", f"{NO_EVIDENCE} Log-probability {self.caption.log_probability:.2f}."]
        lines += ["", "Notices", *(f"  {notice}" for notice in self.notices)] if self.notices else []
        return "\n".join([*lines, "", DISCLAIMER])


def caption(ecg: ECG, writer: CaptionWriter, write: Write | None = None) -> Captioned:
    """What `writer` writes for the first window of an ECG, if that is fit to conclude anything from.

    Args:
        write: greedily unless told (`models.generation`).

    Raises:
        ModelError: the network gives numbers that are not finite.
    """
    seen = look(ecg)
    quality = seen.quality
    notices = [str(notice) for notice in ecg.notices]
    if unfit := refusals(ecg, quality):
        return Captioned("none", tuple(unfit), None, tuple(notices))
    fast = broad_tachycardia(seen.measured, quality)
    if fast and fast.withheld:
        return Captioned("none", (fast.text,), None, tuple(notices))
    doubts = own_doubts(seen, fast)
    doubts += [f"The recording lasts only {ecg.seconds:.1f} s."] if ecg.seconds < SHORT_S else []
    doubts += [] if ecg.calibrated else ["The gain is unknown: nothing that depends on voltage can be relied on."]
    seconds = writer.config.preparation.seconds
    if ecg.seconds > seconds * 1.01:
        notices.append(f"The recording lasts {ecg.seconds:.1f} s; only its first {seconds:g} s were read.")
    written = writer([ecg], write)[0]
    doubts += against(_said(written.text), seen, ecg.statements)
    return Captioned("caution" if doubts else "written", tuple(doubts), written, tuple(notices))


def _said(text: str) -> set[str]:
    """The codes that a text states, as present or possible."""
    return {code for code, stance in parse_report(text).polarities().items() if stance in ("present", "possible")}
