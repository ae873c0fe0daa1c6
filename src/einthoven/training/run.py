"""From a recipe and a data folder to a checkpoint."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer

from einthoven.ecg import UsageError
from einthoven.ecg.commit import HOUSE, commit_of
from einthoven.models.card import model_card
from einthoven.models.checkpoint import load_network, save_checkpoint
from einthoven.models.config import TextTower
from einthoven.models.network import Network
from einthoven.models.runtime import checkpoint_hash
from einthoven.models.text_side import save_text_side
from einthoven.models.text_tower import build_tokenizer
from einthoven.models.with_text import WithText
from einthoven.statements import LANGUAGES, VOCABULARY, wordings
from einthoven.training.batch import Speak
from einthoven.training.distil import Teaching, taught
from einthoven.training.distributed import check_plan, first_alone, rank, steps_of, team
from einthoven.training.estimate import Estimate, estimate, sizes_of
from einthoven.training.gathered import ranks
from einthoven.training.generating import train_generator
from einthoven.training.judge import BASE_STEP, judge_on, membership
from einthoven.training.keeping import free_at, kept_in
from einthoven.training.kept import bytes_each
from einthoven.training.lighter import check_pieces
from einthoven.training.loop import Judge, fit
from einthoven.training.merge import merged
from einthoven.training.precision import computes_in
from einthoven.training.prepared import Prepared, prepare_rows
from einthoven.training.pretrain import carries, train_pretraining
from einthoven.training.recipe import Recipe
from einthoven.training.sources import Source, names_of, open_source
from einthoven.training.state import METRICS, claim, metrics_of
from einthoven.training.whiten import fit_logits_embedding
from einthoven.training.words import keep_in

Progress = Callable[[str], None]
Facts = dict[str, Any]
Sets = tuple[Prepared, Prepared]
"""The ECGs that are trained on, and those that choose."""
NO_BFLOAT16 = ", because this device has no bfloat16"
SENDING = ", without what sending gradients takes"


def train(
    recipe: Recipe, data: Path, out: Path, progress: Progress = lambda line: None, device: str | None = None
) -> Path:
    """Trains what `recipe` says on the data set in `data`; returns the checkpoint folder `out/checkpoint`.

    `out` also receives `recipe.json` (recipe, commit, hashes of the data), `metrics.jsonl` (a line an epoch), the same
    for TensorBoard, and the state from which an interrupted
    run goes on when it is started again.

    Raises:
        DataError: the data set is not there. TrainingError: the loss is not finite, or no ECG teaches anything.
        ModelError: a teacher is no checkpoint.
        UsageError: `out` holds a run of another recipe, of other data or of other teachers, a teacher does not fit,
            or no label of the choosing fold has enough ECGs to be scored.
    """
    with team(device) as place:
        return _train(recipe, data, out, progress if rank() == 0 else lambda line: None, place)


def _train(recipe: Recipe, data: Path, out: Path, progress: Progress, device: str) -> Path:
    check_processes(recipe, ranks())
    dataset = open_source(recipe.data, data)
    with torch.device("meta"):
        for one in recipe.each():
            Network(one.config(VOCABULARY.codes()))  # a misfit is refused before minutes of reading
    sets = _prepared(recipe, dataset, progress)
    progress(f"computing in {_device(recipe, device)['precision']}")
    if recipe.generating:
        return train_generator(recipe, *sets, _facts(recipe, dataset, sets, device), out, progress, device)
    if recipe.pretrains:
        return train_pretraining(recipe, *sets, _facts(recipe, dataset, sets, device), out, progress, device)
    if recipe.members:
        return _train_members(recipe, dataset, sets, out, progress, device)
    return _train_one(recipe, dataset, sets, out, progress, device)


def check_processes(recipe: Recipe, processes: int) -> None:
    """Refuses a recipe that so many processes together cannot train; `training.distributed.check_plan` says why.

    Raises:
        UsageError: it is one.
    """
    if recipe.members and processes > 1:
        raise UsageError("An ensemble is trained in one process.", "Train on one device.")
    for one in recipe.each():
        check_plan(one.plan, processes)


def _train_one(recipe: Recipe, dataset: Source, sets: Sets, out: Path, progress: Progress, device: str) -> Path:
    names = VOCABULARY.codes()
    config = recipe.config(names)
    train_set, choose_set = sets
    torch.manual_seed(recipe.plan.seed)
    network = WithText(config, recipe.text) if recipe.text else Network(config)
    start_at_base_rates(network, train_set.examples.target)
    texts = train_set.examples.reports if recipe.plan.contrast_text == "report" else every_wording(names)
    facts = _facts(recipe, dataset, sets, device) | {"parameters": sum(p.numel() for p in network.parameters())}
    first_alone(lambda: claim(out, facts), device)
    tower = recipe.text
    tokenizer = None if tower is None else keep_in(out, device)(lambda: build_tokenizer(texts, tower))
    examples, teach = train_set.examples, None
    if recipe.teachers and recipe.teachers.hear == "batches":
        teach = Teaching(recipe.teachers, config, device)
    elif recipe.teachers:
        examples = taught(examples, recipe.teachers, config, progress)
    groups = np.concatenate([membership(names, level) for level in recipe.plan.hierarchy.split("+")])
    judge = judge_on(choose_set.examples, train_set.examples, membership(names, "super"), recipe.plan.precision)
    if config.projection == "logits":
        judge = _fitted_first(judge, train_set.examples.signal[::BASE_STEP], recipe.plan.precision)
    speak = speaker(names) if recipe.text else None
    fit(network, examples, groups, recipe.plan, out, judge, speak, tokenizer, progress, device, teach=teach)
    alone = network.without_text() if isinstance(network, WithText) else network
    beside = _text_beside(network, tokenizer, recipe.bits)

    def save() -> None:
        save_checkpoint(alone, out / "checkpoint", model_card(config, facts, metrics_of(out)), recipe.bits, beside)

    first_alone(save, device)
    return out / "checkpoint"


def _text_beside(network: Network, tokenizer: Tokenizer | None, bits: int) -> Callable[[Path], None] | None:
    """What writes the text side into a checkpoint folder; None where there is none."""
    if not isinstance(network, WithText) or tokenizer is None:
        return None

    def write(folder: Path) -> None:
        own = network.tower if isinstance(network.tower, TextTower) else None
        save_text_side(network.text_side(), tokenizer, folder, own, bits)

    return write


def _train_members(recipe: Recipe, dataset: Source, sets: Sets, out: Path, progress: Progress, device: str) -> Path:
    """Trains each member in a folder of its own below `out`, where an interrupted one goes on, and merges them."""
    recipes = recipe.each()
    folders = [out / f"member{place}" for place in range(len(recipes))]
    for place, (one, folder) in enumerate(zip(recipes, folders, strict=True), 1):
        said = partial(_say, progress, f"member {place} of {len(recipes)}: ")
        _train_one(one, dataset, sets, folder, said, device)
    train_set, choose_set = sets
    members = [load_network(folder / "checkpoint") for folder in folders]
    by_logits = recipe.projection == "logits"
    embeds = [member.embeds for member in recipe.members]
    network = merged(recipe.name, members, train_set.examples.signal[::BASE_STEP], by_logits, embeds)
    facts = _facts(recipe, dataset, sets, device) | {"parameters": sum(p.numel() for p in network.parameters())}
    claim(out, facts)
    scores = judge_on(choose_set.examples, train_set.examples, membership(network.config.codes, "super"))(network)
    seconds = sum(metrics_of(folder)[-1]["seconds"] for folder in folders)
    line = {"seconds": seconds, **{key: round(one, 5) for key, one in scores.items()}}
    (out / METRICS).write_text(json.dumps(line) + "\n", encoding="utf-8")
    save_checkpoint(network, out / "checkpoint", model_card(network.config, facts, [line]), bits=recipe.bits)
    return out / "checkpoint"


def _fitted_first(judge: Judge, signal: NDArray[np.float16], precision: str) -> Judge:
    """A judge of networks whose embedding is made of their logits; the weights that it judges are those it leaves."""

    def fit_and_judge(network: Network) -> dict[str, float]:
        fit_logits_embedding(network, signal, precision)
        return judge(network)

    return fit_and_judge


def _say(progress: Progress, before: str, line: str) -> None:
    progress(before + line)


def _prepared(recipe: Recipe, dataset: Source, progress: Progress) -> Sets:
    """The ECGs that are trained on, and those that choose."""
    names = VOCABULARY.codes()
    first, second = (
        prepare_rows(some, names, recipe.preparation, progress, recipe.data.targets, carries(recipe), dataset.signals)
        for some in (dataset.train(), dataset.choose())
    )
    return first, second


def _facts(recipe: Recipe, dataset: Source, sets: Sets, device: str) -> Facts:
    train_set, choose_set = sets
    facts = {
        "recipe": _deciding(recipe),
        "dataset": {"name": names_of(recipe.data.parts) or recipe.data.dataset, "release": dataset.release},
        "train": {"ecgs": len(train_set.records), "sha256": train_set.sha256},
        "choose": {"ecgs": len(choose_set.records), "sha256": choose_set.sha256},
        "torch": torch.__version__,
        "computes_in": computes_in(recipe.plan.precision, device),
        "commit": commit_of(HOUSE),
    }
    if recipe.teachers:
        facts["teachers"] = [checkpoint_hash(Path(folder)) for folder in recipe.teachers.folders]
    return facts


def _deciding(recipe: Recipe) -> Facts:
    """The recipe, but for the place where signals are kept, which changes nothing that is learned."""
    said = dataclasses.asdict(recipe)
    del said["data"]["kept"]
    return said


def plan_of(recipe: Recipe, data: Path, devices: int = 1) -> dict[str, Any]:
    """What a recipe would train, without training it: ECGs, steps, parameters, memory of the prepared signals.

    Args:
        devices: that train together, on all nodes.

    Raises:
        UsageError: so many devices cannot train it.
    """
    check_processes(recipe, devices)
    dataset = open_source(recipe.data, data)
    ecgs = dataset.count()
    if recipe.pretrains:
        return _pretraining_of(recipe, dataset, ecgs, devices)
    recipes, names = recipe.each(), VOCABULARY.codes()
    networks = [Network(one.config(names)) for one in recipes]
    for one, network in zip(recipes, networks, strict=True):
        check_pieces(network, one.plan)
    parts = devices if recipe.plan.shard else 1
    return {
        "name": recipe.name,
        "data set": dataset.release if recipe.data.parts else f"{recipe.data.dataset} {dataset.release}",
        "ECGs": ecgs,
        "batch": ", ".join(str(one.plan.batch) for one in recipes),
        "steps": sum(steps_of(ecgs, one.plan, devices) * one.plan.epochs for one in recipes),
        "parameters": sum(p.numel() for network in networks for p in network.parameters()),
        "memory": _state(recipes[0], max((sizes_of(one, parts) for one in networks), key=lambda one: one.state)),
        "signals": _signals(recipe, dataset),
        **_device(recipe, "cuda" if torch.cuda.is_available() else "cpu"),
    }


def _pretraining_of(recipe: Recipe, dataset: Source, ecgs: int, devices: int) -> dict[str, Any]:
    """As `plan_of`; `batch` is that of all devices together, and the time without that of sending gradients."""
    device = "cuda" if torch.cuda.is_available() else "cpu"
    found = estimate(recipe, device, devices)
    steps = steps_of(ecgs, recipe.plan, devices) * recipe.plan.epochs
    kept = "" if found.kept is None else f" + {found.kept / 2**30:.1f} GiB kept for the gradient of a piece"
    said: dict[str, Any] = {
        "name": recipe.name,
        "data set": dataset.release if recipe.data.parts else f"{recipe.data.dataset} {dataset.release}",
        "ECGs": ecgs,
        "batch": recipe.plan.batch,
        "steps": steps,
        "parameters": found.parameters,
        "memory": _state(recipe, found) + kept,
        "signals": _signals(recipe, dataset),
        **_device(recipe, device),
        "devices": devices,
    }
    if found.seconds is not None:
        said["step"] = f"{found.seconds:.2f} s, measured with texts of the longest" + SENDING * (devices > 1)
        said["hours"] = float(f"{found.seconds * steps / 3600:.3g}")
    return said


def _device(recipe: Recipe, device: str) -> dict[str, Any]:
    """The device, and what it computes in, also where that is not what the recipe says."""
    found = computes_in(recipe.plan.precision, device)
    return {"device": device, "precision": found + (NO_BFLOAT16 if found != recipe.plan.precision else "")}


def _state(recipe: Recipe, found: Estimate) -> str:
    each = " on each device, a part of them and what is whole for a while" if recipe.plan.shard else ""
    return f"{found.state / 2**30:.1f} GiB of weights and optimiser{each}"


def _signals(recipe: Recipe, dataset: Source) -> str:
    """Where prepared signals will be, and what they take."""
    each, folder = bytes_each(recipe.preparation.samples), recipe.data.kept_in()
    if recipe.data.stream:
        return "read and prepared when they are needed"
    if folder is None:
        return f"{dataset.count() * each / 2**20:.0f} MiB in memory"
    needed, there, free = (n / 1e9 for n in (dataset.every() * each, kept_in(folder), free_at(folder)))
    return f"{needed:.2f} GB at most on disk in {folder}, written once ({there:.2f} GB there, {free:.2f} GB free)"


def start_at_base_rates(network: Network, target: NDArray[np.float32]) -> None:
    """Sets the biases of the statement head so that an untrained network says how frequent each code is."""
    rate = np.clip(target.mean(0), 0.5 / len(target), 0.99)
    with torch.no_grad():
        network.head.bias.copy_(torch.from_numpy(np.log(rate / (1 - rate))))


def speaker(names: Sequence[str]) -> Speak:
    """Says a row of targets in our own wordings: language, wording and order drawn at random."""
    said = {language: [wordings(code, language) for code in names] for language in LANGUAGES}

    def speak(target: NDArray[np.float32], rng: np.random.Generator) -> str:
        choice = said[LANGUAGES[rng.integers(len(LANGUAGES))]]
        present = rng.permutation(np.flatnonzero(target))
        return ", ".join(choice[code][rng.integers(len(choice[code]))] for code in present)

    return speak


def every_wording(names: Sequence[str]) -> list[str]:
    """All wordings of all codes, in all languages: what the tokenizer learns its vocabulary from."""
    return [text for language in LANGUAGES for code in names for text in wordings(code, language)]
