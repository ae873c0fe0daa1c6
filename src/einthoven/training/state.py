"""A training run's state on disk: tensors as safetensors, the rest as JSON, replaced as a whole."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor, nn

from einthoven.ecg import FileError, UsageError
from einthoven.ecg.moving import move
from einthoven.training.shards import as_part, fill, is_part, local, part_like, wholes

FILE = "state.safetensors"
METRICS = "metrics.jsonl"
FREE = ("torch", "commit", "computes_in")
"""Facts of `recipe.json` that may change from one part of a run to the next."""

NO_MATTER = ("shard",)
"""Settings of a plan that decide where things lie, not what they are: a run goes on whatever they were."""


@dataclass
class State:
    """Where a run is: epochs done, seconds spent, the averaged weights, the best ones and their score, and a
    line of metrics for each epoch."""

    epoch: int
    seconds: float
    mean: dict[str, Tensor]
    best: dict[str, Tensor]
    score: float
    lines: list[dict[str, float]] = field(default_factory=list)

    @classmethod
    def start(cls, network: nn.Module) -> State:
        """The state before the first step."""
        return cls(0, 0.0, _copy(network), _copy(network), float("-inf"))

    @torch.no_grad()
    def average(self, network: nn.Module, decay: float) -> None:
        """Moves the averaged weights towards the network's."""
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                local(self.mean[name]).lerp_(local(value), 1 - decay)
            else:
                self.mean[name].copy_(value)  # a counter

    @contextmanager
    def averaged(self, network: nn.Module) -> Iterator[None]:
        """Inside, the network has the averaged weights."""
        own = _copy(network)
        network.load_state_dict(self.mean)
        try:
            yield
        finally:
            network.load_state_dict(own)

    def keep_best(self, network: nn.Module, score: float) -> None:
        """Keeps the whole network's weights if none before scored as high; of each, as much as of the averaged one."""
        if score > self.score:
            own = network.state_dict()
            self.best, self.score = {name: part_like(own[name], like) for name, like in self.mean.items()}, score

    def load_best(self, network: nn.Module) -> None:
        """Gives the whole network the best weights."""
        fill(network, self.best)


def save_state(
    folder: Path, state: State, network: nn.Module, optimizer: torch.optim.Optimizer, plan: Any, first: bool = True
) -> None:
    """Writes beside the old state, then replaces it: a kill in between leaves the old one.

    Parts of a network are put together: all processes call this, and the first one writes what any number of processes
    can go on from.

    Raises:
        FileError: it cannot be written; the old state stays.
    """
    there = {f"weights.{k}": v for k, v in network.state_dict().items()}
    there |= {f"mean.{k}": v for k, v in state.mean.items()} | {f"best.{k}": v for k, v in state.best.items()}
    likes = _likes(network, optimizer)
    for index, values in optimizer.state_dict()["state"].items():
        parted = is_part(likes[index])
        there |= {f"adam.{index}.{k}": as_part(v, likes[index]) if parted and v.ndim else v for k, v in values.items()}
    tensors: dict[str, Tensor] = {}
    for name, value in wholes(there):
        if first:
            tensors[name] = value.detach().cpu().clone().contiguous()
    if not first:
        return
    folder.mkdir(parents=True, exist_ok=True)
    note = {
        "epoch": state.epoch,
        "seconds": state.seconds,
        "score": state.score,
        "lines": state.lines,
        "run": _digest(plan, network),
    }
    new = folder / (FILE + ".new")
    try:
        save_file(tensors, new, {"state": json.dumps(note)})
        move(new, folder / FILE)
        write_metrics(folder, state)
    except (OSError, SafetensorError) as fault:
        new.unlink(missing_ok=True)
        raise FileError(
            f"The state of the run cannot be written to {folder} ({fault}).",
            "Make room on the disk and go on with --resume; the state of the epoch before is as it was.",
        ) from None


def write_metrics(folder: Path, state: State) -> None:
    """Writes `metrics.jsonl`, a line an epoch, all of it: whatever a killed run left there is replaced."""
    new = folder / (METRICS + ".new")
    new.write_text("".join(json.dumps(line) + "\n" for line in state.lines), encoding="utf-8")
    move(new, folder / METRICS)


def metrics_of(out: Path) -> list[dict[str, float]]:
    """The lines of a run's `metrics.jsonl`."""
    return [json.loads(line) for line in (out / METRICS).read_text(encoding="utf-8").splitlines()]


def claim(folder: Path, facts: Mapping[str, Any]) -> None:
    """Writes what decides a run to `recipe.json` in its folder.

    Args:
        facts: all but the keys in `FREE` must agree with a run whose state is there.

    Raises:
        UsageError: the folder holds the state of another run. FileError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path, text = folder / "recipe.json", json.dumps(facts, indent=1) + "\n"
    if (folder / FILE).exists() and path.exists():
        try:
            earlier = json.loads(path.read_text(encoding="utf-8"))
        except json.JSONDecodeError:
            earlier = None
        free = dict.fromkeys(FREE)
        if not isinstance(earlier, dict) or _decides({**earlier, **free}) != _decides({**json.loads(text), **free}):
            raise _another(folder)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise FileError(f"Nothing can be written to {folder} ({fault}).", "Make room, or name another --out.") from None


def _decides(facts: Any) -> Any:
    """Facts without what does not matter, in the plans of recipes and members."""
    if isinstance(facts, dict):
        return {
            name: {key: one for key, one in value.items() if key not in NO_MATTER}
            if name == "plan" and isinstance(value, dict)
            else _decides(value)
            for name, value in facts.items()
        }
    return [_decides(one) for one in facts] if isinstance(facts, list) else facts


def load_state(folder: Path, network: nn.Module, optimizer: torch.optim.Optimizer, plan: Any) -> State | None:
    """Puts a saved state back into network and optimizer; None where there is none.

    Raises:
        UsageError: the folder holds the state of another plan or network, or a damaged one.
    """
    path = folder / FILE
    if not path.exists():
        return None
    own = network.state_dict()
    likes = {f"{part}.{name}": like for part in ("weights", "mean", "best") for name, like in own.items()}
    likes |= {f"adam.{index}": parameter for index, parameter in enumerate(_likes(network, optimizer))}
    try:
        with safe_open(path, "pt") as file:
            note = json.loads(file.metadata()["state"])
            run, epoch, seconds, score, lines = (note[key] for key in ("run", "epoch", "seconds", "score", "lines"))
            if run != _digest(plan, network):
                raise _another(folder)
            # Copies, for Windows replaces no file that a tensor is mapped to; one by one, for parts need less memory.
            tensors = {name: _held(file.get_tensor(name), name, likes) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, KeyError, json.JSONDecodeError, TypeError) as fault:
        raise UsageError(f"{path} is damaged ({fault}).", "Delete the folder to train from the start.") from None
    parts: dict[str, dict[str, Tensor]] = {"weights": {}, "mean": {}, "best": {}, "adam": {}}
    for name, value in tensors.items():
        part, rest = name.split(".", 1)
        parts[part][rest] = value
    with torch.no_grad():
        for name, value in parts["weights"].items():
            local(own[name]).copy_(local(value))
    adam: dict[int, dict[str, Tensor]] = {}
    for name, value in parts["adam"].items():
        index, rest = name.split(".", 1)
        adam.setdefault(int(index), {})[rest] = value
    optimizer.load_state_dict({"state": adam, "param_groups": optimizer.state_dict()["param_groups"]})
    return State(epoch, seconds, parts["mean"], parts["best"], score, lines)


def _held(value: Tensor, name: str, likes: Mapping[str, Tensor]) -> Tensor:
    """What this process keeps of a saved tensor: of AdamW's counters, which lie in main memory, all."""
    if not name.startswith("adam."):
        return part_like(value, likes[name])
    return local(part_like(value, likes[name.rsplit(".", 1)[0]])) if value.ndim else value.clone()


def _likes(network: nn.Module, optimizer: torch.optim.Optimizer) -> list[Tensor]:
    """The network's parameter behind each of an optimizer's: it may hold only this process's part of one."""
    whole = dict(network.named_parameters())
    named: list[Tensor] = [whole[name] for group in optimizer.param_groups for name in group.get("names", ())]
    return named or [parameter for group in optimizer.param_groups for parameter in group["params"]]


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _digest(plan: Any, network: nn.Module) -> str:
    config: Any = network.config
    how = {name: value for name, value in dataclasses.asdict(plan).items() if name not in NO_MATTER}
    parts = [how, dataclasses.asdict(config)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _another(folder: Path) -> UsageError:
    return UsageError(
        f"{folder} holds a run of another configuration or of other data.",
        "Name another folder, or delete this one to start again.",
    )
