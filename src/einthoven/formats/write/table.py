"""CSV: comments `# key: value`, a row of lead names, one row a sample, in mV."""

from __future__ import annotations

import numpy as np

from einthoven.ecg import ECG, Signal
from einthoven.formats.text import clean
from einthoven.formats.write.digits import plain
from einthoven.formats.write.encoded import Encoded, left_out, stored_leads

_NOTHING_MV = 1e-9  # a picovolt; smaller numbers would only be long


def encode(ecg: ECG, name: str) -> Encoded:
    """The table; `name` does not stand in it. A value is the shortest number that is the same float32."""
    leads = stored_leads(ecg)
    stated = {
        "rate": plain(ecg.rate),
        "unit": "mV",
        "patient": clean(ecg.patient.id or ""),
        "age": "" if ecg.patient.age is None else plain(ecg.patient.age),
        "sex": ecg.patient.sex or "",
        "time": ecg.time.isoformat() if ecg.time else "",
        "device": clean(ecg.device or ""),
    }
    columns = [_column(ecg.lead(lead)) for lead in leads]
    lines = [
        *(f"# {key}: {value}" for key, value in stated.items() if value),
        ",".join(leads),
        *(",".join(row) for row in zip(*columns, strict=True)),
    ]
    lost = left_out("CSV", statements=ecg.statements, measurements=ecg.measured)
    content = ("\n".join(lines) + "\n").encode()
    return Encoded({".csv": content}, "CSV", leads, dict.fromkeys(leads, 0.0), lost)


def _column(row: Signal) -> list[str]:
    # Every level once: an ECG of 16 bits has few of them, and printing one is slow.
    levels, places = np.unique(row, return_inverse=True)
    words = ["nan" if np.isnan(level) else _number(level) for level in levels]
    return [words[place] for place in places.tolist()]


def _number(level: np.float32) -> str:
    return "0" if abs(level) < _NOTHING_MV else np.format_float_positional(level, trim="-")
