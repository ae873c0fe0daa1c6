"""Spread over workers that die, nothing is lost and nothing stands twice. Ray itself is started by one test."""

from __future__ import annotations

import importlib.util
import sys
from collections import Counter
from types import SimpleNamespace

import numpy as np
import pytest

from einthoven.collection.embeddings import open_embeddings
from einthoven.ecg import CollectionError, MissingPackageError, ModelError
from einthoven.retrieval import Archive, spread
from einthoven.retrieval.kept import as_kept, new_row
from einthoven.retrieval.spread import Spread


class ActorDiedError(Exception):
    pass


class TaskFaultError(Exception):
    def __init__(self, cause: Exception) -> None:
        super().__init__()
        self.cause = cause


class InProcess:
    """What is used of Ray, in this process; `dies` says whether a worker dies on its n-th task of all."""

    exceptions = SimpleNamespace(RayTaskError=TaskFaultError, RayActorError=ActorDiedError)

    def __init__(self, dies=lambda number, records: False) -> None:
        self.dies, self.number, self.hired, self.ended = dies, 0, 0, False

    def is_initialized(self):
        return False

    def init(self, **_):
        pass

    def shutdown(self):
        self.ended = True

    def remote(self, **_):
        def decorate(kind):
            def hire(*words):
                self.hired += 1
                return SimpleNamespace(embed=SimpleNamespace(remote=lambda part: self._task(kind, words, part)))

            return SimpleNamespace(remote=hire)

        return decorate

    def _task(self, kind, words, part):
        self.number += 1
        if self.dies(self.number, part):
            return (object(), lambda: (_ for _ in ()).throw(ActorDiedError))

        def run():
            try:
                return kind(*words).embed(part)
            except ModelError as fault:
                raise TaskFaultError(fault) from None

        return (object(), run)

    def wait(self, running, num_returns):
        return running[-1:], running[:-1]  # out of order

    def get(self, task):
        return task[1]()


@pytest.fixture
def ray(monkeypatch, stand_in):
    def use(**how) -> InProcess:
        made = InProcess(**how)
        monkeypatch.setitem(sys.modules, "ray", made)
        monkeypatch.setattr(spread.importlib.util, "find_spec", lambda name: name)
        return made

    monkeypatch.setattr(spread, "load_model", lambda name: stand_in(int(name or 0)))
    monkeypatch.setattr(spread, "PART", 8)
    return use


@pytest.fixture
def bare(small, make_ecg) -> Archive:
    """60 ECGs with signals and no embedding."""
    made = small(0)
    made.collection.append(as_kept(new_row(f"r{n}", make_ecg(n)), None, True, False) for n in range(60))
    return made


def sound(archive: Archive) -> bool:
    table = open_embeddings(archive.path, archive.model.sha256)
    names = Counter(table.to_table(columns=["record"])["record"].to_pylist())
    records, matrix = archive.collection.embeddings(archive.model.sha256)
    rows = list(archive.collection.rows())
    alone = archive.model.embed([row.ecg() for row in rows])
    return names == Counter(records) == Counter(f"r{n}" for n in range(60)) and np.allclose(matrix, alone, atol=1e-3)


def test_workers_share_the_work(bare, ray):
    said, made = [], ray()
    assert bare.embed(said.append, Spread(3)) == 60
    assert said == [8, 16, 24, 32, 40, 48, 56, 60] or sorted(said)[-1] == 60
    assert (made.hired, made.ended) == (3, True)
    assert sound(bare)
    assert bare.embed(spread=Spread(3)) == 0  # nothing is left, so nobody is hired
    assert made.hired == 3


def test_the_part_of_a_dead_worker_is_taken_up(bare, ray):
    made = ray(dies=lambda number, part: number in (2, 3, 7))
    assert bare.embed(spread=Spread(2)) == 60
    assert made.hired == 2 + 3
    assert sound(bare)


def test_an_interrupted_run_goes_on(bare, ray):
    ray()

    def stop(done: int) -> None:
        if done >= 24:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bare.embed(stop, Spread(2))
    again = Archive.open(bare.path, bare.model)
    assert len(again.collection.without_embedding(bare.model.sha256)) == 36
    assert again.embed(spread=Spread(2)) == 36
    assert sound(again)


def test_embedding_by_one_process_goes_on_too(bare, monkeypatch):
    monkeypatch.setattr("einthoven.retrieval.embedding.PART", 8)

    def stop(done: int) -> None:
        if done >= 24:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        bare.embed(stop)
    again = Archive.open(bare.path, bare.model)
    assert again.embed() == 36
    assert sound(again)


def test_what_kills_every_worker_ends_it(bare, ray):
    made = ray(dies=lambda number, part: "r20" in part)
    with pytest.raises(CollectionError, match="3 workers died") as caught:
        bare.embed(spread=Spread(2))
    assert "without --ray" in caught.value.mend
    assert made.ended
    assert len(bare.collection.without_embedding(bare.model.sha256)) < 60  # what was done stands


def test_workers_with_another_model_are_refused(bare, ray):
    ray()
    with pytest.raises(ModelError, match="not the model"):
        bare.embed(spread=Spread(2, model="1"))
    assert len(bare.collection.without_embedding(bare.model.sha256)) == 60


def test_without_ray(monkeypatch):
    monkeypatch.setattr(spread.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(MissingPackageError, match="Ray is not installed"):
        Spread(2)


@pytest.mark.skipif(importlib.util.find_spec("ray") is None, reason="needs ray")
def test_ray_itself(run_alone, make_ecg, tmp_path):
    made = Archive.create(tmp_path / "a")
    made.collection.append(as_kept(new_row(f"r{n}", make_ecg(n)), None, True, False) for n in range(6))
    run_alone(
        "from einthoven.retrieval import Archive; from einthoven.retrieval.spread import Spread\n"
        f"print(Archive.open({str(tmp_path / 'a')!r}).embed(spread=Spread(1)))"
    )
    again = Archive.open(tmp_path / "a")
    assert again.info()["without_embedding"] == 0
    alone = again.model.embed([row.ecg() for row in again.collection.rows()])
    assert np.allclose(again.collection.embeddings(again.model.sha256)[1], alone, atol=1e-3)


@pytest.fixture
def run_alone():
    """Runs a script in a process of its own, which is gone with all that Ray started in it."""
    import subprocess

    def run(script: str) -> str:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", script], capture_output=True, text=True, timeout=240
        )
        if "Ray cannot be started" in done.stderr:  # it gives its own parts half a minute, which a busy machine lacks
            pytest.skip("Ray does not start here")
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout

    return run
