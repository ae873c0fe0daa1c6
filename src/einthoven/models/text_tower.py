"""The small text tower: statements to one vector, and the tokenizer that feeds it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from torch import Tensor, nn

from einthoven.models.config import TextTower

PAD, UNKNOWN = "[PAD]", "[UNK]"


def build_tokenizer(texts: Iterable[str], config: TextTower) -> Tokenizer:
    """A WordPiece tokenizer trained on `texts`, lower-cased, padding and cutting at `config.tokens`."""
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    trainer = trainers.WordPieceTrainer(vocab_size=config.vocabulary, special_tokens=[PAD, UNKNOWN], min_frequency=1)
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.enable_truncation(config.tokens)
    tokenizer.enable_padding(pad_id=0, pad_token=PAD)
    return tokenizer


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> Tensor:
    """Token ids (texts, longest), int64, padded with 0."""
    return torch.tensor([line.ids for line in tokenizer.encode_batch(list(texts))], dtype=torch.int64)


class TextEncoder(nn.Module):
    """Token ids (batch, length) to one vector (batch, width): the mean over the tokens that are there."""

    def __init__(self, config: TextTower) -> None:
        super().__init__()
        self.embed = nn.Embedding(config.vocabulary, config.width, padding_idx=0)
        self.position = nn.Parameter(torch.randn(config.tokens, config.width) * 0.02)
        layer = nn.TransformerEncoderLayer(
            config.width, config.heads, 4 * config.width, 0.1, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(config.width)
        self.width = config.width
        nn.init.normal_(self.embed.weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        there = ids != 0
        x = self.layers(self.embed(ids) + self.position[: ids.shape[1]], src_key_padding_mask=~there)
        weight = there.unsqueeze(-1).to(x.dtype)
        return self.norm((x * weight).sum(1) / weight.sum(1).clamp(min=1))  # type: ignore[no-any-return]
