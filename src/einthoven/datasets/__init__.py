"""Public data sets in their published layouts, and one's own, one module each, behind one protocol (`Dataset`)."""

from __future__ import annotations

from einthoven.datasets.challenge import Challenge
from einthoven.datasets.chapman import Chapman
from einthoven.datasets.code15 import CODE15
from einthoven.datasets.cpsc2018 import CPSC2018
from einthoven.datasets.ecgqa import ECGQA
from einthoven.datasets.ludb import LUDB
from einthoven.datasets.mimic import MIMICIVECG
from einthoven.datasets.ningbo import ChapmanNingbo
from einthoven.datasets.own import Own
from einthoven.datasets.ptbxl import PTBXL
from einthoven.datasets.recording import Dataset, Recording
from einthoven.datasets.registry import open_dataset, open_elsewhere, open_ptbxl

__all__ = [
    "CODE15",
    "CPSC2018",
    "ECGQA",
    "LUDB",
    "MIMICIVECG",
    "PTBXL",
    "Challenge",
    "Chapman",
    "ChapmanNingbo",
    "Dataset",
    "Own",
    "Recording",
    "open_dataset",
    "open_elsewhere",
    "open_ptbxl",
]
