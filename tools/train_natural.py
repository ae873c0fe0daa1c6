"""Trains the network that finds exchanged electrodes, on PTB-XL's folds 1-7.

    python tools/train_natural.py PTB-XL-FOLDER [--epochs 60] [--out FILE]

Each typical beat is shown with its electrodes exchanged in a way drawn by chance, each way is undone in turn, and the
network has to say which of the results is natural. Fold 8 is watched on the way; `benchmarks/quality.py` chooses the
thresholds on it and reports fold 9. About ten minutes on one core.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from einthoven.datasets import PTBXL
from einthoven.quality.beat import AFTER, BEFORE, typical_beat
from einthoven.quality.exchanges import EXCHANGES, LEARNED
from einthoven.quality.natural import WEIGHTS, features
from einthoven.signal import find_beats

WIDTHS = (528, 112, 48, 1)
DROPOUT = 0.2
BATCH = 256
RATE = 2e-3
SHIFT = 2
"""Samples by which a beat is moved at most, as the R peak is found a little earlier or later."""
GAIN, NOISE = 0.1, 0.03
"""Standard deviations: of a lead's gain, and of smooth noise as a share of the lead's size."""
WAYS = torch.tensor(np.stack([np.eye(8, dtype=np.float32), *(exchange.matrix for exchange in EXCHANGES[:LEARNED])]))
LARGEST = 200_000


def main() -> None:
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("data", type=Path)
    ask.add_argument("--epochs", type=int, default=60)
    ask.add_argument("--out", type=Path, default=WEIGHTS)
    asked = ask.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(1)
    source = PTBXL(asked.data)
    learned, watched = beats_of(source, range(1, 8)), beats_of(source, [8])
    print(f"{len(learned)} ECGs to learn from, {len(watched)} to watch")
    network = train(learned, watched, asked.epochs)
    layers = [layer for layer in network if isinstance(layer, nn.Linear)]
    arrays = {f"weight{n}": layer.weight.T for n, layer in enumerate(layers)}
    arrays |= {f"bias{n}": layer.bias for n, layer in enumerate(layers)}
    np.savez(asked.out, **{name: array.detach().numpy().astype(np.float16) for name, array in arrays.items()})
    print(f"{asked.out}: {asked.out.stat().st_size / 1000:.0f} kB")
    if asked.out.stat().st_size > LARGEST:
        raise SystemExit(f"larger than {LARGEST / 1000:g} kB")


def beats_of(source: PTBXL, folds: range | list[int]) -> Tensor:
    """(n, 8, 79): the typical beats, two samples longer on each side; ECGs without credible beats are left out."""
    found = []
    for row in source.rows(folds):
        ecg = row.ecg()
        beats = find_beats(ecg.signal, ecg.rate)
        beat = typical_beat(ecg.signal, beats.indices, BEFORE + SHIFT, AFTER + SHIFT) if beats.credible else None
        if beat is not None:
            found.append(beat.astype(np.float32))
    return torch.tensor(np.stack(found))


def train(learned: Tensor, watched: Tensor, epochs: int) -> nn.Sequential:
    first, second, third, last = WIDTHS
    network = nn.Sequential(
        nn.Linear(first, second),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(second, third),
        nn.ReLU(),
        nn.Dropout(DROPOUT),
        nn.Linear(third, last),
    )
    optimizer = torch.optim.AdamW(network.parameters(), RATE, weight_decay=1e-2)
    steps = epochs * (len(learned) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps, pct_start=0.1)
    for epoch in range(epochs):
        network.train()
        for batch in torch.randperm(len(learned))[: len(learned) // BATCH * BATCH].split(BATCH):
            loss = loss_of(network, varied(learned[batch]), torch.randint(0, len(WAYS), (BATCH,)))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
        network.eval()
        with torch.no_grad():
            ways = torch.arange(len(watched)) % len(WAYS)
            watching = loss_of(network, watched[..., SHIFT:-SHIFT], ways)
        print(f"epoch {epoch + 1}: {loss.item():.3f}, fold 8 {watching.item():.3f}", flush=True)
    return network


def loss_of(network: nn.Module, beats: Tensor, way: Tensor) -> Tensor:
    """Cross-entropy of naming the way (n,) in which the electrodes of beats (n, 8, 75) were exchanged."""
    recorded = WAYS[way] @ beats
    undone = torch.einsum("kac,nct->nkat", WAYS, recorded)
    return functional.cross_entropy(network(torch.from_numpy(features(undone.numpy())))[..., 0], way)


def varied(beats: Tensor) -> Tensor:
    """(n, 8, 79) to (n, 8, 75): moved by up to two samples, each lead a little louder or softer, and noisier."""
    start = int(torch.randint(0, 2 * SHIFT + 1, ()))
    beats = beats[..., start : start + BEFORE + AFTER]
    noise = functional.avg_pool1d(torch.randn(beats.shape), 5, 1, 2) * 5**0.5
    size = beats.square().mean(dim=(1, 2), keepdim=True).sqrt()
    loud = NOISE * torch.rand(len(beats), 1, 1)
    return beats * (1 + GAIN * torch.randn(*beats.shape[:2], 1)) + loud * size * noise


if __name__ == "__main__":
    main()
