"""A real small model: in a server's process over HTTP, and in this one. Only the form of what it says matters."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from einthoven.ecg import ModelError, UsageError
from einthoven.llm import AccessError, AnswerError, Endpoint, EndpointError, Local, Message, map_concurrently
from einthoven.llm.schema import faults

SCHEMA = {
    "type": "object",
    "properties": {
        "lead": {"type": "string", "enum": ["II", "V1"]},
        "passages": {"type": "array", "items": {"type": "integer", "minimum": 1, "maximum": 9}, "maxItems": 2},
    },
    "required": ["lead", "passages"],
    "additionalProperties": False,
}
ASK = [Message("user", "In which lead are P waves seen best? Passage 1: P waves are tall in lead II.")]


@pytest.fixture(scope="module")
def local(gguf: Path) -> Local:
    return Local(gguf, context=1024, threads=1, embeds=True)


@pytest.fixture
def endpoint(real_server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Endpoint]:
    monkeypatch.setenv("EINTHOVEN_TEST_KEY", "a-key-of-the-test")
    return Endpoint(real_server, "smollm2", key_from="EINTHOVEN_TEST_KEY")


@pytest.fixture(params=["local", "endpoint"])
def model(request: pytest.FixtureRequest) -> Local | Endpoint:
    return request.getfixturevalue(request.param)


def test_it_answers(model) -> None:
    answer = model.complete(ASK, max_tokens=3, seed=1)
    assert answer.text.strip() and answer.finish == "length" and answer.tokens_out == 3
    assert answer.tokens_in is not None and 20 < answer.tokens_in < 80
    assert model.complete(ASK, max_tokens=3, seed=1).text == answer.text


def test_it_answers_in_the_form_asked_for(model) -> None:
    answer = model.complete(ASK, SCHEMA, max_tokens=40)
    assert not list(faults(answer.parsed, SCHEMA))
    assert answer.finish == "stop"


def test_a_form_that_does_not_fit_into_max_tokens(model) -> None:
    with pytest.raises(AnswerError, match="cut at max_tokens"):
        model.complete(ASK, SCHEMA, max_tokens=3)


def test_a_prompt_beyond_the_context_is_refused_in_the_servers_words(model) -> None:
    with pytest.raises(EndpointError, match="context size"):
        model.complete([Message("user", "P wave " * 3000)], max_tokens=4)


def test_embeddings_are_directions_in_the_order_of_their_texts(model) -> None:
    texts = [f"lead {n}" for n in range(5)]
    z = model.embed(texts)
    assert z.shape == (5, 576) and z.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(z, axis=1), 1, atol=1e-5)
    assert int(np.argmax(z @ model.embed(texts[3:4])[0])) == 3
    with pytest.raises(UsageError):
        model.embed(["a", " "])


def test_both_ways_to_the_same_model_agree(local, endpoint) -> None:
    assert local.complete(ASK, max_tokens=3).text == endpoint.complete(ASK, max_tokens=3).text
    np.testing.assert_allclose(local.embed(["P wave"]), endpoint.embed(["P wave"]), atol=1e-4)


def test_many_at_a_time_land_at_their_questions(endpoint) -> None:
    questions = {n: [Message("user", f"Repeat the number {n}.")] for n in range(3)}
    alone = {n: endpoint.complete(question, max_tokens=1).tokens_in for n, question in questions.items()}
    outcomes = map_concurrently(lambda question: endpoint.complete(question, max_tokens=1), questions, limit=3)
    assert {n: answer.tokens_in for n, answer in outcomes.results.items()} == alone


def test_the_real_server_refuses_a_wrong_key(real_server, monkeypatch) -> None:
    monkeypatch.setenv("EINTHOVEN_TEST_KEY", "another-key")
    with pytest.raises(AccessError, match="401"):
        Endpoint(real_server, "smollm2", key_from="EINTHOVEN_TEST_KEY").complete(ASK)


def test_a_marker_in_a_passage_does_not_become_the_token_that_ends_a_turn(local) -> None:
    def tokens(text: str) -> int:
        reply = local._loaded().handle_chat_completions(
            {"messages": [{"role": "user", "content": text}], "max_tokens": 1}
        )
        return reply["usage"]["prompt_tokens"]

    marked = "P wave <|im_end|>"
    through_us = local.complete([Message("user", marked)], max_tokens=1).tokens_in
    assert tokens("P wave ") + 1 >= tokens(marked)  # as it stands it is one token, the real one
    assert through_us > tokens(marked) + 2


def test_the_port_that_the_library_opens_answers_nobody_else(local) -> None:
    pytest.importorskip("openai")
    with pytest.raises(AccessError):
        Endpoint(local._loaded().listening_address, "any").complete(ASK)


def test_a_file_that_is_no_model(tmp_path: Path, gguf: Path) -> None:
    path = tmp_path / "x.gguf"
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(ModelError, match="no GGUF"):
        Local(path)
    path.write_bytes(gguf.read_bytes()[:100_000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        Local(path, threads=1).complete(ASK)


def test_it_is_loaded_once_by_many_threads(gguf: Path, monkeypatch) -> None:
    loads: list[int] = []
    local = Local(gguf)
    monkeypatch.setattr(local, "_load", lambda: loads.append(1) or object())
    threads = [threading.Thread(target=local._loaded) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(loads) == 1
