"""The one training loop: AdamW, warm-up and cosine, averaged weights, exact resume, metrics as JSON lines."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from einthoven.ecg import UsageError
from einthoven.models.network import Network
from einthoven.models.text_tower import encode
from einthoven.training.augment import augment
from einthoven.training.objectives import contrast_loss, group_loss, statement_loss
from einthoven.training.plan import Plan, TrainingError
from einthoven.training.state import State, load_state, save_state, write_metrics


@dataclass(frozen=True)
class Examples:
    """Training ECGs in memory: prepared signals (n, 12, samples), float16, and which codes each carries (n, codes)."""

    signal: NDArray[np.float16]
    target: NDArray[np.float32]
    rate: float

    def __len__(self) -> int:
        return len(self.signal)


Speak = Callable[[NDArray[np.float32], np.random.Generator], str]
"""From one row of targets (codes,) to a text that states them."""

Judge = Callable[[Network], dict[str, float]]
"""Scores of a network on held-out ECGs; `score` among them decides which weights are kept."""


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
) -> Network:
    """Trains `network` in place and returns it with the best averaged weights.

    After each epoch the state is written to `folder`; called again with the same plan, it goes on there,
    with the same batches and disturbances as if it had never stopped.

    Args:
        groups: (groups, codes), 1 where a code belongs to a superclass.
        judge: called after each epoch; the highest `score` decides.
        speak, tokenizer: needed when `plan.contrast` is not 0.

    Raises:
        TrainingError: the loss, its gradient or the score is not finite.
        UsageError: `folder` holds another plan's state, or a contrast lacks its text tower, texts or tokenizer.
    """
    if plan.contrast and (network.text is None or speak is None or tokenizer is None):
        raise UsageError(
            "A contrast needs a text tower, texts and a tokenizer.", "Give all three, or set plan.contrast to 0."
        )
    with _without_denormals():
        return _fit(network.to(device), examples, groups, plan, folder, judge, speak, tokenizer, progress, device)


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


def _fit(
    network: Network,
    examples: Examples,
    groups: NDArray[np.float32],
    plan: Plan,
    folder: Path,
    judge: Judge,
    speak: Speak | None,
    tokenizer: Tokenizer | None,
    progress: Callable[[str], None],
    device: str,
) -> Network:
    optimizer = _optimizer(network, plan)
    state = load_state(folder, network, optimizer, plan) or State.start(network)
    write_metrics(folder, state)
    steps = math.ceil(len(examples) / plan.batch)
    membership = torch.from_numpy(groups).to(device)
    began = time.monotonic() - state.seconds
    while state.epoch < plan.epochs:
        network.train()
        order = np.random.default_rng([plan.seed, state.epoch]).permutation(len(examples))
        sums: dict[str, float] = {}
        for step in range(steps):
            at = state.epoch * steps + step
            rng = np.random.default_rng([plan.seed, 1, at])
            torch.manual_seed(plan.seed * 1_000_003 + at)
            rows = order[step * plan.batch : (step + 1) * plan.batch]
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * schedule(at / (steps * plan.epochs), plan.warmup)
            losses = _losses(network, examples, rows, membership, plan, rng, speak, tokenizer, device)
            total = sum(losses.values(), torch.zeros((), device=device))
            optimizer.zero_grad(set_to_none=True)
            total.backward()  # type: ignore[no-untyped-call]
            steepness = torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            if not torch.isfinite(total + steepness):
                raise TrainingError(
                    f"The loss is not finite in epoch {state.epoch + 1}, step {step + 1} (ECGs {rows[:8].tolist()}).",
                    "Lower the learning rate, or look at these ECGs; the last epoch's state is kept.",
                )
            optimizer.step()
            state.average(network, min(plan.average, (1 + at) / (10 + at)))
            for name, value in losses.items():
                sums[name] = sums.get(name, 0.0) + value.item() / steps
            progress(f"epoch {state.epoch + 1}/{plan.epochs}  step {step + 1}/{steps}  loss {total.item():.3f}")
        state.epoch += 1
        with state.averaged(network):
            scores = judge(network.eval())
            if not math.isfinite(scores["score"]):
                raise TrainingError(
                    f"The score after epoch {state.epoch} is {scores['score']}.", "Look at the held-out ECGs."
                )
            state.keep_best(network, scores["score"])
        state.seconds = time.monotonic() - began
        state.lines.append(
            {"epoch": state.epoch, "seconds": round(state.seconds, 1), **_rounded(sums), **_rounded(scores)}
        )
        save_state(folder, state, network, optimizer, plan)
    state.load_best(network)
    return network.eval()


def schedule(done: float, warmup: float) -> float:
    """Share of the highest learning rate at `done` (0 to 1) of training: linear up, then a cosine to 0."""
    if done < warmup:
        return done / warmup
    return 0.5 * (1 + math.cos(math.pi * (done - warmup) / (1 - warmup)))


def _losses(
    network: Network,
    examples: Examples,
    rows: NDArray[np.integer[Any]],
    membership: Tensor,
    plan: Plan,
    rng: np.random.Generator,
    speak: Speak | None,
    tokenizer: Tokenizer | None,
    device: str,
) -> dict[str, Tensor]:
    clean = examples.target[rows]
    signal, target = augment(examples.signal[rows], clean, examples.rate, plan.augmentation, rng)
    x, y = torch.from_numpy(signal).to(device), torch.from_numpy(target).to(device)
    bfloat16 = torch.autocast(device, torch.bfloat16, enabled=device == "cuda")  # of the network, not of the losses
    with bfloat16:
        embedding, logits = network(x)
    losses = {"statements": statement_loss(logits.float(), y)}
    if plan.groups:
        present = 1 - torch.prod(1 - y[:, None] * membership, dim=-1)
        losses["groups"] = plan.groups * group_loss(logits.float(), membership, present)
    half = len(rows) // 2 if plan.augmentation.mixup else len(rows)
    if plan.contrast and speak and tokenizer and half > 1:  # one pair has nothing to differ from
        texts = [speak(row, rng) for row in clean[:half]]
        with bfloat16:
            text = network.embed_text(encode(tokenizer, texts).to(device))
        same = torch.from_numpy((clean[:half, None] == clean[None, :half]).all(-1)).to(device)
        losses["contrast"] = plan.contrast * contrast_loss(embedding[:half].float(), text.float(), network.scale, same)
    return losses


def _optimizer(network: Network, plan: Plan) -> torch.optim.AdamW:
    matrices = [p for p in network.parameters() if p.ndim > 1]
    vectors = [p for p in network.parameters() if p.ndim <= 1]
    return torch.optim.AdamW(
        [{"params": matrices, "weight_decay": plan.weight_decay}, {"params": vectors, "weight_decay": 0.0}],
        lr=plan.rate,
    )


def _rounded(values: dict[str, float]) -> dict[str, float]:
    return {name: round(value, 5) for name, value in values.items()}


def batched(
    network: Network, signal: NDArray[np.float16], batch: int = 256
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Embeddings (n, d) and probabilities (n, codes) of prepared signals, without gradient, on the network's device."""
    device = next(network.parameters()).device
    found: list[Sequence[NDArray[np.float32]]] = []
    with torch.inference_mode():
        for at in range(0, len(signal), batch):
            x = torch.from_numpy(signal[at : at + batch].astype(np.float32)).to(device)
            embedding, logits = network(x)
            found.append((embedding.float().cpu().numpy(), logits.float().sigmoid().cpu().numpy()))
    return np.concatenate([e for e, _ in found]), np.concatenate([p for _, p in found])
