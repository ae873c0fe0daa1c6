from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from einthoven.collection import Collection, Row
from einthoven.collection.flat import FILE, FlatSignals
from einthoven.collection.loader import Loader
from einthoven.ecg import ECG, CollectionError, UsageError


class Numbers:
    """A source whose signals are their own positions."""

    def __init__(self, count: int) -> None:
        self.count = count

    def __len__(self) -> int:
        return self.count

    def units(self, places):
        return np.tile(np.array(places, np.int16)[:, None, None], (1, 12, 3)), np.ones(len(places))


@pytest.fixture
def collection(tmp_path):
    found = Collection.create(tmp_path / "c")
    rng = np.random.default_rng(0)
    signals = rng.normal(0, 1, (23, 12, 40)).astype(np.float32)
    signals[3, 5, 7:9] = np.nan
    signals[4] *= 50  # another scale
    found.append(Row.from_ecg(ECG(one, 100), record=f"a/{n}", source="a") for n, one in enumerate(signals))
    return found


@given(st.integers(1, 200), st.integers(1, 20), st.integers(1, 5), st.integers(0, 3), st.integers(0, 3))
def test_an_epoch_holds_each_ecg_once_and_its_parts_share_none(count, batch, shards, seed, epoch):
    if count < batch * shards:
        with pytest.raises(UsageError, match="fewer than a batch"):
            Loader(Numbers(count), batch, shards=shards)
        return
    parts = [Loader(Numbers(count), batch, seed, shard, shards) for shard in range(shards)]
    places = np.concatenate([part.places(epoch).ravel() for part in parts])
    assert len(set(places.tolist())) == len(places) == batch * shards * (count // (batch * shards))
    assert {part.steps for part in parts} == {count // (batch * shards)}


def test_orders_follow_from_seed_and_epoch():
    def order(seed, epoch):
        return Loader(Numbers(64), 8, seed).places(epoch).tolist()

    assert order(0, 1) == order(0, 1)
    assert order(0, 1) != order(0, 2) and order(0, 1) != order(1, 1)


def test_a_run_goes_on_at_any_step():
    loader = Loader(Numbers(50), 4, seed=3, ahead=2)
    whole = [batch.places.tolist() for batch in loader.epoch(5)]
    assert [batch.places.tolist() for batch in loader.epoch(5, start=7)] == whole[7:]
    some = loader.epoch(5)
    next(some)
    some.close()  # stops what is read ahead
    for batch in loader.epoch(5):
        assert (batch.units[:, 0, 0] == batch.places).all()


def test_signals_are_those_of_the_collection(collection, tmp_path):
    flat = FlatSignals.open(collection, tmp_path / "flat")
    for source in (collection, flat):
        seen = 0
        for batch in Loader(source, 5, threads=3).epoch(0):
            assert np.array_equal(batch.signal(), collection.signals(batch.places.tolist()), equal_nan=True)
            seen += len(batch.places)
        assert seen == 20


def test_a_cache_is_built_anew_for_other_rows_or_when_damaged(collection, tmp_path):
    folder = tmp_path / "flat"
    FlatSignals.open(collection, folder)
    file = folder / FILE
    before = file.stat().st_ino
    assert len(FlatSignals.open(collection, folder)) == 23 and file.stat().st_ino == before
    collection.remove(["a/3"])
    assert len(FlatSignals.open(collection, folder)) == 22 and file.stat().st_ino != before
    assert len(FlatSignals.open(collection, folder, where="record = 'a/5'")) == 1
    file.write_bytes(b"short")
    found = FlatSignals.open(collection, folder, where="record = 'a/5'")
    assert np.array_equal(found.units([0])[0], collection.units([4])[0])
    with pytest.raises(CollectionError, match="outside"):
        found.units([1])
    assert (folder.stat().st_mode & 0o777) == 0o700


def test_other_lengths_and_rates(collection, tmp_path):
    collection.append([Row.from_ecg(ECG(np.ones((12, 90)), 100), record="b/1", source="b")])
    with pytest.raises(CollectionError, match="2 lengths"):
        FlatSignals.build(collection, tmp_path / "flat")
    units, scales = FlatSignals.build(collection, tmp_path / "flat", samples=60).units([0, 23])
    assert (units[0, :, 40:] == -32768).all() and (units[1] * scales[1] == 1).all()
    collection.append([Row.from_ecg(ECG(np.ones((12, 90)), 200), record="b/2", source="b")])
    with pytest.raises(CollectionError, match="2 rates"):
        FlatSignals.build(collection, tmp_path / "flat", samples=60)


@pytest.mark.parametrize("wrong", [{"shard": 2, "shards": 2}, {"batch": 0}, {"threads": 0}, {"ahead": 0}])
def test_parts_that_are_none_are_refused(wrong):
    with pytest.raises(UsageError):
        Loader(Numbers(9), **({"batch": 1} | wrong))
