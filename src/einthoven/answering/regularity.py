"""Questions about the regularity of the beats: by their measured distances, or not sure.

Regular is an RR interval whose standard deviation is 8% of its median and less, as `measure` prints; irregular from 10%
on, as drafts have it (`reporting.checks`). In between either may be meant.
"""

from __future__ import annotations

from einthoven.answering.ground import Ground
from einthoven.answering.meaning import IRREGULAR, NO, REGULAR, YES, Meaning
from einthoven.answering.view import View
from einthoven.measurement.heart_rate import REGULAR as MOST
from einthoven.reporting.checks import IRREGULAR as LEAST


def judged(meaning: Meaning, view: View) -> tuple[str, tuple[Ground, ...], tuple[str, ...]]:
    """A name, yes or no, or "" for not sure; what it rests on, and why it is not sure."""
    found = view.measured
    if found.rr_spread is None or not found.rr_median:
        return "", (), (f"The rhythm was not measured: {found.reasons.get('heart_rate', 'no beats')}",)
    share = found.rr_spread / found.rr_median
    text = (
        f"measured RR interval {found.rr_median:.0f} ms, varies by {found.rr_spread:.0f} ms (standard deviation, "
        f"{share:.0%}; up to {MOST:.0%} is regular, from {LEAST:.0%} on irregular)"
    )
    grounds = (Ground(text, (), (("rr interval", found.rr_median), ("rr spread", found.rr_spread))),)
    if MOST < share < LEAST:
        return "", grounds, ("The intervals vary by so much that either may be meant.",)
    said = REGULAR if share <= MOST else IRREGULAR
    if meaning.verb == "choose":
        return said, grounds, ()
    return (YES if said == meaning.names[0] else NO), grounds, ()
