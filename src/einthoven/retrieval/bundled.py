"""The archive that ships."""

from __future__ import annotations

from pathlib import Path

from einthoven.ecg import CollectionError
from einthoven.retrieval.archive import Archive

BUNDLED = Path(__file__).parent.parent / "assets" / "archive"


def demo_archive() -> Archive:
    """The archive that ships: embeddings, codes, age and sex of PTB-XL's training ECGs. It holds no waveform.

    Raises:
        CollectionError: this installation carries none.
    """
    if not BUNDLED.is_dir():
        raise CollectionError(
            "This installation carries no archive.", "Build one: einthoven archive build DIR SOURCES."
        )
    return Archive.open(BUNDLED)
