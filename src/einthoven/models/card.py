"""The model card that a checkpoint carries as `README.md`."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from einthoven.models.config import ModelConfig

CARD = """# {name}

Research use only. Not a medical device. Not for diagnosis or treatment.

| | |
|---|---|
| input | 12 leads, {rate:g} Hz, {seconds:g} s, mV; high-pass {highpass} Hz, low-pass {lowpass} Hz, zero-phase |
| output | embedding of {embedding}; probabilities of {codes} SCP codes (uncalibrated) |
| encoder | {encoder} |
| parameters | {parameters:,}{tower}, stored in 16 bits |
| trained on | {train_set} {release}, folds {train_folds}: {train_ecgs:,} ECGs (data hash {train_hash}) |
| chosen on | folds {choose_folds}: {choose_ecgs:,} ECGs |
| training | {epochs} epochs of {batch}, {minutes:.0f} minutes{taught} |
| licence | Apache-2.0; derived from PTB-XL (Wagner et al. 2020, PhysioNet, CC BY 4.0) |

On the choosing fold (optimistic, because it chose the epoch): macro-AUC of the superclasses {head_super:.3f}
by the statement head, {vote_super:.3f} by the vote of 25 neighbours; of all codes with at least 10
positives {head_all:.3f} and {vote_all:.3f}. Numbers on the reporting fold are in the project's `docs/results.md`.

## What it must not be used for
Any decision about a person. It saw ECGs of adults from one group of devices of the years 1984 to 2001, labelled by
report; it knows nothing of children, of pacemaker spikes at 100 Hz, or of findings outside its codes. Probabilities of
the head are uncalibrated: an archive's calibration turns them into confidences.
"""


def model_card(config: ModelConfig, facts: Mapping[str, Any], epochs: Sequence[Mapping[str, float]]) -> str:
    """The card of a trained model.

    Args:
        facts: what `recipe.json` of the run holds.
        epochs: the lines of `metrics.jsonl`.
    """
    recipe, best = facts["recipe"], max((line for line in epochs if "score" in line), key=lambda line: line["score"])
    how = config.preparation
    return CARD.format(
        name=config.name,
        rate=how.rate,
        seconds=how.seconds,
        highpass=how.highpass,
        lowpass=how.lowpass,
        embedding=config.embedding,
        codes=len(config.codes),
        encoder=", ".join(f"{key} {value}" for key, value in dataclasses.asdict(config.encoder).items()),
        parameters=facts["parameters"],
        tower=" with the text tower" if config.text else "",
        train_set=facts["dataset"]["name"],
        release=facts["dataset"]["release"],
        train_folds=_listed(recipe["data"]["train"]),
        train_ecgs=facts["train"]["ecgs"],
        train_hash=facts["train"]["sha256"][:12],
        choose_folds=_listed(recipe["data"]["choose"]),
        choose_ecgs=facts["choose"]["ecgs"],
        epochs=recipe["plan"]["epochs"],
        batch=recipe["plan"]["batch"],
        minutes=epochs[-1]["seconds"] / 60,
        taught=_taught(recipe.get("teachers")),
        **{key: best[key] for key in ("head_super", "vote_super", "head_all", "vote_all")},
    )


def _taught(teachers: Mapping[str, Any] | None) -> str:
    if teachers is None:
        return ""
    return f"; {teachers['share']:.0%} of each target from {len(teachers['folders'])} trained checkpoints"


def _listed(folds: Sequence[int]) -> str:
    return ", ".join(map(str, folds))
