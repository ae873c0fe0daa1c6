"""How a masked autoencoder of ECG and text is made: frozen dataclasses, free of torch."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from einthoven.ecg import UsageError
from einthoven.models.config import Preparation, Text, TextTower
from einthoven.models.encoders.settings import ConvTransformer
from einthoven.models.settings import check_choices

LONGEST_TOKEN = 0.040
"""Seconds: a QRS complex still has two tokens."""


@dataclass(frozen=True)
class Masking:
    """What is hidden of an ECG and its text, and what stands above their encoders (ECG-ReGen, Tang 2024, section II-B).

    The defaults are the paper's, and those of fairseq-signals' M3AE where the paper does not say.

    Args:
        signal: share of the ECG's tokens that is hidden (MEM). words: share of the text's words (MLM).
        hidden_from: what a hidden token of the ECG does not reach: "everything", or "layers" alone, as in the public
            code. There the norm over time and the convolution for positions have seen all tokens before some are left
            out, so that those which remain know of their neighbours.
        width, heads, layers: of both stacks of cross attention. dropout: of theirs.
        read_from: the ECG is rebuilt from what enters this layer of its stack, counted from 0.
        decoder_width, decoder_heads, decoder_layers: of what rebuilds it.
        match_pass: whether ECG and text are matched (ETM) in a pass of their own, in which nothing is hidden, or in
            the masked one, as in the public code.
        match_labels: "true", or "public": the public code's, which calls pairs of ECG and text that belong together
            mismatched half the time, for its collator loses the exchanged texts. For comparison alone.
        mismatched: share of the pairs of a batch whose texts are exchanged, among ECGs with different statements.
        negatives: with whose text: that of any ECG ("random"), of the one with the most similar "statements", or of
            the nearest by "embedding".
    """

    signal: float = 0.75
    words: float = 0.15
    hidden_from: Literal["everything", "layers"] = "everything"
    width: int = 768
    heads: int = 12
    layers: int = 6
    dropout: float = 0.1
    read_from: int = 3
    decoder_width: int = 384
    decoder_heads: int = 6
    decoder_layers: int = 4
    match_pass: Literal["unmasked", "masked"] = "unmasked"
    match_labels: Literal["true", "public"] = "true"
    mismatched: float = 0.5
    negatives: Literal["random", "statements", "embedding"] = "random"

    def __post_init__(self) -> None:
        check_choices(self)
        if not all(0 < share < 1 for share in (self.signal, self.words, self.mismatched)):
            raise UsageError(
                "masking.signal, words and mismatched are shares between 0 and 1.", "Choose such as 0.75, 0.15 and 0.5."
            )
        if not 0 <= self.dropout < 1:
            raise UsageError(f"masking.dropout {self.dropout} is no probability.", "Choose 0 <= dropout < 1.")
        if min(self.layers, self.heads, self.decoder_layers, self.decoder_heads) < 1:
            raise UsageError("masking.layers, heads, decoder_layers and decoder_heads are at least 1.", "Correct them.")
        if self.negatives == "embedding" and self.match_pass == "masked":
            raise UsageError(
                "The nearest by embedding are known only in an unmasked pass.",
                "Set masking.match_pass to unmasked, or negatives to statements.",
            )
        if not 0 <= self.read_from <= self.layers:
            raise UsageError(
                f"There is no layer {self.read_from} among {self.layers} from which the ECG could be rebuilt.",
                f"Choose masking.read_from from 0 to {self.layers}.",
            )
        for name, width, heads in (
            ("width", self.width, self.heads),
            ("decoder_width", self.decoder_width, self.decoder_heads),
        ):
            if width < 2 or width % heads or width % 2:
                raise UsageError(
                    f"masking.{name} {width} is odd, or cannot be split over {heads} heads.", "Make it a multiple."
                )


@dataclass(frozen=True)
class MaskedConfig:
    """All that decides a masked autoencoder: what it reads, both encoders, and what stands above them.

    Raises:
        UsageError: tokens longer than 40 ms, or texts too short to hide a word of.
    """

    preparation: Preparation = field(default_factory=Preparation)
    encoder: ConvTransformer = field(default_factory=ConvTransformer)
    text: Text = field(default_factory=TextTower)
    masking: Masking = field(default_factory=Masking)

    def __post_init__(self) -> None:
        if self.encoder.stride / self.preparation.rate > LONGEST_TOKEN + 1e-9:
            raise UsageError(
                f"A token of {self.encoder.stride} samples at {self.preparation.rate:g} Hz spans "
                f"{1000 * self.encoder.stride / self.preparation.rate:.0f} ms; more than 40 ms blur a QRS complex.",
                "Choose fewer encoder.convolutions, such as 2 at 100 Hz and 4 at 500 Hz.",
            )
        if self.kept < 1 or self.kept == self.tokens:
            raise UsageError(f"Of {self.tokens} tokens, {self.kept} would be seen.", "Choose another masking.signal.")
        if self.text.tokens < 3:
            raise UsageError("Two marks and a word do not fit into the text tower.", "Set text.tokens to 3 or more.")

    @property
    def tokens(self) -> int:
        """Tokens of one window; samples beyond the last whole one are left out."""
        return self.preparation.samples // self.encoder.stride

    @property
    def kept(self) -> int:
        """Tokens of one window that are seen in the masked pass."""
        return int(self.tokens * (1 - self.masking.signal) + 1e-9)
