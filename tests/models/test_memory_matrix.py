"""The shared memory beside a slow reference that looks rows up one at a time."""

from __future__ import annotations

import numpy as np
import torch

from einthoven.models.memory_matrix import MemoryMatrix


def slow(memory: MemoryMatrix, x: np.ndarray) -> np.ndarray:
    def linear(layer, rows):
        return rows @ layer.weight.detach().double().numpy().T + layer.bias.detach().double().numpy()

    width = x.shape[-1]
    part = width // memory.heads
    rows = memory.rows.detach().double().numpy()
    keys, values = linear(memory.key, rows), linear(memory.value, rows)
    out = np.empty_like(x)
    for place, one in enumerate(x):
        asked, answers = linear(memory.ask, one), []
        for head in range(memory.heads):
            cut = slice(head * part, (head + 1) * part)
            similar = keys[:, cut] @ asked[cut] / part**0.5
            nearest = np.argsort(-similar)[: memory.looked_at]
            weight = np.exp(similar[nearest] - similar[nearest].max())
            answers.append((weight / weight.sum()) @ values[nearest][:, cut])
        out[place] = one + linear(memory.join, np.concatenate(answers))
    return out


def test_it_is_what_looking_rows_up_gives():
    torch.manual_seed(0)
    memory = MemoryMatrix(rows=20, width=12, heads=3, looked_at=4)
    torch.nn.init.normal_(memory.rows)
    x = np.random.default_rng(0).standard_normal((2, 5, 12))
    found = memory(torch.from_numpy(x).float()).detach().numpy()
    assert np.abs(found - np.stack([slow(memory, one) for one in x])).max() < 1e-5


def test_rows_that_are_not_looked_at_do_not_matter():
    torch.manual_seed(1)
    memory = MemoryMatrix(rows=6, width=4, heads=1, looked_at=2)
    torch.nn.init.normal_(memory.rows)
    x = torch.randn(1, 1, 4)
    before = memory(x)
    before.sum().backward()
    touched = memory.rows.grad.abs().sum(1) > 0
    assert touched.sum() == 2
    with torch.no_grad():
        memory.rows[~touched] *= 0.5
    similar = (memory.ask(x) @ memory.key(memory.rows).T).squeeze()
    assert set(similar.topk(2).indices.tolist()) == set(touched.nonzero().squeeze(1).tolist())
    assert torch.allclose(memory(x), before)
