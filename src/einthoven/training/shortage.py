"""What is said when a training needs more memory than there is."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from einthoven.training.plan import Plan, TrainingError

HOST = ("DefaultCPUAllocator", "can't allocate memory", "not enough memory")
"""Words of torch's errors about main memory, which have no type of their own."""


@contextmanager
def told_of_shortage(plan: Plan) -> Iterator[None]:
    """Inside, memory that runs out is one of our errors, with what makes a step smaller.

    Raises:
        TrainingError: that is so.
    """
    try:
        yield
    except torch.OutOfMemoryError:
        raise _error("The GPU", plan) from None
    except MemoryError:
        raise _error("This machine", plan) from None
    except RuntimeError as fault:
        if not any(words in str(fault) for words in HOST):
            raise
        raise _error("This machine", plan) from None


def _error(where: str, plan: Plan) -> TrainingError:
    ways = [f"raise plan.accumulate above {plan.accumulate} (smaller pieces, the same gradient)"]
    if not plan.recompute:
        ways.append("set plan.recompute=true")
    ways.append("lower plan.batch")
    return TrainingError(
        f"{where} has too little memory for a step of {plan.batch} ECGs.",
        f"{', or '.join(ways).capitalize()}, with another --out: a run goes on under its own plan alone. "
        "--dry counts what a step takes.",
    )
