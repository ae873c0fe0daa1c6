"""What was measured, or stands in the file, that nothing stated accounts for.

Drafts, captions, labels and comparisons all read it here: whoever states codes, what speaks against them is the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet

from einthoven.ecg import Patient, Statement
from einthoven.measurement import Measurements
from einthoven.reporting.checks import contradiction, interval_doubts, rhythm_doubts, unexplained_rate
from einthoven.reporting.compared import device_doubt
from einthoven.reporting.limits import NOBODY, depression_doubts, elevation_doubts, voltage_doubts
from einthoven.reporting.look import Look
from einthoven.statements import VOCABULARY

NAMED = ("ST elevation", "ST depression", "QTc")


def unaccounted(
    codes: AbstractSet[str], measured: Measurements, patient: Patient = NOBODY, told: Sequence[str] = ()
) -> list[str]:
    """What of rate, rhythm, intervals, voltages and ST no stated code says or brings along, in sentences.

    Args:
        codes: what is stated, as present or possible.
        told: what is said already; what of `NAMED` is named there is not named again.

    >>> import numpy as np
    >>> slow = Measurements(heart_rate=41, rr_median=1463, rr_spread=5, r_peaks=np.zeros(0, np.intp))
    >>> unaccounted({"SR"}, slow), unaccounted({"SBRAD"}, slow)
    (['The measured heart rate of 41 bpm is explained by no statement.'], [])
    """
    stated = set(codes)
    rate = unexplained_rate(stated, measured)
    found = [rate] if rate else []
    found += rhythm_doubts(stated, measured) + interval_doubts(stated, measured)
    found += voltage_doubts(stated, measured, patient)
    found += elevation_doubts(stated, measured, patient) + depression_doubts(stated, measured)
    again = [name for name in NAMED if any(name in one for one in told)]
    return [one for one in found if not any(name in one for name in again)]


def against(codes: AbstractSet[str], seen: Look, statements: Iterable[Statement]) -> list[str]:
    """The same for what takes no statement back, as labels and captions do not: what rules one out is told first.

    Args:
        statements: of the file itself.
    """
    ruled_out = {code: contradiction(code, seen.measured, seen.patient) for code in sorted(codes)}
    found = [f"'{VOCABULARY[code].english}' is not borne out: {why}." for code, why in ruled_out.items() if why]
    found += unaccounted(codes, seen.measured, seen.patient, found)
    differs = device_doubt(statements, set(codes))
    return [*found, *([differs.removesuffix(" The draft does not.")] if differs else [])]
