"""Einthoven: 12-lead ECGs in, similar ECGs and draft reports with evidence out.

Research use only. Not a medical device. Not for diagnosis or treatment.

Names are loaded when they are first used, so that `import einthoven` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from einthoven.answering import Answer, answer
    from einthoven.ecg import ECG, EinthovenError, Notice, Patient, Statement
    from einthoven.formats import deidentify, read, write
    from einthoven.knowledge.ask import describe
    from einthoven.measurement import Measurements, measure
    from einthoven.models import Model, load_model
    from einthoven.paper import draw
    from einthoven.quality import Quality, assess
    from einthoven.reporting import Draft, report
    from einthoven.reporting.classify import Classification, classify
    from einthoven.reporting.compare import Comparison, compare
    from einthoven.retrieval import Archive, Neighbour, demo_archive

_ROOMS = {
    "answering": ("Answer", "answer"),
    "ecg": ("ECG", "EinthovenError", "Notice", "Patient", "Statement"),
    "formats": ("deidentify", "read", "write"),
    "knowledge.ask": ("describe",),
    "measurement": ("Measurements", "measure"),
    "models": ("Model", "load_model"),
    "paper": ("draw",),
    "quality": ("Quality", "assess"),
    "reporting.compare": ("Comparison", "compare"),
    "reporting": ("Draft", "report"),
    "reporting.classify": ("Classification", "classify"),
    "retrieval": ("Archive", "Neighbour", "demo_archive"),
}
_ROOM_OF = {name: room for room, names in _ROOMS.items() for name in names}

__all__ = [
    "ECG",
    "Answer",
    "Archive",
    "Classification",
    "Comparison",
    "Draft",
    "EinthovenError",
    "Measurements",
    "Model",
    "Neighbour",
    "Notice",
    "Patient",
    "Quality",
    "Statement",
    "answer",
    "assess",
    "classify",
    "compare",
    "deidentify",
    "demo_archive",
    "describe",
    "draw",
    "load_model",
    "measure",
    "read",
    "report",
    "write",
]


def __getattr__(name: str) -> Any:
    if name in _ROOM_OF:
        value = getattr(importlib.import_module(f"einthoven.{_ROOM_OF[name]}"), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'einthoven' has no attribute '{name}'")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
