"""A pretrained text encoder of the BERT kind (transformers) as a text tower: both ways, and under a causal mask."""

from __future__ import annotations

from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from einthoven.ecg import ModelError, UsageError
from einthoven.models.config import HuggingFaceTower
from einthoven.models.published import load_config, load_tokenizer, load_weights, published_folder
from einthoven.models.text_tower import PAD_ID, Marks, Tower

PADS_WITH_0 = "Choose one whose [PAD] is id 0 (BERT, BioLinkBERT, ELECTRA); RoBERTa's and MPNet's is 1."
PROBE = 6
"""Tokens of the text with which a causal pass is tried out."""


class HuggingFaceEncoder(Tower):
    """Token ids (batch, length) to the mean of their last states (batch, width); its pooler is left out.

    Args:
        pretrained: whether the published weights are loaded.

    Raises:
        ModelError: the encoder is not to be had, lacks weights, or does not keep to a causal mask.
        UsageError: `config.tokens` is more than the encoder has places for, or `config.width` is not its width.
    """

    def __init__(self, config: HuggingFaceTower, pretrained: bool = True) -> None:
        super().__init__()
        folder = published_folder(config)
        settings = load_config(folder, config.name)
        places = getattr(settings, "max_position_embeddings", config.tokens)
        if config.tokens > places:
            raise UsageError(
                f"{config.name} has places for {places} tokens, not for {config.tokens}.",
                f"Set text.tokens to {places} or less.",
            )
        shapes_only = torch.get_default_device().type == "meta"
        self.model: nn.Module = load_weights(folder, config.name, settings, pretrained and not shapes_only)
        if hasattr(self.model, "pooler"):
            setattr(self.model, "pooler", None)  # noqa: B010 - a plain assignment is of another type
        self.width, self.vocabulary = settings.hidden_size, self.words.shape[0]
        if self.width != config.width:
            raise UsageError(
                f"The states of {config.name} are {self.width} wide, not {config.width}.",
                f"Set text.width to {self.width}.",
            )
        tokenizer = load_tokenizer(folder, config.name)
        self.marks = _marks(tokenizer, config.name)
        if tokenizer.get_vocab_size() > self.vocabulary:
            raise ModelError(
                f"The tokenizer of {config.name} has {tokenizer.get_vocab_size()} tokens, its encoder "
                f"{self.vocabulary}.",
                "Name a folder whose tokenizer and weights belong together.",
            )
        self.tokens = config.tokens
        if not shapes_only:
            self._check_masks(config.name)
        if config.checkpointing:
            _keep_less(self.model, config.name)

    @property
    def embed(self) -> nn.Module:
        """The layer that holds `words`."""
        found: nn.Module = self.model.get_input_embeddings()  # type: ignore[operator]
        return found

    @property
    def words(self) -> Tensor:
        """The vector of each id (vocabulary, width)."""
        weight = self.embed.weight
        assert isinstance(weight, Tensor)
        return weight

    def forward(self, ids: Tensor) -> Tensor:
        states = self.states(ids)
        weight = (ids != PAD_ID).unsqueeze(-1).to(states.dtype)
        return (states * weight).sum(1) / weight.sum(1).clamp(min=1)

    def states(self, ids: Tensor, causal: bool = False) -> Tensor:
        """The last states, as `Tower.states` says."""
        found: Tensor = self.model(input_ids=ids, attention_mask=_seen(ids, causal)).last_hidden_state
        return found

    @torch.no_grad()
    def _check_masks(self, name: str) -> None:
        """Holds the encoder to both passes: not every architecture takes a mask of its own for each token."""
        training = self.training
        self.eval()
        span = min(PROBE, self.tokens)
        ids = torch.full((2, span), self.marks.start)
        ids[1, -1] = self.marks.end
        one, other = self.states(ids, causal=True)
        back, forth = self.states(ids)
        self.train(training)
        if not torch.allclose(one[:-1], other[:-1], atol=1e-5) or torch.allclose(back[0], forth[0], atol=1e-7):
            raise ModelError(
                f"{name} does not keep to the mask that it is given, so a caption could see its own end.",
                PADS_WITH_0,
            )


def published_tokenizer(config: HuggingFaceTower) -> Tokenizer:
    """The tokenizer that the encoder was published with, padding with 0 and cutting at `config.tokens`.

    Raises:
        ModelError: it is not to be had, or does not set marks and pad with 0 as text towers need it.
    """
    tokenizer = load_tokenizer(published_folder(config), config.name)
    marks = _marks(tokenizer, config.name)
    tokenizer.enable_truncation(config.tokens)
    tokenizer.enable_padding(pad_id=PAD_ID, pad_token=tokenizer.id_to_token(PAD_ID))
    assert marks.start != marks.end
    return tokenizer


def _marks(tokenizer: Tokenizer, name: str) -> Marks:
    special = {id_: token.content for id_, token in tokenizer.get_added_tokens_decoder().items() if token.special}
    ends = tokenizer.encode("").ids
    if len(ends) != 2:
        raise ModelError(
            f"The tokenizer of {name} does not begin and end a text with one mark each.",
            "Choose an encoder whose tokenizer is BERT's ([CLS] and [SEP] around a text).",
        )
    if "pad" not in special.get(PAD_ID, "").lower():
        elsewhere = next((f", but with {id_}" for id_, token in special.items() if "pad" in token.lower()), "")
        raise ModelError(f"The tokenizer of {name} does not pad with id {PAD_ID}{elsewhere}.", PADS_WITH_0)
    start, end = ends
    return Marks(start, end, tuple(sorted(set(special) - {end})))


def _seen(ids: Tensor, causal: bool) -> Tensor:
    """(batch, 1, length, length), true where a token (row) sees another (column); of a text that is empty, the first
    place is seen, for attention over nothing would be NaN."""
    there = ids != PAD_ID
    first = torch.arange(ids.shape[1], device=ids.device) == 0
    there = there | (first & ~there.any(1, keepdim=True))
    seen = there[:, None, None, :].expand(-1, 1, ids.shape[1], -1)
    if not causal:
        return seen
    return seen & torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=ids.device).tril()


def _keep_less(model: Any, name: str) -> None:
    if not getattr(model, "supports_gradient_checkpointing", False):
        raise UsageError(f"{name} cannot compute its states anew.", "Set text.checkpointing to false.")
    newest = getattr(model, "activation_checkpointing_enable", None)
    (newest or model.gradient_checkpointing_enable)({"use_reentrant": False})
