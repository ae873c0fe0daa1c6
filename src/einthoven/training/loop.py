"""The one training loop: AdamW, a schedule, averaged weights, exact resume, metrics as JSON lines."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import nn

from einthoven.ecg import UsageError
from einthoven.models.network import Network
from einthoven.models.with_text import WithText
from einthoven.training.ahead import ReadAhead
from einthoven.training.batch import Examples, Objective, Signals, Speak, Teach
from einthoven.training.distributed import (
    alike,
    average_gradients,
    check_plan,
    mean_of,
    part_seed,
    rank,
    same_everywhere,
    shared_out,
    steps_of,
    weight_of,
)
from einthoven.training.events import add_event, start_events
from einthoven.training.lighter import check_pieces, compile_parts, recompute
from einthoven.training.memory import Memory
from einthoven.training.pieces import gradient
from einthoven.training.plan import Plan, TrainingError
from einthoven.training.precision import mixed
from einthoven.training.pretraining import Learning, Losses
from einthoven.training.schedule import share
from einthoven.training.shards import hand_over, lent, own, sharded, shorten
from einthoven.training.shortage import told_of_shortage
from einthoven.training.state import State, load_state, save_state, write_metrics
from einthoven.training.stopped import stopped

Judge = Callable[[Any], dict[str, float]]
"""Scores of a network on held-out ECGs; `score` among them decides which weights are kept."""

M = TypeVar("M", bound=nn.Module)


def fit(
    network: Network,
    examples: Examples,
    groups: NDArray[np.float32],
    plan: Plan,
    folder: Path,
    judge: Judge,
    speak: Speak | None = None,
    tokenizer: Tokenizer | None = None,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
    shares: Mapping[str, float] | None = None,
    kind: type[Objective] = Objective,
    teach: Teach | None = None,
) -> Network:
    """Trains `network` in place and returns it with the best averaged weights.

    After each epoch the state is written to `folder`; called again with the same plan, it goes on there,
    with the same batches and disturbances as if it had never stopped.

    Args:
        groups: (groups, codes), 1 where a code belongs to a group.
        judge: called after each `plan.judge_every` epochs; the highest `score` decides.
        speak, tokenizer: needed when `plan.contrast` is not 0.
        shares: of the learning rate, by the names of parameters; all have the whole of it unless told.
        kind: what turns a batch into losses.
        teach: who else has a say in the targets of a batch, as the network sees it.

    Raises:
        TrainingError: the loss, its gradient or the score is not finite, or memory does not suffice.
        UsageError: `folder` holds another plan's state, or a contrast lacks its text tower, texts or tokenizer.
    """
    if plan.contrast and (not isinstance(network, WithText) or speak is None or tokenizer is None):
        raise UsageError(
            "A contrast needs a text tower, texts and a tokenizer.", "Give all three, or set plan.contrast to 0."
        )
    if plan.contrast and plan.contrast_text == "report" and len(examples.reports) != len(examples):
        raise UsageError("A contrast with reports needs one for each ECG.", "Pass them in `examples.reports`.")
    with _without_denormals(), told_of_shortage(plan):
        objective = kind(examples, groups, plan, speak, tokenizer, device, teach)
        run = _Run(
            objective, len(examples), plan, folder, judge, progress, device, objective.memory, (), examples.signal, True
        )
        return _fit(network, run, shares or {})


def pretrain(
    learning: Learning,
    records: Sequence[str],
    plan: Plan,
    folder: Path,
    judge: Judge,
    progress: Callable[[str], None] = lambda line: None,
    device: str = "cpu",
    shares: Mapping[str, float] | None = None,
    signals: Signals | None = None,
) -> nn.Module:
    """As `fit`, of a network that learns by its own losses from the training ECGs with these names.

    Args:
        signals: theirs; a batch whose loss is not finite is kept with them.

    Raises:
        TrainingError: the loss, its gradient or the score is not finite, or memory does not suffice.
        UsageError: `folder` holds another run's state.
    """
    with _without_denormals(), told_of_shortage(plan):
        run = _Run(learning, len(records), plan, folder, judge, progress, device, names=records, signals=signals)
        return _fit(learning.network, run, shares or {})


@dataclass(frozen=True)
class _Run:
    work: Losses
    ecgs: int
    plan: Plan
    folder: Path
    judge: Judge
    progress: Callable[[str], None]
    device: str
    memory: Callable[[Any], Memory | None] = lambda network: None
    names: Sequence[str] = ()
    signals: Signals | None = None
    plain: bool = False
    """Whether losses are means over a process's own ECGs, and not of the whole batch already."""


@contextmanager
def _without_denormals() -> Iterator[None]:
    """Averages that fade to denormal numbers slow a CPU down threefold; the setting is the whole thread's, so it
    is put back."""
    before = bool(torch.tensor(1e-40) * 1 == 0)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(before)


def _fit(whole: M, run: _Run, shares: Mapping[str, float]) -> M:
    plan, folder, device = run.plan, run.folder, run.device
    check_plan(plan)
    alike(whole if plan.shard else whole.to(device), device)
    network = sharded(whole, device) if plan.shard else whole
    check_pieces(network, plan)
    if plan.recompute:
        recompute(network)
    if plan.compile:
        compile_parts(network)
    parameters = own(network)
    optimizer = _optimizer(parameters, plan, shares)
    state = load_state(folder, network, optimizer, plan) or State.start(network)
    if rank() == 0:
        write_metrics(folder, state)
        start_events(folder, state.lines)
    steps = steps_of(run.ecgs, plan)
    began = time.monotonic() - state.seconds
    while state.epoch < plan.epochs:
        network.train()
        order = np.random.default_rng([plan.seed, state.epoch]).permutation(run.ecgs)
        memory = run.memory(network)
        sums: dict[str, float] = {}
        if isinstance(run.signals, ReadAhead):
            run.signals.expect(shared_out(order[at * plan.batch : (at + 1) * plan.batch]) for at in range(steps))
        for step in range(steps):
            at = state.epoch * steps + step
            rng = np.random.default_rng([plan.seed, 1, at, *part_seed()])
            torch.manual_seed(plan.seed * 1_000_003 + at + 999_983 * rank())
            every = order[step * plan.batch : (step + 1) * plan.batch]
            rows = shared_out(every)
            for group in optimizer.param_groups:
                group["lr"] = group["share"] * plan.rate * share(plan, at, steps)
            network.zero_grad(set_to_none=True)
            weight = weight_of(rows, every) if run.plain else 1.0
            losses = gradient(run.work, network, rows, memory, rng, plan.accumulate, weight)
            average_gradients(network)
            values = mean_of(losses)
            hand_over(network, parameters)
            steepness = shorten(network, parameters, plan.clip)
            if not math.isfinite(sum(values.values())) or not torch.isfinite(steepness):
                raise stopped(folder, state.epoch + 1, step + 1, every, values, steepness, run.names, run.signals)
            optimizer.step()
            state.average(network, min(plan.average, (1 + at) / (10 + at)))
            for name, one in values.items():
                sums[name] = sums.get(name, 0.0) + one / steps
            said = f"epoch {state.epoch + 1}/{plan.epochs}  step {step + 1}/{steps}"
            run.progress(f"{said}  loss {sum(values.values()):.3f}")
        state.epoch += 1
        scores: dict[str, float] = {}
        if state.epoch % plan.judge_every == 0 or state.epoch == plan.epochs:
            with lent(whole, state.mean, device) if plan.shard else state.averaged(network):
                scores = same_everywhere(run.judge(whole.eval()), device)
                if not math.isfinite(scores["score"]):
                    raise TrainingError(
                        f"The score after epoch {state.epoch} is {scores['score']}.", "Look at the held-out ECGs."
                    )
                state.keep_best(whole, scores["score"])
        state.seconds = time.monotonic() - began
        state.lines.append(
            {"epoch": state.epoch, "seconds": round(state.seconds, 1), **_rounded(sums), **_rounded(scores)}
        )
        if rank() == 0 or plan.shard:
            save_state(folder, state, network, optimizer, plan, rank() == 0)
        if rank() == 0:
            add_event(folder, state.lines[-1])
    state.load_best(whole)
    return whole.to(device).eval()


def _optimizer(parameters: Mapping[str, nn.Parameter], plan: Plan, shares: Mapping[str, float]) -> torch.optim.AdamW:
    """AdamW with a group for each share of the learning rate, first of what decays, then of what does not."""
    groups: dict[tuple[bool, float], list[str]] = {}
    for name, parameter in parameters.items():
        groups.setdefault((plan.decay == "matrices" and parameter.ndim <= 1, shares.get(name, 1.0)), []).append(name)
    return torch.optim.AdamW(
        [
            {
                "params": [parameters[name] for name in some],
                "names": some,
                "weight_decay": 0.0 if free else plan.weight_decay,
                "share": whole,
            }
            for (free, whole), some in sorted(groups.items(), key=lambda group: group[0])
        ],
        lr=plan.rate,
        betas=(plan.betas[0], plan.betas[1]),
        eps=plan.epsilon,
    )


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in values.items()}


def batched(
    network: Network, signal: Signals, batch: int = 256, precision: str = "float32"
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embeddings (n, d) and probabilities (n, codes) of prepared signals, without gradient, on the network's device."""
    device = next(network.parameters()).device
    found: list[Sequence[NDArray[np.float32]]] = []
    with torch.inference_mode(), mixed(precision, device):
        for at in range(0, len(signal), batch):
            x = torch.from_numpy(signal[at : at + batch].astype(np.float32)).to(device)
            embedding, logits = network(x)
            found.append((embedding.float().cpu().numpy(), logits.float().sigmoid().cpu().numpy()))
    return np.concatenate([e for e, _ in found]), np.concatenate([p for _, p in found])
