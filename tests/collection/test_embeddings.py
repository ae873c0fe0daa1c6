from dataclasses import replace

import numpy as np
import pytest

from einthoven.collection import Collection
from einthoven.ecg import CollectionError, UsageError

MODEL, OTHER = "a" * 64, "b" * 64


@pytest.fixture
def embedded(filled):
    matrix = np.random.default_rng(0).normal(size=(10, 8))
    filled.set_embeddings(MODEL, [f"r{n}" for n in range(9, -1, -1)], matrix[::-1])
    return filled, matrix


def test_come_in_table_order_as_float32(embedded):
    collection, matrix = embedded
    records, found = Collection.open(collection.path).embeddings(MODEL)
    assert records == [f"r{n}" for n in range(10)] and found.dtype == np.float32
    np.testing.assert_array_equal(found, matrix.astype(np.float16).astype(np.float32))


def test_rows_without_one_are_reported_not_shifted(embedded, make_row):
    collection, matrix = embedded
    collection.append([make_row(10)])
    collection.remove(records=["r4"])
    records, found = collection.embeddings(MODEL)
    assert collection.without_embedding(MODEL) == ["r10"] and "r4" not in records
    np.testing.assert_allclose(found[records.index("r5")], matrix[5], atol=2e-3)
    collection.set_embeddings(MODEL, ["r10", "r0"], np.full((2, 8), [[7.0], [5.0]]))
    records, found = collection.embeddings(MODEL)
    assert collection.without_embedding(MODEL) == [] and records[-1] == "r10"
    assert (found[-1] == 7).all() and (found[0] == 5).all()
    np.testing.assert_allclose(found[4], matrix[5], atol=2e-3)


def test_another_ecg_under_the_same_id_does_not_inherit(embedded, make_row):
    collection, _ = embedded
    import lance

    # As if a removal were interrupted before it reached the embeddings.
    lance.dataset(collection.uri).delete("record = 'r3'")
    collection.append([replace(make_row(3), sha256="another")])
    assert collection.without_embedding(MODEL) == ["r3"]


def test_models_are_kept_apart(embedded):
    collection, _ = embedded
    before = collection.embeddings_version(MODEL)
    collection.set_embeddings(OTHER, ["r2"], np.ones((1, 3)), dtype="float32")
    assert collection.embeddings(OTHER)[0] == ["r2"] and len(collection.without_embedding(OTHER)) == 9
    assert collection.embeddings_version(MODEL) == before
    assert collection.embeddings_version("c" * 64) is None
    collection.drop_embeddings(MODEL)
    with pytest.raises(CollectionError, match="embedded with this model"):
        collection.embeddings(MODEL)
    assert len(collection.without_embedding(MODEL)) == 10 and list(collection.info()["embeddings"]) == [OTHER]


def test_a_hash_that_begins_alike_is_refused(embedded):
    collection, _ = embedded
    with pytest.raises(CollectionError, match="another model"):
        collection.embeddings("a" * 12 + "0" * 52)


@pytest.mark.parametrize(
    "records, matrix, error",
    [
        (["Smith"], np.ones((1, 8)), CollectionError),
        (["r1", "r1"], np.ones((2, 8)), CollectionError),
        (["r1"], np.ones((1, 9)), CollectionError),
        (["r1"], np.ones((2, 8)), UsageError),
        (["r1"], np.full((1, 8), np.nan), UsageError),
        (["r1"], np.full((1, 8), 1e6), UsageError),
    ],
)
def test_refuses_what_does_not_fit(embedded, records, matrix, error):
    collection, _ = embedded
    with pytest.raises(error) as caught:
        collection.set_embeddings(MODEL, records, matrix)
    assert "Smith" not in str(caught.value)
    assert len(collection.embeddings(MODEL)[0]) == 10


def test_refuses_names_that_are_no_hash(filled):
    with pytest.raises(UsageError, match="SHA-256"):
        filled.set_embeddings("../../etc", ["r1"], np.ones((1, 8)))


def test_an_interrupted_first_write_counts_as_none(filled):
    (filled.path / "embeddings_aaaaaaaaaaaa.lance" / "data").mkdir(parents=True)
    assert len(filled.without_embedding(MODEL)) == 10
    filled.purge()
    assert not (filled.path / "embeddings_aaaaaaaaaaaa.lance").exists()
