"""Targets that trained networks have a say in (distillation, Hinton 2015)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from einthoven.ecg import UsageError
from einthoven.models.checkpoint import load_network
from einthoven.models.config import ModelConfig
from einthoven.models.network import Network
from einthoven.training.batch import Examples
from einthoven.training.loop import batched
from einthoven.training.recipe import Teachers


def taught(
    examples: Examples, teachers: Teachers, student: ModelConfig, progress: Callable[[str], None] = lambda line: None
) -> Examples:
    """The examples with targets (1 - share) x stated + share x the teachers' mean probability, of whole windows.

    Raises:
        ModelError: a folder is no checkpoint.
        UsageError: a teacher has other codes, reads other signals than the student, or has seen another split's ECGs.
    """
    networks = _loaded(teachers, student)
    total = np.zeros_like(examples.target)
    for network in networks:
        total += batched(network, examples.signal)[1]
        progress(f"heard the teacher {network.config.name}")
    heard = total / np.float32(len(teachers.folders))
    target = examples.target + np.float32(teachers.share) * (heard - examples.target)
    return replace(examples, target=target, stated=examples.target)


class Teaching:
    """Gives teachers their say in a batch as the student sees it.

    Raises:
        ModelError, UsageError: as `taught`.
    """

    def __init__(self, teachers: Teachers, student: ModelConfig, device: str = "cpu") -> None:
        self._networks = [network.to(device) for network in _loaded(teachers, student)]
        self._share = teachers.share

    def __call__(self, x: Tensor, y: Tensor) -> Tensor:
        """Signals (batch, 12, time) and targets (batch, codes) in; targets with the teachers' share of them out."""
        with torch.no_grad():
            heard = torch.stack([network(x)[1].float().sigmoid() for network in self._networks]).mean(0)
        return y + self._share * (heard - y)


def _loaded(teachers: Teachers, student: ModelConfig) -> Sequence[Network]:
    networks = [load_network(Path(folder)) for folder in teachers.folders]
    for folder, network in zip(teachers.folders, networks, strict=True):  # before any is heard, which takes minutes
        if (network.config.codes, network.config.preparation) != (student.codes, student.preparation):
            raise UsageError(
                f"The teacher {folder} has other codes or another preparation than the student.",
                "Train teacher and student with the same vocabulary and preparation.",
            )
        if network.config.split != student.split:
            raise UsageError(
                f"The teacher {folder} was trained on other parts of PTB-XL than the student may see.",
                "Train teacher and student on the same folds, or on the same published split.",
            )
    return networks
