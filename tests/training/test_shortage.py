"""Memory that runs out is told as an error of ours, and nothing else is taken for it."""

from __future__ import annotations

import pytest
import torch

from einthoven.training.plan import Plan, TrainingError
from einthoven.training.shortage import told_of_shortage


def test_a_full_gpu_is_told_with_what_makes_a_step_smaller() -> None:
    said = "GPU has too little memory for a step of 48 ECGs"
    with pytest.raises(TrainingError, match=said) as caught, told_of_shortage(Plan(batch=48, accumulate=2)):
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    assert caught.value.mend.startswith("Raise plan.accumulate above 2") and "recompute=true" in caught.value.mend
    with pytest.raises(TrainingError) as caught, told_of_shortage(Plan(recompute=True)):
        raise torch.OutOfMemoryError("CUDA out of memory.")
    assert "recompute" not in caught.value.mend


def test_main_memory_that_torch_itself_does_not_get_is_told() -> None:
    with pytest.raises(TrainingError, match="This machine has too little memory"), told_of_shortage(Plan()):
        torch.empty(1 << 60, dtype=torch.uint8)
    with pytest.raises(TrainingError, match="This machine has too little memory"), told_of_shortage(Plan()):
        raise MemoryError


def test_other_errors_stay_what_they_are() -> None:
    with pytest.raises(RuntimeError, match="shapes"), told_of_shortage(Plan()):
        raise RuntimeError("shapes do not match")
