from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.training.memory import Memory


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 7), st.lists(st.integers(1, 5), max_size=6))
def test_it_holds_the_latest_of_a_plain_list(size, batches):
    memory = Memory(size, embedding=2, labels=3, device="cpu")
    kept: list[tuple[list[float], list[float]]] = []
    number = 0.0
    for batch in batches:
        rows = []
        for _ in range(batch):
            number += 1
            rows.append(([number, -number], [number, 0.0, 0.5]))
        memory.add(*(torch.tensor(part) for part in zip(*rows, strict=True)))
        kept = (kept + rows)[-size:] if size else []
        assert memory.known.tolist() == [one for one, _ in kept]
        np.testing.assert_array_equal(memory.carried, np.array([two for _, two in kept]).reshape(-1, 3))


def test_no_gradient_flows_into_it():
    memory = Memory(4, embedding=2, labels=1, device="cpu")
    embedding = torch.ones(2, 2, requires_grad=True)
    memory.add(embedding * 3, torch.ones(2, 1))
    assert not memory.known.requires_grad
    assert memory.known.tolist() == [[3, 3], [3, 3]]
