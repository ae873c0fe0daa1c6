"""An archive on object storage answers as the folder that it was pushed from; file:// goes the same way as s3://."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.ecg import CollectionError, UsageError
from einthoven.retrieval import Archive
from einthoven.retrieval.remote import push
from einthoven.retrieval.settings import KEY


def records(archive: Archive, ecg, **how) -> list[str]:
    return [one.record for one in archive.search(ecg, 30, **how)]


@pytest.fixture
def pair(small, tmp_path):
    made = small(20)
    uri = (tmp_path / "far" / "away").as_uri()
    push(made.path, uri, with_key=True)
    return made, uri


def test_it_answers_alike(pair, make_ecg):
    made, uri = pair
    far = Archive.open(uri, made.model)
    for n in (0, 7, 70):
        assert far.search(make_ecg(n), 20) == made.search(make_ecg(n), 20)
        assert records(far, make_ecg(n), where="sex=F") == records(made, make_ecg(n), where="sex=F")
    assert (len(far), far.name, far.holding) == (20, made.name, made.holding)
    assert far.info() | {"bytes": 0} == made.info() | {"bytes": 0}


def test_an_index_goes_with_it(pair, make_ecg):
    pytest.importorskip("faiss")
    made, uri = pair
    made.index("hnsw")
    push(made.path, uri)
    far = Archive.open(uri, made.model)
    assert far.index() == made.index()
    assert far.notices == ()


def test_it_cannot_be_changed_there_but_pushed_again(pair, make_ecg):
    made, uri = pair
    far = Archive.open(uri, made.model)
    for change in (
        lambda: far.add([("x", make_ecg(50))]),
        lambda: far.remove(["r0"]),
        lambda: far.remove(["r0"], purge=True),
        far.collection.purge,
    ):
        with pytest.raises(CollectionError, match="not changed") as caught:
            change()
        assert "archive push" in caught.value.mend
    made.add([("x", make_ecg(50))])
    made.remove(["r1"], purge=True)
    push(made.path, uri, with_key=True)
    names = {one.relative_to(made.path) for one in made.path.rglob("*") if one.is_file() and one.name != ".lock"}
    folder = made.path.parent / "far" / "away"
    assert {one.relative_to(folder) for one in folder.rglob("*") if one.is_file()} == names
    assert set(records(Archive.open(uri, made.model), make_ecg(90))) == {f"r{n}" for n in range(20) if n != 1} | {"x"}


def test_what_lacks_is_embedded_there(pair, make_ecg, stand_in):
    made, uri = pair
    other = stand_in(1)
    far = Archive.open(uri, other, any_model=True)
    assert far.embed() == 20
    with pytest.raises(CollectionError, match="stand-in-1"):
        Archive.open(uri, made.model)
    made = Archive.open(made.path, other, any_model=True)
    made.embed()
    assert records(Archive.open(uri, other), make_ecg(3)) == records(made, make_ecg(3))


def test_the_key_stays_unless_it_is_told_to_go(small, make_ecg, tmp_path):
    made, uri = small(4), (tmp_path / "far").as_uri()
    push(made.path, uri)
    assert not (tmp_path / "far" / KEY).exists()
    assert len(records(Archive.open(uri, made.model), make_ecg(0))) in (2, 3)  # the very recording stays out
    push(made.path, uri, with_key=True)
    push(made.path, uri)  # later pushes without it do not leave it there
    assert not (tmp_path / "far" / KEY).exists()


def test_a_place_that_holds_something_else_is_left_alone(small, tmp_path, stand_in):
    made = small(4)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "letter.txt").write_text("dear")
    with pytest.raises(CollectionError, match="something else"):
        push(made.path, (tmp_path / "home").as_uri())
    other = small(2, name="other")
    push(other.path, (tmp_path / "far").as_uri())
    with pytest.raises(CollectionError, match="another archive"):
        push(made.path, (tmp_path / "far").as_uri())
    with pytest.raises(UsageError, match="no place"):
        push(made.path, "bucket")
    with pytest.raises(CollectionError, match="no archive at"):
        Archive.open((tmp_path / "home").as_uri(), stand_in())
    with pytest.raises(CollectionError, match="cannot be reached"):
        Archive.open("zz://bucket/archive", stand_in())
    assert (tmp_path / "home" / "letter.txt").read_text() == "dear"
    assert np.sum([1 for _ in (tmp_path / "home").iterdir()]) == 1
