"""Text towers: what they have in common, and the small one of ours with the tokenizer that feeds it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers
from torch import Tensor, nn

from einthoven.ecg import ModelError, UsageError
from einthoven.models.config import Text, TextTower

PAD, UNKNOWN, START, END = "[PAD]", "[UNK]", "[CLS]", "[SEP]"
PAD_ID, UNKNOWN_ID, START_ID, END_ID = 0, 1, 2, 3
"""Their places in every vocabulary; the marks of start and end only where the tokenizer sets marks."""


@dataclass(frozen=True)
class Marks:
    """Ids that are no words. Padding is always 0.

    Args:
        start, end: what a text begins and ends with.
        never: what no text holds between these two.
    """

    start: int = START_ID
    end: int = END_ID
    never: tuple[int, ...] = (PAD_ID, UNKNOWN_ID, START_ID)


class Tower(nn.Module, ABC):
    """What every text tower has.

    Attributes:
        width: entries of a state. tokens: longest text. vocabulary: ids there are. marks: those that are no words.
    """

    width: int
    tokens: int
    vocabulary: int
    marks: Marks

    @property
    @abstractmethod
    def words(self) -> Tensor:
        """The vector of each id (vocabulary, width), as it is learned."""

    @abstractmethod
    def states(self, ids: Tensor, causal: bool = False) -> Tensor:
        """Token ids (batch, length), padded with 0 at their end, to one state a token (batch, length, width).

        Args:
            causal: a token sees itself and those before it only; otherwise all of its text.
        """


def build_text(config: Text, pretrained: bool = True) -> Tower:
    """The text tower of a configuration: ours with fresh weights, another's with those it was published with.

    Args:
        pretrained: False leaves fresh weights in another's, too: for weights that are loaded afterwards.

    Raises:
        ModelError: the encoder that is named is not to be had, or cannot be a text tower.
    """
    if isinstance(config, TextTower):
        return TextEncoder(config)
    from einthoven.models.huggingface import HuggingFaceEncoder

    return HuggingFaceEncoder(config, pretrained)


def build_tokenizer(texts: Iterable[str], config: Text, marks: bool = False) -> Tokenizer:
    """The tokenizer of a text tower, padding with 0 and cutting at `config.tokens`.

    Ours is a WordPiece tokenizer trained on `texts`, lower-cased; another's is the one it was published with, which
    needs no texts and always sets marks.

    Args:
        marks: each text begins with [CLS] and ends with [SEP], a text that is cut, too, as a captioner needs it
            (BERT's, Devlin 2018, section 3).

    Raises:
        UsageError: `config.vocabulary` is too small for the letters of `texts`.
        ModelError: the encoder that is named is not to be had.
    """
    if not isinstance(config, TextTower):
        from einthoven.models.huggingface import published_tokenizer

        return published_tokenizer(config)
    tokenizer = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    special = [PAD, UNKNOWN, START, END] if marks else [PAD, UNKNOWN]
    _learn(tokenizer, texts, special, config.vocabulary)
    if tokenizer.get_vocab_size() > config.vocabulary:
        raise UsageError(
            f"A vocabulary of {config.vocabulary} does not hold the letters of these texts.",
            f"Set text.vocabulary to {tokenizer.get_vocab_size()} or more.",
        )
    if marks:
        ids = [(START, START_ID), (END, END_ID)]
        tokenizer.post_processor = processors.TemplateProcessing(f"{START} $A {END}", special_tokens=ids)
    tokenizer.enable_truncation(config.tokens)
    tokenizer.enable_padding(pad_id=0, pad_token=PAD)
    return tokenizer


def _learn(tokenizer: Tokenizer, texts: Iterable[str], special: list[str], size: int) -> None:
    """Learns the pieces of words from texts; the same texts always give the same pieces and numbers.

    Left alone, the trainer numbers letters within words in the order of a hash that each process draws anew, and of
    pieces that are as frequent prefers those of lower numbers. So these letters are numbered first, as if they were
    special.
    """
    said = list(texts)
    inner = set()
    for text in set(said):
        for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(tokenizer.normalizer.normalize_str(text)):
            inner.update(word[1:])
    first = [*special, *(f"##{letter}" for letter in sorted(inner))]
    learner = Tokenizer.from_str(tokenizer.to_str())  # whose marks are more than the tokenizer's own
    learner.train_from_iterator(
        said,
        trainers.WordPieceTrainer(vocab_size=size, special_tokens=first, min_frequency=1, show_progress=False),
    )
    tokenizer.model = models.WordPiece(learner.get_vocab(), unk_token=UNKNOWN)
    tokenizer.add_special_tokens(special)


def read_tokenizer(path: Path) -> Tokenizer:
    """A tokenizer that was kept beside a model.

    Raises:
        ModelError: it is not there, or damaged.
    """
    try:
        return Tokenizer.from_str(path.read_text(encoding="utf-8"))
    except Exception as fault:  # noqa: BLE001 - tokenizers raise nothing closer
        reason = (str(fault).splitlines() or [type(fault).__name__])[0]
        raise ModelError(
            f"The {path.name} in {path.parent.name} cannot be read ({reason}).", "Copy the folder again."
        ) from None


def encode(tokenizer: Tokenizer, texts: Sequence[str]) -> Tensor:
    """Token ids (texts, longest), int64, padded with 0."""
    ids = [line.ids for line in tokenizer.encode_batch(list(texts))]
    return torch.tensor(ids, dtype=torch.int64).reshape(len(ids), -1 if ids else 0)


class TextEncoder(Tower):
    """Token ids (batch, length) to one vector (batch, width): the mean over the tokens that are there.

    A text without a token gives the vector of silence, the last norm's bias.
    """

    def __init__(self, config: TextTower) -> None:
        super().__init__()
        self.embed = nn.Embedding(config.vocabulary, config.width, padding_idx=0)
        self.position = nn.Parameter(torch.randn(config.tokens, config.width) * 0.02)
        layer = nn.TransformerEncoderLayer(
            config.width, config.heads, 4 * config.width, 0.1, "gelu", batch_first=True, norm_first=True
        )
        self.layers = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)
        self.norm = nn.LayerNorm(config.width)
        self.width, self.tokens, self.vocabulary = config.width, config.tokens, config.vocabulary
        self.marks = Marks()
        nn.init.normal_(self.embed.weight, std=0.02)

    def forward(self, ids: Tensor) -> Tensor:
        x = self._through(ids)
        weight = (ids != 0).unsqueeze(-1).to(x.dtype)
        return self.norm((x * weight).sum(1) / weight.sum(1).clamp(min=1))  # type: ignore[no-any-return]

    @property
    def words(self) -> Tensor:
        """The vector of each id (vocabulary, width)."""
        return self.embed.weight

    def states(self, ids: Tensor, causal: bool = False) -> Tensor:
        """One normalised state a token, as `Tower.states` says."""
        return self.norm(self._through(ids, causal))  # type: ignore[no-any-return]

    def _through(self, ids: Tensor, causal: bool = False) -> Tensor:
        there = ids != 0
        hidden = ~there & there.any(1, keepdim=True)  # attention over nothing at all would be NaN
        later = None
        if causal:
            later = torch.ones(ids.shape[1], ids.shape[1], dtype=torch.bool, device=ids.device).triu(1)
        x: Tensor = self.layers(self.embed(ids) + self.position[: ids.shape[1]], later, hidden)
        return x
