"""Why a mean rate does not deny a tachycardia: some beats in a row may be one."""

from __future__ import annotations

from collections.abc import Sequence

from einthoven.answering.meaning import NO, Meaning, plain
from einthoven.answering.values import HEART_RATE
from einthoven.answering.view import View
from einthoven.datasets.ecg_qa.tables import names


def not_slow(meaning: Meaning, best: Sequence[str], view: View) -> list[str]:
    """What was measured against denying a tachycardia by the rate of the whole recording; empty where nothing was."""
    above = names("level")["above"]
    run = view.measured.run
    if run is None or (meaning.about, meaning.place) != ("level-of-feature", HEART_RATE) or above not in meaning.names:
        return []
    denied = [plain(one) for one in best] == [NO] if meaning.verb == "verify" else above not in best
    return ["The rate of the whole recording does not rule out a short tachycardia."] if denied else []
