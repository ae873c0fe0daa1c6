"""Which text an archive can be searched by, and what its model makes of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from einthoven.ecg import ModelError, UsageError
from einthoven.formats.text import clean
from einthoven.retrieval.foreign import EmbeddingModel, checked

if TYPE_CHECKING:
    from einthoven.knowledge.labels import Label


def text_query(model: EmbeddingModel, text: str) -> NDArray[np.float32]:
    """The embedding (1, d) of a text, by the text side of an archive's model.

    Raises:
        ModelError: the model has none.
        UsageError: the text says nothing that can be searched for: it is empty, denies, is a note about the recording
            or the patient, or of words that the text side has never read.
    """
    from einthoven.knowledge.labels import readable  # it loads the gate, which nothing else of an archive needs

    embed = getattr(model, "embed_text", None)
    if embed is None or getattr(model, "text", embed) is None:
        raise ModelError(
            f"The archive's model {model.name} has no text side: it cannot be searched by text.",
            "Train one for it (einthoven train configs/text.yaml --set ecg_side=FOLDER); the archive stays as it is.",
        )
    label = search_label(text)
    side = getattr(model, "text", None)
    said = label.text if side is None else readable(label, side.read)
    if said is None:
        raise UsageError(
            f"The text side cannot read '{clean(text, 60)}': its words are not among those that it was trained on.",
            "Say it in words that reports use, English or German.",
        )
    return checked(np.asarray(embed([said]), np.float32), 1, model.name)


def search_label(text: str) -> Label:
    """What a text to search by means.

    Raises:
        UsageError: it is empty, denies, or names no finding of an ECG.
    """
    from einthoven.knowledge.labels import read_label

    label = read_label(text)
    if label.refused:
        raise UsageError(f"'{label.asked}' is nothing to search for. {label.refused}", "Name a finding of ECGs.")
    return label
