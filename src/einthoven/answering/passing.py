"""Why a mean rate does not deny a tachycardia: some beats in a row may be one."""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.answering.meaning import NO, YES, Meaning, plain
from einthoven.answering.values import HEART_RATE
from einthoven.answering.view import View
from einthoven.datasets.ecg_qa.tables import names


def not_slow(meaning: Meaning, best: Sequence[str], view: View) -> list[str]:
    """What was measured against denying a tachycardia by the rate of the whole recording; empty where nothing was."""
    above, within = names("level")["above"], names("level")["within"]
    run = view.measured.run
    if run is None or (meaning.about, meaning.place) != ("level-of-feature", HEART_RATE):
        return []
    said = [plain(one) for one in best]
    if meaning.verb == "verify":
        denied = (above in meaning.names and said == [NO]) or (within in meaning.names and said == [YES])
    else:
        denied = above in meaning.names and above not in best
    return ["The rate of the whole recording does not rule out a short tachycardia."] if denied else []
