"""The index of an archive is a cache: kept, brought up to date, made again when it is not to be trusted."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pytest

from einthoven.ecg import CollectionError, UsageError
from einthoven.reporting import report
from einthoven.retrieval import Archive, approximate, faiss_index, indexing

needs_faiss = pytest.mark.usefixtures("_faiss")


@pytest.fixture
def _faiss(monkeypatch):
    pytest.importorskip("faiss")
    monkeypatch.setattr(approximate, "SHARE", 1)


def files(archive: Archive) -> list[str]:
    return sorted(path.name for path in archive.path.glob("index_*"))


def again(archive: Archive) -> Archive:
    return Archive.open(archive.path, archive.model)


@pytest.mark.parametrize("kind", ["ivf-sq8", "hnsw"])
@needs_faiss
def test_an_index_is_kept_and_used_again(filled, make_ecg, kind, monkeypatch):
    exact = [filled.search(make_ecg(n), 5) for n in range(0, 420, 60)]
    about = filled.index(kind)
    assert (about["kind"], about["vectors"]) == (kind, 420)
    assert about["recall_at_10"] > 0.95 and about["recall_queries"] == 200
    assert len(files(filled)) == 2
    monkeypatch.setattr(faiss_index, "make", None)  # it is not made twice
    opened = again(filled)
    assert opened.info()["index"] == about
    hits = [opened.search(make_ecg(n), 5) for n in range(0, 420, 60)]
    assert np.mean([len({h.record for h in a} & {h.record for h in b}) for a, b in zip(hits, exact, strict=True)]) > 4.5
    for n, found in zip(range(0, 420, 60), hits, strict=True):
        assert not {f"r{n:04d}", f"r{n ^ 1:04d}"} & {one.record for one in found}
    assert opened.notices == ()


@pytest.mark.parametrize("kind", ["ivf-sq8", "hnsw"])
@needs_faiss
def test_additions_and_removals_change_the_index_and_do_not_remake_it(filled, make_ecg, kind, monkeypatch):
    filled.index(kind)
    with monkeypatch.context() as patch:
        patch.setattr(faiss_index, "make", None)
        filled.add((f"new{n}", make_ecg(2000 + n)) for n in range(12))
        assert filled.search(make_ecg(2003, patient="somebody"), 1)[0].record != "new3"  # the recording itself
        assert filled.index()["vectors"] == 432
        filled.remove([f"r{n:04d}" for n in range(40)])
        assert filled.index()["vectors"] == 392
        opened = again(filled)
        found = opened.search(make_ecg(5001, patient="somebody"), 392)
    assert len({one.record for one in found}) == 392
    assert {f"new{n}" for n in range(12)} <= {one.record for one in found}
    assert not {f"r{n:04d}" for n in range(40)} & {one.record for one in found}
    assert opened.notices == ()


@needs_faiss
def test_much_that_changed_makes_a_new_index(filled):
    filled.index("hnsw")
    before = files(filled)
    filled.remove([f"r{n:04d}" for n in range(200)])
    assert filled.index()["vectors"] == 220
    (name,) = (name for name in files(filled) if name.endswith(".faiss"))
    assert name not in before
    index = faiss_index.from_bytes((filled.path / name).read_bytes(), 32)
    assert index.ntotal == 220  # no tombstones are left


@needs_faiss
def test_a_purge_leaves_no_trace_in_an_index(filled):
    filled.index("hnsw")
    filled.remove(["r0003"], purge=True)
    assert files(filled) == []
    assert filled.index()["vectors"] == 419


@pytest.mark.parametrize("part", [".json", ".faiss"])
@pytest.mark.parametrize("damage", ["flip", "cut", "empty", "gone"])
@needs_faiss
def test_a_damaged_index_is_made_again_and_that_is_said(small, make_ecg, part, damage):
    made = small(40)
    made.index("ivf-sq8")
    (name,) = (name for name in files(made) if name.endswith(part))
    path = made.path / name
    content = path.read_bytes()
    path.unlink()
    if damage != "gone":
        middle = len(content) // 2
        flipped = content[:middle] + bytes([content[middle] ^ 0x10]) + content[middle + 1 :]
        path.write_bytes({"flip": flipped, "cut": content[:middle], "empty": b""}[damage])
    opened = again(made)
    assert len(opened.search(make_ecg(70), 3)) == 3
    if (part, damage) != (".json", "gone"):  # none is there, as in an archive that never had one
        assert "made again" in opened.notices[0]
        assert opened.notices[0] in report(make_ecg(70), opened).notices
    assert again(made).search(make_ecg(70), 3) == opened.search(make_ecg(70), 3)
    assert again(made).notices == ()


@needs_faiss
def test_an_index_of_another_archive_or_model_is_not_believed(small, make_ecg, stand_in):
    made, other = small(40), small(0, name="other")
    other.add((f"x{n}", make_ecg(500 + n)) for n in range(40))
    for one in (made, other):
        one.index("hnsw")
    for name in files(made):
        (made.path / name).unlink()
    for name in files(other):
        shutil.copy(other.path / name, made.path)
    opened = again(made)
    assert {n.record for n in opened.search(make_ecg(70), 40)} == {f"r{n}" for n in range(40)}
    assert "other ECGs" in opened.notices[0]
    (path,) = made.path.glob("index_*.json")
    path.write_text(json.dumps(json.loads(path.read_text()) | {"model": "ab" * 32}))
    opened = again(made)
    opened.search(make_ecg(70), 3)
    assert "another model" in opened.notices[0]
    anew = Archive.open(made.path, stand_in(1), any_model=True)
    anew.embed()
    assert len(anew.search(make_ecg(70), 40)) == 40
    assert anew.notices == ()


@needs_faiss
def test_an_index_that_cannot_be_kept_serves_all_the_same(small, make_ecg, monkeypatch):
    made = small(40)
    made.index("hnsw")
    for name in files(made):
        (made.path / name).unlink()
    opened = again(made)

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("einthoven.retrieval.index_files._put", full)
    assert len(opened.search(make_ecg(70), 3)) == 3
    assert "No space left" in opened.notices[0] and "this time only" in opened.notices[0]
    assert again(made).info()["index"]["kind"] == "hnsw"


def test_without_faiss_every_ecg_is_looked_at_and_info_says_so(small, make_ecg, monkeypatch):
    made = small(10)
    assert made.info()["index"] == {"kind": "flat", "vectors": 10, "width": 32, "recall_at_10": 1.0}
    monkeypatch.setitem(sys.modules, "faiss", None)
    monkeypatch.setattr(indexing, "EXACT_NUMBERS", 5)
    opened = again(made)
    assert len(opened.search(make_ecg(70), 3)) == 3
    about = opened.info()["index"]
    assert about["kind"] == "flat" and "pip install" in about["why"]


def test_kinds(small):
    made = small(10)
    with pytest.raises(UsageError, match="no index of kind"):
        made.index("best")
    assert made.index("flat")["kind"] == "flat"
    with pytest.raises(CollectionError, match="empty"):
        small(0, name="none").index()
    assert small(0, name="none2").info()["index"]["kind"] is None
    assert indexing.choose(20_000, 71) == "flat" and indexing.choose(800_000, 768) == "ivf-sq8"
