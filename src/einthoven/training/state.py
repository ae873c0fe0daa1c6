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

FILE = "state.safetensors"
METRICS = "metrics.jsonl"
FREE = ("torch", "commit")
"""Facts of `recipe.json` that may change from one part of a run to the next."""


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
                self.mean[name].lerp_(value, 1 - decay)
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
        """Keeps the network's weights if none before scored as high."""
        if score > self.score:
            self.best, self.score = _copy(network), score

    def load_best(self, network: nn.Module) -> None:
        """Gives the network the best weights."""
        network.load_state_dict(self.best)


def save_state(folder: Path, state: State, network: nn.Module, optimizer: torch.optim.Optimizer, plan: Any) -> None:
    """Writes beside the old state, then replaces it: a kill in between leaves the old one.

    Raises:
        FileError: it cannot be written; the old state stays.
    """
    folder.mkdir(parents=True, exist_ok=True)
    tensors = {f"weights.{k}": v for k, v in network.state_dict().items()}
    tensors |= {f"mean.{k}": v for k, v in state.mean.items()} | {f"best.{k}": v for k, v in state.best.items()}
    for index, values in optimizer.state_dict()["state"].items():
        tensors |= {f"adam.{index}.{k}": v for k, v in values.items()}
    tensors = {k: v.detach().cpu().clone().contiguous() for k, v in tensors.items()}
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
        if not isinstance(earlier, dict) or {**earlier, **free} != {**json.loads(text), **free}:
            raise _another(folder)
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as fault:
        raise FileError(f"Nothing can be written to {folder} ({fault}).", "Make room, or name another --out.") from None


def load_state(folder: Path, network: nn.Module, optimizer: torch.optim.Optimizer, plan: Any) -> State | None:
    """Puts a saved state back into network and optimizer; None where there is none.

    Raises:
        UsageError: the folder holds the state of another plan or network, or a damaged one.
    """
    path = folder / FILE
    if not path.exists():
        return None
    try:
        with safe_open(path, "pt") as file:
            note = json.loads(file.metadata()["state"])
            # Copies, for Windows replaces no file that a tensor is mapped to.
            tensors = {name: file.get_tensor(name).clone() for name in file.keys()}  # noqa: SIM118
        run, epoch, seconds, score, lines = (note[key] for key in ("run", "epoch", "seconds", "score", "lines"))
    except (SafetensorError, KeyError, json.JSONDecodeError, TypeError) as fault:
        raise UsageError(f"{path} is damaged ({fault}).", "Delete the folder to train from the start.") from None
    if run != _digest(plan, network):
        raise _another(folder)
    parts: dict[str, dict[str, Tensor]] = {"weights": {}, "mean": {}, "best": {}, "adam": {}}
    for name, value in tensors.items():
        part, rest = name.split(".", 1)
        parts[part][rest] = value
    network.load_state_dict(parts["weights"])
    adam: dict[int, dict[str, Tensor]] = {}
    for name, value in parts["adam"].items():
        index, rest = name.split(".", 1)
        adam.setdefault(int(index), {})[rest] = value
    optimizer.load_state_dict({"state": adam, "param_groups": optimizer.state_dict()["param_groups"]})
    device = next(network.parameters()).device
    mean, best = ({k: v.to(device) for k, v in parts[p].items()} for p in ("mean", "best"))
    return State(epoch, seconds, mean, best, score, lines)


def _copy(network: nn.Module) -> dict[str, Tensor]:
    return {name: value.detach().clone() for name, value in network.state_dict().items()}


def _digest(plan: Any, network: nn.Module) -> str:
    config: Any = network.config
    parts = [dataclasses.asdict(plan), dataclasses.asdict(config)]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def _another(folder: Path) -> UsageError:
    return UsageError(
        f"{folder} holds a run of another configuration or of other data.",
        "Name another folder, or delete this one to start again.",
    )
