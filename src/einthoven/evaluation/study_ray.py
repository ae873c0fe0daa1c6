"""A study's trainings as Ray tasks, on whichever machines a Ray cluster has; on this one where there is no cluster."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from einthoven.evaluation.study_runs import Start, Work


@contextmanager
def ray_workers(jobs: int) -> Iterator[Start]:
    """Inside, trainings start as Ray tasks: on the cluster that RAY_ADDRESS names, or else on `jobs` workers here.

    A task has one GPU where the cluster has any, and an even share of this machine's cores. Configuration, data and
    output are read by path: on a cluster they lie in a folder that all its machines share. Nothing about its use is
    sent to those who make Ray.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    import ray

    address = os.environ.get("RAY_ADDRESS")
    here: dict[str, Any] = {} if address else {"num_cpus": jobs, "include_dashboard": False}
    ray.init(address=address, log_to_driver=False, configure_logging=False, **here)
    resources: dict[str, float] = ray.cluster_resources()
    gpus = 1 if resources.get("GPU", 0) else 0

    def start(command: Sequence[str], log: Path, threads: int) -> Work:
        task = ray.remote(_train).options(num_cpus=1 if not address else threads, num_gpus=gpus, max_retries=0)
        return _Task(ray, task.remote(list(command), str(log), threads))

    try:
        yield start
    finally:
        ray.shutdown()


class _Task:
    def __init__(self, ray: Any, task: Any) -> None:
        self.ray, self.task = ray, task

    def poll(self) -> int | None:
        ended, _ = self.ray.wait([self.task], timeout=0)
        if not ended:
            return None
        try:
            return int(self.ray.get(self.task))
        except self.ray.exceptions.RayError:  # its machine is gone; the study can be run again
            return 1

    def terminate(self) -> None:
        self.ray.cancel(self.task)

    def wait(self) -> object:
        return self.ray.wait([self.task], timeout=60)


def _train(command: list[str], log: str, threads: int) -> int:
    """On the worker: one training to its end, which a cancelled task ends, too."""
    with Path(log).open("wb") as file:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, env={**os.environ, "OMP_NUM_THREADS": str(threads)}
        )
        try:
            return process.wait()
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait()
