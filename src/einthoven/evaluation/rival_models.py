"""Models and generators whose reports stand beside drafts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from einthoven.ecg import UsageError
from einthoven.evaluation.adapter import check_different
from einthoven.evaluation.contenders import RANDOM, contenders
from einthoven.evaluation.embedded import Run
from einthoven.evaluation.leaking import Leak, leak
from einthoven.evaluation.question import Question
from einthoven.evaluation.rivals import Others, Writer
from einthoven.evaluation.seen import refuse_split
from einthoven.evaluation.store import Store
from einthoven.models import ModelConfig
from einthoven.models.runtime import checkpoint_hash
from einthoven.retrieval import EmbeddingModel

BY_RANDOM = "baseline: report of the nearest by random weights"
NEAREST_BY = "report of the nearest ECG by"
WRITTEN_BY = "written by"
LEAKS = "LEAKS: report of the nearest ECG with own reports fused in, by"


def others_of(
    model: EmbeddingModel,
    against: Sequence[EmbeddingModel],
    generators: Sequence[Path],
    random_weights: bool,
    question: Question,
    store: Store | None = None,
    leaking: Sequence[Path] = (),
) -> Others:
    """Rows for `evaluate_report`: a row for each other model, for each generator, for random weights, and for each
    masked autoencoder whose embedding an ECG's own report has entered.

    Args:
        model: of the archive; the network with random weights is of its shape.

    Raises:
        ModelError: a folder holds no generator, or no masked autoencoder. UsageError: the same one twice.
        DataError: the data set is not there.
    """
    check_different([model, *against])
    refuse_split(*against)
    judged = [store.model(one) if store else one for one in against]
    runs: dict[str, Run] = {f"{NEAREST_BY} {one.name} {one.sha256[:8]}": one.run for one in judged}
    if random_weights:
        split = question.split()
        met = [split.source.row(entry).ecg() for entry in split.met]
        who = contenders(model, (), met, seeds=1, projected=False, store=store)
        runs[BY_RANDOM] = who.runs[who.rows[RANDOM][0]]
    leaks: dict[str, Leak] = {}
    for folder in leaking:
        config, sha256 = ModelConfig.load(folder / "config.json"), checkpoint_hash(folder)
        refuse_split(config)
        if (row := f"{LEAKS} {config.name} {sha256[:8]}") in leaks:
            raise UsageError(f"{folder.name} is there twice.", "Name each checkpoint once.")
        leaks[row] = leak(folder)
    return Others(runs, writers_of(generators), leaks)


def writers_of(generators: Sequence[Path]) -> dict[str, Writer]:
    """Trained generators by the names of their rows.

    Raises:
        ModelError: a folder holds no generator. UsageError: two have one name.
    """
    writers: dict[str, Writer] = {}
    for folder in generators:
        from einthoven.models.generator_checkpoint import ReportWriter

        writer = ReportWriter(folder)
        if f"{WRITTEN_BY} {writer.name}" in writers:
            raise UsageError(f"Two generators are called {writer.name}.", "Give one another name in its config.json.")
        writers[f"{WRITTEN_BY} {writer.name}"] = writer
    return writers
