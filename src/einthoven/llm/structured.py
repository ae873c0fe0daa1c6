"""Answers of a given form: validated, asked for once more with the faults named, or refused with an error."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from einthoven.llm.chat import Answer, Message, Schema
from einthoven.llm.errors import AnswerError
from einthoven.llm.schema import faults, read_json

SHOWN_FAULTS = 5
SHOWN_TEXT = 4000


def form_of(schema: Schema) -> dict[str, Any]:
    """The `response_format` that binds a server to a schema."""
    return {"type": "json_schema", "json_schema": {"name": "answer", "strict": True, "schema": dict(schema)}}


def told_of(messages: Sequence[Message], schema: Schema) -> tuple[Message, ...]:
    """The messages with the schema in words, for servers that cannot be bound to one.

    It goes into the system's message, at the very beginning: many chat templates take one nowhere else.
    """
    order = (
        "Answer with one JSON object that is valid for this JSON schema, and with nothing else: "
        f"{json.dumps(schema, ensure_ascii=False)}"
    )
    if messages and messages[0].role == "system":
        return (replace(messages[0], text=f"{messages[0].text}\n\n{order}"), *messages[1:])
    return (Message("system", order), *messages)


def in_form(send: Callable[[Sequence[Message]], Answer], messages: Sequence[Message], schema: Schema) -> Answer:
    """An answer that is valid for the schema; one that is not is shown to the model once, with what is wrong.

    Every answer is validated, also of servers that promise the schema: some ignore what they do not know.

    Raises:
        AnswerError: the second answer does not fit either, or an answer was cut at `max_tokens`.
    """
    first = send(messages)
    value, wrong = _judge(first, schema)
    if not wrong:
        return replace(first, parsed=value)
    _refuse_cut(first)
    question = f"That does not fit the JSON schema: {wrong}. Answer again with one JSON object that fits, nothing else."
    try:
        second = send([*messages, Message("assistant", first.text[:SHOWN_TEXT]), Message("user", question)])
    except AnswerError as fault:
        fault.tokens_in = _sum(first.tokens_in, fault.tokens_in)
        fault.tokens_out = _sum(first.tokens_out, fault.tokens_out)
        raise
    both = replace(
        second,
        tokens_in=_sum(first.tokens_in, second.tokens_in),
        tokens_out=_sum(first.tokens_out, second.tokens_out),
    )
    value, wrong = _judge(both, schema)
    if not wrong:
        return replace(both, parsed=value)
    _refuse_cut(both)
    raise AnswerError(
        f"The model answered twice in another form than it was asked for: {wrong}.",
        "Ask a larger model, or one whose server knows json_schema.",
        text=both.text,
        tokens_in=both.tokens_in,
        tokens_out=both.tokens_out,
    )


def _judge(answer: Answer, schema: Schema) -> tuple[Any, str]:
    """The JSON value of an answer, and what is wrong with it: "" where nothing is."""
    try:
        value = read_json(answer.text)
    except ValueError as fault:
        return None, f"it is not one JSON value ({fault})"
    return value, "; ".join(islice(faults(value, schema), SHOWN_FAULTS))


def _refuse_cut(answer: Answer) -> None:
    if answer.finish == "length":
        raise AnswerError(
            "The model's answer was cut at max_tokens before its JSON ended.",
            "Raise max_tokens, or ask for less.",
            text=answer.text,
            tokens_in=answer.tokens_in,
            tokens_out=answer.tokens_out,
        )


def _sum(first: int | None, second: int | None) -> int | None:
    return None if first is None or second is None else first + second
