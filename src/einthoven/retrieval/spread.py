"""Embedding an archive by many processes, on one machine or a cluster of Ray's.

Workers read signals and send back embeddings; this process alone writes, a part in one commit that replaces what was
there. So a worker that dies costs the part it had in hand, which another takes up; what stands when all is cut off
stays; and no ECG is embedded for nothing or stands twice. Plain actors and not Ray Data, which writes at the end.
"""

from __future__ import annotations

import importlib.util
import os
import warnings
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from einthoven.collection import Collection, is_uri
from einthoven.ecg import ECG, CollectionError, MissingPackageError, ModelError, chunks
from einthoven.models import load_model
from einthoven.retrieval.adding import Progress
from einthoven.retrieval.embedding import PART, rows_of
from einthoven.retrieval.foreign import checked

TRIES = 3
PATIENCE_S = "180"  # Ray gives its own start half a minute, which a busy machine does not keep


class Spread:
    """How the work is spread.

    Args:
        workers: processes that embed.
        model: the checkpoint that each loads, as `load_model` takes it.
        address: of a Ray cluster; None starts one on this machine. There the archive must lie where all reach it.
    """

    def __init__(self, workers: int, model: str | None = None, address: str | None = None) -> None:
        if importlib.util.find_spec("ray") is None:
            raise MissingPackageError("Ray is not installed.", "pip install 'einthoven[scale]', or leave --ray out.")
        self.workers, self.model, self.address = workers, model, address

    def embed(
        self, collection: Collection, records: Sequence[str], model_sha256: str, precision: str, progress: Progress
    ) -> None:
        """As `embed_rows`.

        Raises:
            CollectionError: one part brought three workers down, or the archive cannot be reached from them.
            ModelError: workers load another model.
        """
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # Ray would tell its makers of its use
        os.environ.setdefault("RAY_raylet_start_wait_time_s", PATIENCE_S)
        os.environ.setdefault("RAY_agent_register_timeout_ms", PATIENCE_S + "000")
        import ray

        started = not ray.is_initialized()
        if started:
            try:
                warnings.filterwarnings("ignore", "lance is not fork-safe")  # other programs are started, none forked
                ray.init(
                    address=self.address,
                    num_cpus=None if self.address else self.workers,
                    log_to_driver=False,
                    include_dashboard=False,
                    configure_logging=False,
                )
            except Exception as fault:  # noqa: BLE001 - of no closer kind
                raise CollectionError(
                    f"Ray cannot be started, or its cluster not be reached ({type(fault).__name__}).",
                    "Check the address, or embed without --ray.",
                ) from None
        try:
            self._run(ray, collection, records, model_sha256, precision, progress)
        finally:
            if started:
                ray.shutdown()

    def _run(
        self,
        ray: Any,
        collection: Collection,
        records: Sequence[str],
        model_sha256: str,
        precision: str,
        tell: Progress,
    ) -> None:
        place = collection.place if is_uri(collection.place) else str(Path(collection.place).resolve())
        kind = ray.remote(num_cpus=1, max_restarts=0)(Worker)

        def hire() -> Any:
            return kind.remote(place, collection.version, self.model, model_sha256)

        waiting = deque((part, 1) for part in chunks(records, PART))
        idle = [hire() for _ in range(min(self.workers, len(waiting)))]
        running: dict[Any, tuple[Any, list[str], int]] = {}
        done = 0
        while waiting or running:
            while waiting and idle:
                worker, (part, tries) = idle.pop(), waiting.popleft()
                running[worker.embed.remote(part)] = (worker, part, tries)
            (ready, *_), _ = ray.wait(list(running), num_returns=1)
            worker, part, tries = running.pop(ready)
            try:
                names, embeddings = ray.get(ready)
            except ray.exceptions.RayTaskError as fault:  # it raised: that is no accident
                raise _cause(fault) from None
            except ray.exceptions.RayActorError:
                if tries == TRIES:
                    raise CollectionError(
                        f"{TRIES} workers died one after the other on the same {len(part)} ECGs.",
                        "Look at the memory of the machines, or embed without --ray, which names the ECG.",
                    ) from None
                waiting.append((part, tries + 1))
                idle.append(hire())
                continue
            collection.set_embeddings(model_sha256, names, embeddings, precision)
            idle.append(worker)
            done += len(names)
            tell(done)


class Worker:
    """One process: the archive at one version, and the model."""

    def __init__(self, place: str, version: int, model: str | None, model_sha256: str) -> None:
        self._model = load_model(model)
        if self._model.sha256 != model_sha256:
            raise ModelError(
                f"A worker loads {self._model.name} ({self._model.sha256[:12]}), not the model {model_sha256[:12]}.",
                "Install the same checkpoint on all machines, and name it with --model.",
            )
        if is_uri(place):
            self._collection = Collection.open_remote(place, Path(), version)
        else:
            self._collection = Collection.open(place, version)

    def embed(self, records: Sequence[str]) -> tuple[list[str], np.ndarray[Any, Any]]:
        """Record ids and embeddings (n, d)."""
        rows = rows_of(self._collection, records)
        ecgs: list[ECG] = [row.ecg() for row in rows]
        return [row.record for row in rows], checked(self._model.embed(ecgs), len(ecgs), self._model.name)


def _cause(fault: Any) -> Exception:
    cause = getattr(fault, "cause", None)
    return cause if isinstance(cause, Exception) else CollectionError(f"A worker failed ({type(fault).__name__}).", "")
