"""From a trained encoder to one of other labels: small learning rates, smaller ones nearer to the input."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from einthoven.ecg import UsageError
from einthoven.models.encoders.depth import layers_of
from einthoven.models.network import Network
from einthoven.training.augment import Augmentation, augment
from einthoven.training.batch import Examples, Objective
from einthoven.training.loop import Judge, fit
from einthoven.training.memory import Memory
from einthoven.training.plan import Plan
from einthoven.training.run import start_at_base_rates
from einthoven.training.state import FILE, claim


@dataclass(frozen=True)
class Tuning:
    """How a trained network is fine-tuned.

    Args:
        epochs, batch: as in `Plan`.
        rate: highest learning rate, that of the new head.
        decay: each layer towards the input learns at this share of the rate of the layer after it; 1 is no decay.
    """

    epochs: int = 5
    batch: int = 64
    rate: float = 3e-4
    decay: float = 0.75

    def __post_init__(self) -> None:
        if not 0 < self.decay <= 1:
            raise UsageError(f"A layer cannot learn {self.decay:g} times as fast.", "Choose 0 < decay <= 1.")
        self.plan(0)  # refuses what no plan can have

    def plan(self, seed: int) -> Plan:
        """The plan of one run on labels: no groups, no text, no neighbours."""
        return Plan(epochs=self.epochs, batch=self.batch, rate=self.rate, groups=0.0, contrast=0.0, vote=0.0, seed=seed)

    def one_shot(self, seed: int) -> Plan:
        """The plan of one run on single segments: they are not cut or mixed, and only the last weights count."""
        how = Augmentation(crop_seconds=None, mixup=0.0)
        return dataclasses.replace(self.plan(seed), augmentation=how, judge_every=self.epochs)


class OneOfMany(Objective):
    """Cross-entropy over classes of which an ECG has one."""

    def losses(
        self, network: Network, rows: NDArray[np.integer], memory: Memory, rng: np.random.Generator
    ) -> dict[str, Tensor]:
        """The loss of these rows; nothing is remembered."""
        clean = self.examples.target[rows]
        signal, target = augment(self.examples.signal[rows], clean, self.examples.rate, self.plan.augmentation, rng)
        with self._precision():
            logits = network(torch.from_numpy(signal).to(self.device))[1]
        return {"people": functional.cross_entropy(logits.float(), torch.from_numpy(target).to(self.device))}


def for_labels(network: Network, labels: Sequence[str], seed: int, fresh: bool = False) -> Network:
    """A network with the encoder of another and a new head; the embedding is the pooled vector itself.

    Args:
        seed: of the new weights. fresh: whether the encoder's weights are new, too.
    """
    width = network.encoder.width
    config = dataclasses.replace(network.config, codes=tuple(labels), projection="none", embedding=width, pool=None)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        made = Network(config)
    if not fresh:
        made.encoder.load_state_dict(network.encoder.state_dict())
    return made


def layer_shares(network: Network, decay: float) -> dict[str, float]:
    """The share of the learning rate of each parameter of the encoder, by its name in the network.

    The last layer of the encoder has `decay`, the one before `decay` squared, and so on; the head, which is not
    here, has 1.
    """
    names = {id(parameter): name for name, parameter in network.named_parameters()}
    shares: dict[str, float] = {}
    for layers in layers_of(network.encoder):
        for below, layer in enumerate(reversed(layers), 1):
            shares |= {names[id(parameter)]: decay**below for parameter in layer.parameters()}
    return shares


def finetune(
    network: Network,
    examples: Examples,
    how: Tuning,
    seed: int,
    folder: Path,
    facts: dict[str, object],
    judge: Judge,
    progress: Callable[[str], None] = lambda line: None,
    one_of_many: bool = False,
    device: str | None = None,
) -> Network:
    """Trains a network made by `for_labels`; a run that was interrupted in `folder` goes on there.

    Args:
        examples: prepared ECGs with one target a label.
        facts: what else decides the run, such as the hash of its data; a folder of another run is refused.
        judge: scores the network on ECGs that choose; not needed when only the last weights count.
        one_of_many: whether each ECG has one label, told apart from all others.

    Raises:
        TrainingError: the loss, its gradient or the score is not finite.
        UsageError: `folder` holds another run.
    """
    device = device or ("cuda" if torch.cuda.is_available() else "cpu")
    plan = how.one_shot(seed) if one_of_many else how.plan(seed)
    claim(folder, {**facts, "tuning": dataclasses.asdict(how), "seed": seed, "torch": torch.__version__})
    start_at_base_rates(network, examples.target)
    groups = np.zeros((1, examples.target.shape[1]), np.float32)
    kind = OneOfMany if one_of_many else Objective
    shares = layer_shares(network, how.decay)
    return fit(
        network, examples, groups, plan, folder, judge, progress=progress, device=device, shares=shares, kind=kind
    ).cpu()


def is_begun(folder: Path) -> bool:
    """Whether some run below `folder` has a state from which it would go on."""
    return any(folder.rglob(FILE)) if folder.is_dir() else False
