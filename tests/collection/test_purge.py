import numpy as np
import pytest

from einthoven.collection import Collection
from einthoven.ecg import CollectionError, UsageError


@pytest.fixture
def traces():
    """Files under a folder that hold any of some byte strings."""

    def search(folder, needles):
        files = [file for file in folder.rglob("*") if file.is_file()]
        return [file.name for file in files if any(needle in file.read_bytes() for needle in needles)]

    return search


@pytest.fixture
def marked(filled, make_row):
    """A collection in which one patient's data can be searched for in the files' bytes."""
    from dataclasses import replace

    signal = np.random.default_rng(9).integers(-3000, 3000, 1200).astype("<i2").tobytes()
    row = replace(make_row(70), record="REC-tell-tale", patient="PAT-tell-tale", text="TEXT-tell-tale", signal=signal)
    filled.append([row, make_row(72)])
    vector = np.random.default_rng(8).normal(size=(1, 64)).astype(np.float16)
    filled.set_embeddings("a" * 64, ["r0", "r72"], np.ones((2, 64)))
    filled.set_embeddings("a" * 64, ["REC-tell-tale"], vector)
    return filled, [b"tell-tale", signal[:64], vector.tobytes()[:16]]


def test_removed_patients_leave_no_byte_after_purge(marked, traces):
    collection, needles = marked
    for needle in needles:
        assert traces(collection.path, [needle]), "the search must be able to find it"
    old = collection.version
    assert collection.remove(patients=["PAT-tell-tale"]) == 1
    assert len(collection) == 11 and traces(collection.path, needles)
    assert len(Collection.open(collection.path, version=old)) == 12, "readable until the purge"
    collection.purge()
    assert traces(collection.path, needles) == []
    with pytest.raises(CollectionError, match="purge"):
        Collection.open(collection.path, version=old)
    again = Collection.open(collection.path)
    assert len(list(again.rows())) == 11 and again.embeddings("a" * 64)[0] == ["r0", "r72"]


def test_purge_of_whole_files_and_of_interrupted_writes(filled, make_row, traces):
    from dataclasses import replace

    def broken():
        for number in range(600):
            yield replace(make_row(100 + number), text="TEXT-tell-tale")
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        filled.append(broken(), batch=64)
    filled.append([replace(make_row(90), patient="PAT-tell-tale")])
    filled.remove(patients=["PAT-tell-tale"])  # the only row of its file
    filled.purge()
    assert traces(filled.path, [b"tell-tale"]) == [] and len(filled) == 10


def test_purge_of_a_row_among_others_in_the_only_file(tmp_path, make_row, traces):
    from dataclasses import replace

    collection = Collection.create(tmp_path / "one-file")
    collection.append([make_row(0), replace(make_row(1), text="TEXT-tell-tale"), make_row(2)])
    collection.remove(records=["r1"])
    assert traces(collection.path, [b"tell-tale"])
    collection.purge()
    assert traces(collection.path, [b"tell-tale"]) == []
    assert list(collection.rows()) == [make_row(0), make_row(2)]


def test_remove_by_record_or_patient(filled):
    assert filled.remove(records=["r0", "r9", "unknown"], patients=["p1", "O'Hara"]) == 4
    assert filled.columns(["record"])["record"] == ["r1", "r4", "r5", "r6", "r7", "r8"]
    for nothing in ({}, {"records": "r1"}):
        with pytest.raises(UsageError):
            filled.remove(**nothing)


def test_thousands_at_once(filled):
    assert filled.remove(records=[f"r{n}" for n in range(5, 20_000)]) == 5
