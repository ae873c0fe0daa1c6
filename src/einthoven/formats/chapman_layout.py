"""The layout in which figshare publishes Chapman-Shaoxing (Zheng 2020): 5000 rows of twelve numbers, and not a word.

Leads are in the usual order, in microvolt, at 500 Hz.
"""

from __future__ import annotations

import numpy as np

from einthoven.ecg import LEADS, Floats
from einthoven.formats.heart_size import is_microvolt
from einthoven.formats.lead_order import in_usual_order

RATE, UNIT = 500.0, "uV"
_SAMPLES = 5000


def is_chapman(values: Floats) -> bool:
    """Whether unnamed numbers (channels, samples) are certainly of that layout.

    They are where their shape fits, the limb leads confirm the order, the size is a heart's in microvolt, and most
    have fractions: a filter leaves them, and the numbers of a converter have none.
    """
    return (
        values.shape == (len(LEADS), _SAMPLES)
        and float(np.mean(values != np.rint(values))) > 0.5
        and is_microvolt(values, RATE)
        and in_usual_order(values)
    )
