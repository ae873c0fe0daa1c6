"""Which ECG encoder, and its options: one frozen dataclass a family, told apart by `family`; free of torch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from einthoven.ecg import UsageError
from einthoven.models.encoders.sizes import (
    CONVNEXTV2,
    LSTMS,
    M3AE,
    RESNET,
    S4D,
    VIT,
    entry,
    residual,
    stages,
    unknown_encoder,
)
from einthoven.models.settings import check_choices


class _Strided:
    """What follows from an encoder's stride, which is its stem's where no stage adds to it."""

    stem_stride: int

    @property
    def stride(self) -> int:
        """Samples from one token to the next."""
        return self.stem_stride

    @property
    def shortest(self) -> int:
        """Fewest samples that the encoder reads: those that give one whole token."""
        return self.stride


@dataclass(frozen=True)
class ConvNeXt(_Strided):
    """ConvNeXt-V2 in one dimension, by the name of its size.

    `norm` is "layer" (over channels) or "instance" (over time, as ESI's public code has it).
    """

    family: Literal["convnextv2"] = "convnextv2"
    size: str = "convnextv2_zepto"
    stem_kernel: int = 4
    stem_stride: int = 4
    norm: Literal["layer", "instance"] = "layer"
    drop_path: float = 0.0

    def __post_init__(self) -> None:
        check_choices(self)
        stages(self.size)
        _check_stem(self.stem_kernel, self.stem_stride)
        _check_share("drop_path", self.drop_path)

    @property
    def stride(self) -> int:
        """Samples from one token to the next."""
        widths = stages(self.size)[1]
        return int(self.stem_stride * 2 ** (len(widths) - 1))


@dataclass(frozen=True)
class ResNet(_Strided):
    """Residual networks in one dimension, by the name of their size (`encoders/sizes.py`).

    Args:
        kernel: samples that a convolution between tokens spans; also the stem's, in sizes with a deep or classic one.
        stem_kernel, stem_stride: of the first convolution, in the other sizes.
        squeeze: channels are weighed by a gate that sees their mean over time (squeeze and excitation), with a
            bottleneck of 1 / `squeeze` of the channels; 0 for none.
        pool: what a record's tokens become: their mean, or mean and maximum side by side.
        drop_path: share of residual branches left out in training, rising from block to block.
        dropout: share of the pooled vector's entries left out in training.
    """

    family: Literal["resnet"] = "resnet"
    size: str = "resnet1d_small"
    kernel: int = 5
    stem_kernel: int = 9
    stem_stride: int = 2
    squeeze: int = 0
    pool: Literal["mean", "mean+max"] = "mean+max"
    drop_path: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_choices(self)
        residual(self.size)
        _check_stem(self.stem_kernel, self.stem_stride)
        if self.kernel < 1 or self.kernel % 2 == 0:
            raise UsageError(f"A kernel of {self.kernel} has no middle.", "Choose an odd one, such as 5.")
        if self.squeeze < 0:
            raise UsageError(f"A bottleneck of 1/{self.squeeze} does not exist.", "Choose 0 for none, or such as 8.")
        _check_share("drop_path", self.drop_path)
        _check_share("dropout", self.dropout)

    @property
    def stride(self) -> int:
        """Samples from one token to the next."""
        shape = RESNET[self.size]
        return int((4 if shape.deep_stem or shape.classic else self.stem_stride) * 2 ** (len(shape.depths) - 1))


@dataclass(frozen=True)
class Transformer(_Strided):
    """A transformer over patches of the signal, by the name of its size (`encoders/sizes.py`).

    Args:
        stem_kernel, stem_stride: length of a patch in samples, and from one patch to the next.
        drop_path: share of residual branches left out in training, rising from layer to layer.
        dropout: share of entries left out in training, of the patches and of each branch's output.
    """

    family: Literal["transformer"] = "transformer"
    size: str = "vit1d_small"
    stem_kernel: int = 20
    stem_stride: int = 12
    drop_path: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_choices(self)
        entry(VIT, self.size)
        _check_stem(self.stem_kernel, self.stem_stride)
        _check_share("drop_path", self.drop_path)
        _check_share("dropout", self.dropout)


@dataclass(frozen=True)
class StateSpace(_Strided):
    """Diagonal state spaces read in both directions, by the name of their size (`encoders/sizes.py`).

    Args:
        stem_kernel, stem_stride: of the convolution that makes tokens of samples.
        states: complex states of each channel in each direction, each of which stands for a conjugate pair.
        drop_path: share of residual branches left out in training, rising from layer to layer.
        dropout: share of entries left out in training, of each branch's output.
    """

    family: Literal["state_space"] = "state_space"
    size: str = "s4d_small"
    stem_kernel: int = 16
    stem_stride: int = 8
    states: int = 32
    drop_path: float = 0.0
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_choices(self)
        entry(S4D, self.size)
        _check_stem(self.stem_kernel, self.stem_stride)
        if self.states < 1:
            raise UsageError(f"A state space of {self.states} states remembers nothing.", "Choose 1 or more.")
        _check_share("drop_path", self.drop_path)
        _check_share("dropout", self.dropout)


@dataclass(frozen=True)
class ConvTransformer:
    """A transformer over convolutional tokens, by the name of its size (`encoders/sizes.py`): M3AE's for ECGs.

    Args:
        convolutions: of kernel and stride 2, one after another; a token spans 2 ** `convolutions` samples. Four of them
            make 312 tokens of 32 ms of 10 s at 500 Hz; at 100 Hz two make 250 of 40 ms.
        dropout: share of entries left out in training, of the tokens, of each branch's output and of what attention
            looks at.
    """

    family: Literal["conv_transformer"] = "conv_transformer"
    size: str = "m3ae_small"
    convolutions: int = 2
    dropout: float = 0.1

    def __post_init__(self) -> None:
        check_choices(self)
        entry(M3AE, self.size)
        _check_share("dropout", self.dropout)
        if not 1 <= self.convolutions <= 8:
            raise UsageError(
                f"{self.convolutions} convolutions make no tokens of 2 to 256 samples.",
                "Choose encoder.convolutions from 1 to 8, such as 4 at 500 Hz.",
            )

    @property
    def stride(self) -> int:
        """Samples from one token to the next, each of which it spans."""
        return int(2**self.convolutions)

    @property
    def shortest(self) -> int:
        """Fewest samples that the encoder reads: those that give one whole token."""
        return self.stride


@dataclass(frozen=True)
class Recurrent:
    """Long short-term memory over the samples themselves, by the name of its size (`encoders/sizes.py`).

    Args:
        dropout: share of the pooled vector's entries left out in training.
    """

    family: Literal["lstm"] = "lstm"
    size: str = "lstm1d"
    dropout: float = 0.0

    def __post_init__(self) -> None:
        check_choices(self)
        entry(LSTMS, self.size)
        _check_share("dropout", self.dropout)

    @property
    def stride(self) -> int:
        """Samples from one token to the next: each is one."""
        return 1

    @property
    def shortest(self) -> int:
        """Fewest samples that the encoder reads."""
        return 1


Single = ConvNeXt | ResNet | Transformer | ConvTransformer | StateSpace | Recurrent


@dataclass(frozen=True)
class Several:
    """An ensemble: encoders that are trained apart and stand side by side in one network."""

    members: tuple[Single, ...] = ()
    family: Literal["several"] = "several"

    def __post_init__(self) -> None:
        check_choices(self)
        if len(self.members) < 2 or len({member.stride for member in self.members}) > 1:
            raise UsageError("An ensemble has at least two members, of one stride.", "Correct encoder.members.")

    @property
    def shortest(self) -> int:
        """Fewest samples that every member reads."""
        return max(member.shortest for member in self.members)

    @property
    def stride(self) -> int:
        """Samples from one token to the next."""
        return self.members[0].stride


Encoder = Single | Several


def family_of(size: str) -> type[Single]:
    """The settings of the family that has this size.

    Raises:
        UsageError: none has.
    """
    for family, sizes in FAMILIES.items():
        if size in sizes:
            return family
    raise unknown_encoder(size, (name for sizes in FAMILIES.values() for name in sizes))


FAMILIES: dict[type[Single], Mapping[str, object]] = {
    ConvNeXt: CONVNEXTV2,
    ResNet: RESNET,
    Transformer: VIT,
    ConvTransformer: M3AE,
    StateSpace: S4D,
    Recurrent: LSTMS,
}


def _check_stem(kernel: int, stride: int) -> None:
    if stride < 1 or kernel < stride:
        raise UsageError(
            f"A stem of kernel {kernel} and stride {stride} skips samples.",
            "Make stem_kernel at least stem_stride, and both positive.",
        )


def _check_share(name: str, value: float) -> None:
    if not 0 <= value < 1 or math.isnan(value):
        raise UsageError(f"{name} {value} is no probability.", f"Choose 0 <= {name} < 1.")
