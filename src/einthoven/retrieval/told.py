"""What an archive tells of itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from einthoven.collection import Collection
from einthoven.ecg import CollectionError
from einthoven.retrieval.calibration import Calibration

LONG = ("weights", "guarantee")
"""Of a calibration: what has a line a statement."""


def told(
    name: str,
    settings: Mapping[str, Any],
    collection: Collection,
    model_sha256: str,
    calibration: Calibration | None,
    index: Callable[[], dict[str, Any]],
) -> dict[str, Any]:
    """See `Archive.info`."""
    known = calibration.to_dict() if calibration else None
    return {
        "name": name,
        "model": settings["model"],
        "calibrated": calibration is not None,
        "calibration": {key: known[key] for key in known if key not in LONG} if known else None,
        "guarantee": calibration.guarantee.summary() if calibration else None,
        "calibration_outdated": calibration is None and settings["calibration"] is not None,
        "without_embedding": len(collection.without_embedding(model_sha256)),
        "index": _index(index),
        **collection.info(),
    }


def _index(index: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return index()
    except CollectionError as fault:  # an archive that cannot be searched has counts to show all the same
        return {"kind": None, "why": fault.message}
