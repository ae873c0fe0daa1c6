from __future__ import annotations

import pytest

from einthoven.llm.local import idle_threads


@pytest.mark.parametrize(
    ("omp", "load", "threads"), [("3", 0.0, 3), ("", 0.2, 4), ("", 2.6, 1), ("", 50.0, 1), ("none", 1.0, 3)]
)
def test_a_model_takes_no_core_that_is_busy(monkeypatch, omp, load, threads) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", omp)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2, 3}, raising=False)
    monkeypatch.setattr("os.getloadavg", lambda: (load, 0.0, 0.0), raising=False)
    assert idle_threads() == threads
