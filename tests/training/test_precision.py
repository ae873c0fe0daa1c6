"""Sixteen bits where the device has them, and nowhere else."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
import torch

from einthoven.training import precision
from einthoven.training.precision import computes_in, mixed


def product(how: torch.autocast) -> torch.dtype:
    with how:
        return (torch.ones(2, 2) @ torch.ones(2, 2)).dtype


@pytest.mark.parametrize("there", [True, False])
def test_bfloat16_is_computed_where_the_processor_has_it(monkeypatch: pytest.MonkeyPatch, there: bool) -> None:
    said = SimpleNamespace(_is_mkldnn_bf16_supported=lambda: there)
    monkeypatch.setattr(precision.torch.ops, "mkldnn", said)
    kind = "bfloat16" if there else "float32"
    assert computes_in("bfloat16", "cpu") == kind and product(mixed("bfloat16", "cpu")) == getattr(torch, kind)
    assert computes_in("float32", "cpu") == "float32" and product(mixed("float32", "cpu")) == torch.float32


def test_an_older_gpu_is_not_asked_to_imitate_it(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda including_emulation: asked.append(including_emulation))
    assert computes_in("bfloat16", torch.device("cuda:1")) == "float32" and asked == [False]
