"""Groups of ECGs that reports are judged in: all, abnormal ones, distinct reports, and by language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from einthoven.datasets.ptbxl import Entry
from einthoven.ecg import Bools
from einthoven.metrics import words
from einthoven.statements import VOCABULARY, overall_of

ALL, ABNORMAL, DISTINCT = "all", "abnormal", "distinct reports"
LANGUAGES = {"German": "de", "English": "en", "Swedish": "sv"}


def report_groups(entries: Sequence[Entry], languages: Sequence[str | None]) -> Mapping[str, Bools]:
    """Which ECGs (n,) are in which group; a group of fewer than two patients is left out.

    Abnormal is what the codes make so (`statements.overall_of`). Of reports with the same words the first ECG stands
    for all.

    Args:
        languages: of the reports, as `statements.parse` tells them; None is in no group of a language.
    """
    seen: set[tuple[str, ...]] = set()
    first = []
    for entry in entries:
        text = words(entry.report)
        first.append(text not in seen)
        seen.add(text)
    abnormal = [overall_of(codes_of(entry)) == "abnormal" for entry in entries]
    groups = {ALL: np.ones(len(entries), np.bool_), ABNORMAL: np.array(abnormal), DISTINCT: np.array(first)}
    groups |= {name: np.array([one == code for one in languages]) for name, code in LANGUAGES.items()}
    patients = np.array([entry.patient for entry in entries])
    return {name: kept for name, kept in groups.items() if len(set(patients[kept])) > 1}


def codes_of(entry: Entry) -> tuple[str, ...]:
    """The SCP codes of an entry, each once."""
    return tuple(dict.fromkeys(s.code for s in entry.statements if s.code is not None and s.code in VOCABULARY))
