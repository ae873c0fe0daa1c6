"""Embeddings over HTTP, of servers that get them wrong."""

from __future__ import annotations

import numpy as np
import pytest

from einthoven.llm import EndpointError

from .conftest import Said


def rows(*places: int, width: int = 3) -> Said:
    return Said({"data": [{"index": n, "embedding": [n + 1.0, 2.0, *[0.0] * (width - 2)]} for n in places]})


def test_they_are_put_in_order_by_their_index(server) -> None:
    server.behave = lambda asked, n: rows(2, 0, 1)
    z = server.endpoint().embed(["a", "b", "c"])
    np.testing.assert_allclose(z[:, 0] / z[:, 1], [0.5, 1.0, 1.5])
    assert server.asked[0].path == "/v1/embeddings"
    assert server.asked[0].body == {"model": "m", "input": ["a", "b", "c"], "encoding_format": "float"}
    assert server.endpoint().embed([]).shape == (0, 0)


@pytest.mark.parametrize(
    "said",
    [
        rows(0),
        rows(0, 0),
        rows(1, 2),
        rows(0, 1, 2),
        Said({"data": "none"}),
        Said({}),
        Said({"data": [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}]}),
        Said({"data": [{"index": 0, "embedding": [0.0]}, {"index": 1, "embedding": [1.0]}]}),
        Said({"data": [{"index": 0, "embedding": [float("nan")]}, {"index": 1, "embedding": [1.0]}]}),
        Said({"data": [{"index": 0, "embedding": "AAAA"}, {"index": 1, "embedding": "AAAA"}]}),
        Said({"data": [{"index": True, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}]}),
        Said({"data": [{"index": 0, "embedding": [10**400]}, {"index": 1, "embedding": [1]}]}),
        Said({"data": [{"index": 0, "embedding": [None]}, {"index": 1, "embedding": [1]}]}),
        Said({"data": [{"embedding": [1.0]}, {"embedding": [1.0]}]}),
    ],
)
def test_wrong_ones_are_an_error_never_a_wrong_row(server, said) -> None:
    server.behave = lambda asked, n: said
    with pytest.raises(EndpointError):
        server.endpoint().embed(["a", "b"])


def test_a_length_that_changes_between_batches_is_an_error(server) -> None:
    server.behave = lambda asked, n: rows(*range(len(asked.body["input"])), width=3 + n)
    with pytest.raises(EndpointError, match="length"):
        server.endpoint().embed(["a"] * 65)
