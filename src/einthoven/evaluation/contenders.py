"""Who takes part in a comparison of embeddings: the model, others beside it, and the baselines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from einthoven.ecg import ECG
from einthoven.evaluation.adapter import check_different
from einthoven.evaluation.baselines import plain_signal, projected_signal, random_weights
from einthoven.evaluation.embedded import Run
from einthoven.evaluation.store import Store, key_of
from einthoven.models import ModelConfig, load_model
from einthoven.retrieval import EmbeddingModel

OURS, PLAIN, RANDOM = "model", "baseline: plain signal", "baseline: random weights"
SEEDS = 5


@dataclass(frozen=True)
class Contenders:
    """Runs by name, and the names that make up each row of a table: several where seeds matter."""

    runs: Mapping[str, Run]
    rows: Mapping[str, tuple[str, ...]]
    facts: Mapping[str, object]


def contenders(
    model: EmbeddingModel,
    against: Sequence[EmbeddingModel],
    met: Sequence[ECG],
    seeds: int = SEEDS,
    projected: bool = True,
    store: Store | None = None,
    again: Sequence[EmbeddingModel] = (),
) -> Contenders:
    """The model, those of `against`, the plain signal, and encoders with random weights, one a seed.

    The baselines are prepared as the model is, and of its encoder's shape; as those of the bundled model where a
    foreign model does not say what it does.

    Args:
        met: ECGs of the training part.
        projected: the plain signal by a random projection, one a seed, for what is to be fitted to it.
        store: keeps what each makes of ECGs, so that other tasks need not compute it again.
        again: further trainings of the model, such as by other seeds: its row is of them all.

    Raises:
        UsageError: a model that is there twice.
        MissingPackageError: torch is not installed.
    """
    check_different([model, *again, *against])
    own = getattr(model, "config", None)
    config = own if isinstance(own, ModelConfig) else load_model().config
    ours = {OURS: model} | {f"{OURS}, training {number}": one for number, one in enumerate(again, 2)}
    others = {f"{one.name} {one.sha256[:8]}": one for one in against}
    runs: dict[str, Run] = {name: one.run for name, one in (ours | others).items()}
    rows: dict[str, tuple[str, ...]] = {OURS: tuple(ours)} | {name: (name,) for name in others}
    how = config.preparation
    plain = [projected_signal(how, seed) for seed in range(seeds)] if projected else [plain_signal(how)]
    random = [random_weights(config.encoder, how, met, seed) for seed in range(seeds)]
    for name, several in ((PLAIN, plain), (RANDOM, random)):
        each = {f"{name}, seed {seed}": run for seed, run in enumerate(several)}
        runs |= each
        rows[name] = tuple(each)
    if store is not None:
        runs |= {name: store.model(one).run for name, one in (ours | others).items()}
        shaped = f"{config.preparation}|{config.encoder}|" + b"".join(map(key_of, met)).hex()
        dear = [*rows[RANDOM], *(rows[PLAIN] if projected else ())]  # the plain signal itself is quick, and large
        runs |= {name: store.run(name, f"{name}|{shaped}", runs[name]) for name in dear}
    facts = {
        "model": model.name,
        "model_sha256": model.sha256,
        "trainings_sha256": ", ".join(one.sha256 for one in (model, *again)) if again else None,
        "against": ", ".join(f"{one.name} {one.sha256}" for one in against) or None,
        "baselines_prepared_as": config.name,
        "baseline_seeds": f"0 to {seeds - 1}" if seeds > 1 else "0",
    }
    return Contenders(runs, rows, facts)
