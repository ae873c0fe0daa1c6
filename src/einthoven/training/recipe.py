"""A training configuration: one YAML file, read strictly."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import yaml

from einthoven.ecg import UsageError
from einthoven.models.config import ModelConfig, Preparation, Text, TextTower
from einthoven.models.encoders.settings import ConvNeXt, ConvTransformer, Encoder, Several, Single
from einthoven.models.masked_settings import MaskedConfig, Masking
from einthoven.models.settings import check_choices, from_dict
from einthoven.training.captions import Captions
from einthoven.training.data import Data
from einthoven.training.generation_settings import Generation
from einthoven.training.plan import Plan


@dataclass(frozen=True)
class Teachers:
    """Trained checkpoints whose probabilities stand in for a part of the targets (distillation, Hinton 2015).

    Args:
        folders: checkpoints with the same preparation and codes; their probabilities are averaged.
        share: of the target that is theirs; the rest is what the data set states.
        hear: "records" asks them once, about each whole ECG; "batches" about every batch as the student sees it, cut,
            disturbed and mixed (Beyer 2022).
    """

    folders: tuple[str, ...]
    share: float = 0.5
    hear: Literal["records", "batches"] = "records"

    def __post_init__(self) -> None:
        check_choices(self)
        if not self.folders or not 0 < self.share <= 1:
            raise UsageError(
                "teachers names no checkpoint, or gives them no share from above 0 to 1.",
                "Name at least one in teachers.folders, and choose 0 < teachers.share <= 1.",
            )


@dataclass(frozen=True)
class Member:
    """One network of an ensemble: its encoder, how it is trained, and whether the embedding is made of its logits, too.

    A member that has learned its ECGs by heart helps the mean of the logits and harms the vote of neighbours.
    """

    encoder: Single = field(default_factory=ConvNeXt)
    plan: Plan = field(default_factory=Plan)
    embeds: bool = True


@dataclass(frozen=True)
class Recipe:
    """All that decides a training run, but for the data folder and the machine.

    `embedding` is its length, unless `projection` is "logits": it then has an entry for each code.
    A member whose plan has a vote is then trained with a linear projection of that length, which the whole drops.
    `bits` is what an entry of a weight matrix takes in the checkpoint.
    `members`, where there are any, are trained apart, in place of `encoder` and `plan`, and put side by side in one.
    `captioning` (ESI) or `masking` (ECG-ReGen's M3AE) makes it a pretraining on ECGs and texts, without a statement
    head; `generating` trains a generator of reports, which brings its own text half.
    """

    name: str
    data: Data = field(default_factory=Data)
    preparation: Preparation = field(default_factory=Preparation)
    encoder: Encoder = field(default_factory=ConvNeXt)
    text: Text | None = field(default_factory=TextTower)
    embedding: int = 192
    projection: Literal["linear", "logits", "none"] = "linear"
    bits: Literal[8, 16] = 16
    teachers: Teachers | None = None
    plan: Plan = field(default_factory=Plan)
    members: tuple[Member, ...] = ()
    captioning: Captions | None = None
    generating: Generation | None = None
    masking: Masking | None = None

    def __post_init__(self) -> None:
        check_choices(self)
        if self.pretrains:
            self._check_pretraining()
            return
        if self.members:
            self._check_members()
            return
        self.config(("any",))  # refuses misfits
        if self.plan.contrast and self.text is None:
            raise UsageError("There is no text tower to contrast ECGs with.", "Set plan.contrast to 0, or give text.")
        if self.plan.accumulate > 1 and (self.plan.contrast or self.plan.vote):
            raise UsageError(
                "In pieces, an ECG is told from those of its piece alone: such a contrast or vote cannot accumulate.",
                "Set plan.accumulate to 1, or plan.contrast and plan.vote to 0; captioning accumulates exactly.",
            )
        if self.projection == "logits" and (self.plan.contrast or self.plan.vote):
            raise UsageError(
                "An embedding made of the logits is fitted after training: no contrast or vote can train it.",
                "Set plan.contrast and plan.vote to 0, or projection to linear.",
            )
        self._check_crop()

    def _check_crop(self) -> None:
        crop = self.plan.augmentation.crop_seconds
        if crop is not None and crop * self.preparation.rate < self.encoder.shortest:
            raise UsageError(
                f"A crop of {crop:g} s gives the encoder not one token.",
                f"Choose plan.augmentation.crop_seconds of {self.encoder.shortest / self.preparation.rate:g} or more.",
            )

    @property
    def pretrains(self) -> bool:
        """Whether ECGs teach the network without a statement head."""
        return self.captioning is not None or self.masking is not None or self.generating is not None

    def _check_pretraining(self) -> None:
        how = self.plan
        projection = "linear" if self.masking is None else "none"
        if self.members or self.teachers or self.projection != projection:
            raise UsageError(
                "A pretraining has neither members nor teachers; captioning has a linear projection, masking none.",
                f"Leave members and teachers out, and set projection to {projection}.",
            )
        if how.groups or how.contrast or how.vote or how.augmentation.mixup:
            raise UsageError(
                "A pretraining has no statement head: plan.groups, contrast, vote and augmentation.mixup are not its.",
                "Set these four to 0; the weights of its own losses stand in its own table.",
            )
        if self.captioning is not None and self.text is None:
            raise UsageError("Captioning needs a text tower.", "Give the configuration a table text.")
        if self.generating is not None and self.data.split is not None:
            raise UsageError("Report generators are trained on folds alone.", "Leave data.split out.")
        if self.generating is not None and (self.captioning or self.masking or self.text):
            raise UsageError(
                "A generator has a text half of its own, and nothing is trained beside it.",
                "Set text to null, and leave captioning and masking out.",
            )
        if self.masking is not None:
            self._check_masking()
        self.config(())  # refuses misfits
        self._check_crop()

    def _check_masking(self) -> None:
        if self.captioning is not None or self.text is None or not isinstance(self.encoder, ConvTransformer):
            raise UsageError(
                "Masking needs a text tower, an encoder of the family conv_transformer, and no captioning beside it.",
                "Give the tables text and encoder, and leave captioning out.",
            )
        if self.plan.accumulate > 1:
            raise UsageError("Masked texts are drawn for a whole batch.", "Set plan.accumulate to 1.")
        self.masked()

    def masked(self) -> MaskedConfig:
        """The configuration of the masked autoencoder that is trained.

        Raises:
            UsageError: sizes that do not fit together.
        """
        assert self.masking is not None and self.text is not None and isinstance(self.encoder, ConvTransformer)
        return MaskedConfig(self.preparation, self.encoder, self.text, self.masking)

    def each(self) -> tuple[Recipe, ...]:
        """The recipes of the networks that are trained: its own, or one for each member."""
        if not self.members:
            return (self,)
        return tuple(
            replace(
                self,
                name=f"{self.name}-member{place}",
                encoder=one.encoder,
                plan=one.plan,
                projection="linear" if one.plan.vote else self.projection,
                members=(),
                bits=16,
            )
            for place, one in enumerate(self.members)
        )

    def _check_members(self) -> None:
        if len(self.members) < 2 or self.text is not None or self.projection == "none":
            raise UsageError(
                "An ensemble has two members or more, a projection, and no text tower.",
                "Set text to null and projection to linear or logits, or leave members out.",
            )
        if any(plan.shard for plan in (self.plan, *(member.plan for member in self.members))):
            raise UsageError("An ensemble is trained in one process: nothing is sharded.", "Set plan.shard to false.")
        embeds = [member.embeds for member in self.members]
        if not any(embeds) or (self.projection != "logits" and not all(embeds)):
            raise UsageError(
                "The embedding is made of all members, or of the logits of some.",
                "Let one member embed at least, and set projection to logits where another does not.",
            )
        Several(tuple(member.encoder for member in self.members))  # refuses strides that differ
        self.each()

    def config(self, codes: Sequence[str]) -> ModelConfig:
        """The configuration of the ECG side that is trained, for a head of these codes; a pretraining has none."""
        found = self._config(codes)
        return found if self.data.split is None else replace(found, split=self.data.split.of)

    def _config(self, codes: Sequence[str]) -> ModelConfig:
        if self.captioning is not None:
            pool = self.captioning.pool(0 if self.text is None else self.text.width)
            return ModelConfig(self.name, (), self.embedding, self.preparation, self.encoder, pool=pool)
        if self.masking is not None:
            return ModelConfig(self.name, (), self.embedding, self.preparation, self.encoder, "none")
        length = len(codes) if self.projection == "logits" else self.embedding
        return ModelConfig(self.name, tuple(codes), length, self.preparation, self.encoder, self.projection)


class _Loader(yaml.SafeLoader):
    """Numbers as in YAML 1.2 and JSON: 1e-3 is one, too."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+"), list("-+.0123456789")
)


def read_recipe(path: Path, changes: Sequence[str] = ()) -> Recipe:
    """A recipe from a YAML file, with changes such as "plan.epochs=3".

    Raises:
        UsageError: no such file, not YAML, an unknown setting, or an illegal value.
    """
    values = read_yaml(path, "configuration", "configs/")
    if not isinstance(values, dict):
        raise UsageError(f"{path} holds no settings.", "Compare it with configs/.")
    change_values(values, changes)
    return from_dict(Recipe, values)


def change_values(values: dict[str, Any], changes: Sequence[str]) -> None:
    """Applies changes such as "plan.epochs=3" to nested settings, in place.

    Raises:
        UsageError: one is no setting.
    """
    for change in changes:
        _set(values, change)


def read_yaml(path: Path, what: str, shipped: str) -> Any:
    """The contents of a YAML file; `what` it is and the folder of those that are `shipped` go into messages.

    Raises:
        UsageError: no such file, or not YAML.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), _Loader)
    except OSError:
        raise UsageError(f"There is no {what} {path}.", f"See {shipped} for those that ship.") from None
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise UsageError(f"{path} is not YAML: {str(fault).splitlines()[0]}.", f"Compare it with {shipped}.") from None


def _set(values: dict[str, Any], change: str) -> None:
    key, equals, text = change.partition("=")
    if not equals:
        raise UsageError(f"'{change}' is no setting.", "Write --set key=value, such as --set plan.epochs=3.")
    *path, last = key.split(".")
    for part in path:
        values = values.setdefault(part, {})
        if not isinstance(values, dict):
            raise UsageError(f"{part} in '{change}' holds no settings.", "Compare the key with the configuration.")
    try:
        values[last] = yaml.load(text, _Loader)
    except yaml.YAMLError:
        raise UsageError(f"'{text}' in '{change}' is no value.", "Write a number, a text, null or [a, list].") from None
