"""A network with a text tower beside it, for supervised training with a contrast of ECG and text."""

from __future__ import annotations

from torch import Tensor, nn

from einthoven.models.config import ModelConfig, Text
from einthoven.models.network import Network
from einthoven.models.scale import Scale
from einthoven.models.text_side import OwnText
from einthoven.models.text_tower import build_text

SCALE_START, SCALE_LIMIT = 1 / 0.07, 100.0  # CLIP's (Radford 2021, section 2.5)


class WithText(Network):
    """ECG and text into one space, and a logit for each statement."""

    def __init__(self, config: ModelConfig, text: Text) -> None:
        super().__init__(config)
        self.tower = text
        self.text = build_text(text)
        self.text_embedding = nn.Linear(text.width, config.embedding, bias=False)
        self.scale = Scale(SCALE_START, SCALE_LIMIT)

    def embed_text(self, ids: Tensor) -> Tensor:
        """Token ids (batch, length) to embeddings (batch, d) of length 1."""
        return nn.functional.normalize(self.text_embedding(self.text(ids)), dim=-1)

    def without_text(self) -> Network:
        """The ECG side, which shares its weights with this."""
        alone = Network(self.config)
        for name in dict(alone.named_children()):
            setattr(alone, name, getattr(self, name))
        return alone.train(self.training)

    def text_side(self) -> OwnText:
        """The text side, with copies of its weights."""
        alone = OwnText(self.tower, self.config.embedding)
        alone.tower.load_state_dict(self.text.state_dict())
        alone.projection.load_state_dict(self.text_embedding.state_dict())
        return alone.train(self.training)
