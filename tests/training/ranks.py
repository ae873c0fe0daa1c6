"""Run as a script: the losses in 1, 2 and 4 gloo processes, each with its part of one batch; results as JSON lines.

The processes are forked before anything has computed a gradient, so that torch is loaded once.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import torch
from torch import distributed, nn

from einthoven.training.gathered import caption_over_ranks, contrast_over_ranks, text_keys

PAIRS, SPLITS = 12, {1: (12,), 2: (6, 6), 4: (3, 3, 3, 3), 3: (7, 4, 1)}


class Toy(nn.Module):
    """Two linear towers, a scale and a head over 7 words."""

    def __init__(self):
        super().__init__()
        torch.manual_seed(0)
        self.ecg, self.text, self.words = nn.Linear(5, 4), nn.Linear(6, 4), nn.Linear(6, 3 * 7)
        self.log_scale = nn.Parameter(torch.tensor(1.3))
        self.double()

    def forward(self, signal, said):
        ecg, text = (nn.functional.normalize(x, dim=1) for x in (self.ecg(signal), self.text(said)))
        return ecg, text, self.log_scale.exp(), self.words(said).view(-1, 3, 7)


def batch():
    rng = np.random.default_rng(0)
    ids = rng.integers(1, 7, (PAIRS, 4))
    for row in range(PAIRS):
        ids[row, 1 + row % 4 :] = 0  # parts have unequally many tokens
    texts = [f"text {row % 5}" for row in range(PAIRS)]
    return torch.from_numpy(rng.normal(size=(PAIRS, 5))), torch.from_numpy(rng.normal(size=(PAIRS, 6))), ids, texts


def losses(model, rows, equal, reduction):
    signal, said, ids, texts = batch()
    ecg, text, scale, logits = model(signal[rows], said[rows])
    says = text_keys(texts[rows]) if equal else None
    contrast = contrast_over_ranks(ecg, text, scale, says, reduction)
    return contrast, caption_over_ranks(logits, torch.from_numpy(ids[rows]), reduction)


def work(rank, parts, folder):
    torch.set_num_threads(1)
    store = distributed.FileStore(str(folder / f"store{len(parts)}"), len(parts))
    distributed.init_process_group("gloo", store=store, rank=rank, world_size=len(parts))
    rows = slice(sum(parts[:rank]), sum(parts[: rank + 1]))
    out = []
    for equal in (False, True):
        for reduction in ("mean", "sum"):
            model = Toy()
            contrast, caption = losses(model, rows, equal, reduction)
            (contrast + caption).backward()
            values = torch.cat(
                [torch.stack([contrast, caption]).detach(), *(p.grad.flatten() for p in model.parameters())]
            )
            distributed.all_reduce(values)  # then the mean, as data parallel training does it
            out.append((values / len(parts)).tolist())
    if rank == 0:
        (folder / f"{len(parts)}.json").write_text(json.dumps(out))
    distributed.barrier()
    distributed.destroy_process_group()


def main(folder):
    children = []
    for parts in SPLITS.values():
        for rank in range(len(parts)):
            child = os.fork()
            if child == 0:
                try:
                    work(rank, parts, folder)
                except BaseException as fault:  # noqa: BLE001 - a fork must not go on as its parent
                    print(repr(fault), file=sys.stderr, flush=True)
                    os._exit(1)
                os._exit(0)
            children.append(child)
    return max(os.waitpid(child, 0)[1] for child in children)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])) != 0)
