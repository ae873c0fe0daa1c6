"""The model card that a checkpoint carries as `README.md`."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from einthoven.ecg import ModelError
from einthoven.ecg.moving import move
from einthoven.models.config import ModelConfig
from einthoven.models.encoders.settings import Encoder, Several
from einthoven.models.runtime import checkpoint_hash

CARD = """# {name}

Research use only. Not a medical device. Not for diagnosis or treatment.

| | |
|---|---|
| input | 12 leads, {rate:g} Hz, {seconds:g} s, mV; high-pass {highpass} Hz, low-pass {lowpass} Hz, zero-phase |
| output | embedding of {embedding}; probabilities of {codes} SCP codes (uncalibrated) |
| encoder | {encoder} |
| parameters | {parameters:,}{tower}, stored in {bits} bits |
| trained on | {release}, {trained_on}: {train_ecgs:,} ECGs (data hash {train_hash}) |
| chosen on | {chosen_on}: {choose_ecgs:,} ECGs |
| training | {passes}, {minutes:.0f} minutes{taught} |
| licence | {licence} |

On the choosing {choosing} (optimistic, because it chose the epoch): macro-AUC of the superclasses {head_super:.3f}
by the statement head, {vote_super:.3f} by the vote of 25 neighbours; of all codes with at least 10
positives {head_all:.3f} and {vote_all:.3f}.{further}

## What it must not be used for
{unfit}Any decision about a person. {seen}
of the head are uncalibrated: an archive's calibration turns them into confidences.
"""
FURTHER = " Further numbers are in the project's `docs/results.md`."
SEEN_PTBXL = """It saw ECGs of adults from one group of devices of the years 1984 to 2001, labelled by
report; it knows nothing of children, of pacemaker spikes at 100 Hz, or of findings outside its codes. Probabilities"""
SEEN = """It knows the people, devices and labels of its training ECGs alone; nothing
says here who they were, and it knows nothing of findings outside its codes. Probabilities"""
LICENCE_PTBXL = "Apache-2.0; derived from PTB-XL (Wagner et al. 2020, PhysioNet, CC BY 4.0)"
LICENCE = "none is stated here; that of the training data holds, and what its patients agreed to"

CARD_FILE = "README.md"
SPLITS: Mapping[str, tuple[str, str]] = {"ecg-qa": ("ECG-QA's train ECGs", "ECG-QA's validation ECGs")}
"""Published splits that are not PTB-XL's folds: what trains and what chooses."""
UNFIT = """**Any number on a fold of PTB-XL.** {trained_on} lie in all ten folds, 9 and 10 among them. This
model is for the test ECGs of that split alone; it is not shipped, and evaluations on folds refuse it.

"""
BEGIN, END = "<!-- audit: begin -->", "<!-- audit: end -->"
AUDIT = """## Audit
By `einthoven evaluate groups` on fold {fold} of {dataset}: {ecgs:,} ECGs of {patients:,} patients.
The neighbours are of {index}. Checkpoint {sha}; {made}, commit {commit}.{caution}
"""
OPTIMISTIC = " Fold 9 is the one to choose on: its numbers are optimistic."


def model_card(config: ModelConfig, facts: Mapping[str, Any], epochs: Sequence[Mapping[str, float]]) -> str:
    """The card of a trained model.

    Args:
        facts: what `recipe.json` of the run holds.
        epochs: the lines of `metrics.jsonl`.
    """
    recipe, best, of_ptbxl = facts["recipe"], _best(epochs), _only_ptbxl(facts)
    return CARD.format(
        **_training(config, facts, epochs),
        codes=len(config.codes),
        further=FURTHER if of_ptbxl else "",
        seen=SEEN_PTBXL if of_ptbxl else SEEN,
        licence=LICENCE_PTBXL if of_ptbxl else LICENCE,
        tower=" with the text tower" if recipe["text"] else "",
        taught=_taught(recipe.get("teachers")),
        **{key: best[key] for key in ("head_super", "vote_super", "head_all", "vote_all")},
    )


def _best(epochs: Sequence[Mapping[str, float]]) -> Mapping[str, float]:
    """The line of the epoch whose weights were kept."""
    return max((line for line in epochs if "score" in line), key=lambda line: line["score"])


def _training(
    config: ModelConfig, facts: Mapping[str, Any], epochs: Sequence[Mapping[str, float]]
) -> Mapping[str, object]:
    """What both cards say of input, size, data and training."""
    recipe, how, name = facts["recipe"], config.preparation, facts["dataset"]["name"]
    release = facts["dataset"]["release"]
    return {
        "name": config.name,
        "rate": how.rate,
        "seconds": how.seconds,
        "highpass": how.highpass,
        "lowpass": how.lowpass,
        "embedding": config.embedding,
        "encoder": described(config.encoder),
        "parameters": facts["parameters"],
        "bits": recipe["bits"],
        "release": release if recipe["data"].get("parts") else f"{name} {release}",
        **_ecgs(recipe["data"]),
        "train_ecgs": facts["train"]["ecgs"],
        "train_hash": facts["train"]["sha256"][:12],
        "choose_ecgs": facts["choose"]["ecgs"],
        "passes": _passes(recipe),
        "minutes": epochs[-1]["seconds"] / 60,
    }


def _only_ptbxl(facts: Mapping[str, Any]) -> bool:
    """Whether all training ECGs are PTB-XL's, of which the card says more."""
    parts = facts["recipe"]["data"].get("parts") or ()
    return {part["name"] for part in parts} == {"ptb-xl"} if parts else bool(facts["dataset"]["name"] == "ptb-xl")


PRETRAINED = """# {name}

Research use only. Not a medical device. Not for diagnosis or treatment.

| | |
|---|---|
| input | 12 leads, {rate:g} Hz, {seconds:g} s, mV; high-pass {highpass} Hz, low-pass {lowpass} Hz, zero-phase |
| output | embedding of {embedding}; no statement head |
| encoder | {encoder} |
| parameters | {parameters:,} in training, texts and decoder among them; stored in {bits} bits |
| trained on | {release}, {trained_on}: {train_ecgs:,} ECGs (data hash {train_hash}) |
| chosen on | {chosen_on}: {choose_ecgs:,} ECGs |
| training | {passes}, {minutes:.0f} minutes |
| licence | {licence} |

On the choosing {choosing} (optimistic, because it chose the epoch): {scores}.

## What it must not be used for
{unfit}Any decision about a person. It learned which texts belong to which ECGs of its training set, and nothing else;
what it finds similar need not be so in ways that matter to a patient.
"""


def pretrained_card(config: ModelConfig, facts: Mapping[str, Any], epochs: Sequence[Mapping[str, float]]) -> str:
    """The card of a model without a statement head; arguments as of `model_card`."""
    best, known = _best(epochs), ("epoch", "seconds", "score")
    return PRETRAINED.format(
        **_training(config, facts, epochs),
        licence="Apache-2.0; the data set's own licence holds beside it" if _only_ptbxl(facts) else LICENCE,
        scores=", ".join(f"{key} {value:.3f}" for key, value in best.items() if key not in known),
    )


def described(encoder: Encoder) -> str:
    """An encoder's settings in words; of an ensemble, each member's, equal ones counted."""
    if isinstance(encoder, Several):
        members = Counter(described(member) for member in encoder.members)
        return "; ".join(f"{count} x {words}" for words, count in members.items()) + "; trained apart, side by side"
    values = dataclasses.asdict(encoder)
    return ", ".join([values.pop("size"), *(f"{key} {value}" for key, value in values.items() if key != "family")])


def _passes(recipe: Mapping[str, Any]) -> str:
    plans = [member["plan"] for member in recipe["members"] or [recipe]]
    return "; ".join(f"{plan['epochs']} epochs in batches of {plan['batch']}" for plan in plans)


def _taught(teachers: Mapping[str, Any] | None) -> str:
    if teachers is None:
        return ""
    return f"; {teachers['share']:.0%} of each target from {len(teachers['folders'])} trained checkpoints"


def _ecgs(data: Mapping[str, Any]) -> Mapping[str, str]:
    """Who trained and who chose, in words: folds, or the parts of a published split."""
    if data.get("split") is None:
        train, choose = (f"folds {_listed(data[part])}" for part in ("train", "choose"))
        return {"trained_on": train, "chosen_on": choose, "choosing": "fold", "unfit": ""}
    train, choose = SPLITS[data["split"]["of"]]
    return {"trained_on": train, "chosen_on": choose, "choosing": "ECGs", "unfit": UNFIT.format(trained_on=train)}


def _listed(folds: Sequence[int]) -> str:
    return ", ".join(map(str, folds))


def audit_section(facts: Mapping[str, Any], tables: Mapping[str, str]) -> str:
    """The section of a card on how a model serves groups of patients, and on its calibration.

    Args:
        facts: the audit's: fold, dataset, ecgs, patients, index, model_sha256, made, commit.
        tables: their titles and their rows in Markdown.
    """
    head = AUDIT.format(
        **{key: facts[key] for key in ("fold", "dataset", "ecgs", "patients", "index", "made", "commit")},
        sha=facts["model_sha256"][:12],
        caution=OPTIMISTIC if facts["fold"] == 9 else "",
    )
    return "\n".join([head, *(f"### {title}\n\n{rows}\n" for title, rows in tables.items())])


def with_audit(card: str, section: str) -> str:
    """The card with this section between the audit's marks: in place of an earlier one, or at the end.

    Raises:
        ModelError: the marks do not stand once each, the first before the last.
    """
    marked = f"{BEGIN}\n{section.strip()}\n{END}\n"
    if BEGIN not in card and END not in card:
        return f"{card.rstrip()}\n\n{marked}"
    before, _, rest = card.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not ended or any(mark in part for mark in (BEGIN, END) for part in (before, after)) or BEGIN in rest:
        raise ModelError(
            "The marks of the audit's section in README.md are damaged.",
            f"Let '{BEGIN}' and '{END}' stand once each in this order, or delete both.",
        )
    return before + marked + after.removeprefix("\n")


def check_card(folder: Path, sha256: str) -> None:
    """Passes where `write_audit` can put the section of the model with this hash into a checkpoint folder.

    Raises:
        ModelError: it is another checkpoint's folder, or its card is missing or has damaged marks.
    """
    if checkpoint_hash(folder) != sha256:
        raise ModelError(f"{folder} is not the checkpoint that is audited.", f"Audit that one: --model {folder}.")
    with_audit(_card(folder), "")


def write_audit(folder: Path, section: str) -> None:
    """Puts the section into the `README.md` of a checkpoint folder, whose hash does not cover that file.

    Raises:
        ModelError: there is no such file, it cannot be written, or its marks are damaged.
    """
    text, path = with_audit(_card(folder), section), folder / CARD_FILE
    new = path.with_name(path.name + ".part")
    try:
        new.write_text(text, encoding="utf-8")
        move(new, path)
    except OSError as fault:
        raise ModelError(
            f"{path} cannot be written ({fault.strerror}).", "Copy the checkpoint to where it may be changed."
        ) from None


def _card(folder: Path) -> str:
    try:
        return (folder / CARD_FILE).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ModelError(
            f"The checkpoint {folder} has no model card that can be read ({fault}).", f"Put a {CARD_FILE} there."
        ) from None
