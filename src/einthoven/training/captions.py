"""How contrastive captioning is trained: one frozen dataclass, free of torch."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal

from einthoven.ecg import UsageError
from einthoven.models.caption_settings import Captioning
from einthoven.models.config import Pool
from einthoven.models.settings import check_choices
from einthoven.statements.withheld import withheld


@dataclass(frozen=True)
class Captions:
    """What contrastive captioning minimises, and on which texts (ESI, section 3.2.1).

    Args:
        model: what stands between encoder and text tower.
        contrast, caption: weights of the two losses, 1 and 1 in the paper; one that is 0 is not computed.
        alignment: weight of the contrast between two views of each ECG, 1 in MERL (Liu 2024); needs `model.views`.
        caption_reduction: "mean" over the tokens of a batch; "sum" over them, as the paper's equation has it.
        equal_texts: what pairs of a batch that say the same are to the contrast: "negatives", as in the paper, or
            "ignored".
        negatives: of a batch over several processes, "all" or those of this process alone ("local").
        text: ESI's text with the waveforms of its findings ("descriptions") or without ("findings").
        without: a group of codes (`einthoven.statements.withheld`) that no text may tell of; for measuring alone.
    """

    model: Captioning = field(default_factory=Captioning)
    contrast: float = 1.0
    caption: float = 1.0
    alignment: float = 0.0
    caption_reduction: Literal["mean", "sum"] = "mean"
    equal_texts: Literal["negatives", "ignored"] = "negatives"
    negatives: Literal["all", "local"] = "all"
    text: Literal["descriptions", "findings"] = "descriptions"
    without: str | None = None

    def pool(self, width: int) -> Pool:
        """What the ECG side of such a captioner has between encoder and embedding; `width` is that of the texts."""
        return Pool("query" if self.model.pool == "queries" else "vector", width, self.model.pool_heads)

    def __post_init__(self) -> None:
        check_choices(self)
        if not all(0 <= weight < math.inf for weight in (self.contrast, self.caption, self.alignment)):
            raise UsageError(
                "The weights contrast, caption and alignment of captioning are not negative.", "Choose 0 or more."
            )
        if not self.contrast + self.caption:
            raise UsageError(
                "Neither contrast nor caption counts: nothing tells of texts.",
                "Give captioning.contrast or captioning.caption a weight above 0.",
            )
        if (self.alignment > 0) != self.model.views:
            raise UsageError(
                "captioning.alignment aligns the two views that captioning.model.views makes; there is one without the "
                "other.",
                "Set captioning.model.views=true and a weight above 0, or neither.",
            )
        if self.without is not None:
            withheld(self.without)  # refuses what is no group
