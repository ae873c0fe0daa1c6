"""The two JSON documents of a chat completion: what is sent, and what comes back, read with distrust."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from einthoven.ecg import UsageError
from einthoven.formats.text import clean
from einthoven.llm.chat import Answer, Message
from einthoven.llm.errors import AnswerError, EndpointError
from einthoven.llm.markers import sendable, without_markers

_MEND = "See whether it is an OpenAI-compatible server, and whether its log says more."


@dataclass(frozen=True)
class Settings:
    """How an answer is drawn; see `Chat.complete`."""

    max_tokens: int
    temperature: float
    seed: int | None

    def __post_init__(self) -> None:
        if self.max_tokens < 1 or not 0 <= self.temperature <= 2:
            raise UsageError(
                "max_tokens is below 1, or temperature not within 0 and 2.", "Leave them out for 512 and 0."
            )


def chat_body(messages: Sequence[Message], settings: Settings, form: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """The body of a request, without the model's name; `form` is its `response_format`.

    Raises:
        UsageError: no messages, or none from the user.
    """
    if not any(message.role == "user" and message.text.strip() for message in messages):
        raise UsageError("There is nothing to ask.", "Give at least one message of the user's that is not empty.")
    body: dict[str, Any] = {
        "messages": [
            {"role": message.role, "content": sendable(without_markers(message.text))} for message in messages
        ],
        "max_tokens": settings.max_tokens,
        "temperature": settings.temperature,
    }
    if settings.seed is not None:
        body["seed"] = settings.seed
    if form is not None:
        body["response_format"] = dict(form)
    return body


def read_reply(reply: Mapping[str, Any], model: str) -> Answer:
    """The answer in a chat completion; `model` is its name where the server gives none.

    Raises:
        EndpointError: no chat completion, or one without choices.
        AnswerError: the model refused, or said nothing.
    """
    choices = reply.get("choices")
    if not isinstance(choices, list):
        raise EndpointError("The endpoint's answer is no chat completion.", _MEND)
    if not choices:
        raise EndpointError("The endpoint answered without any choice.", _MEND, again=True)
    choice = choices[0]
    message = choice.get("message") if isinstance(choice, dict) else None
    if not isinstance(message, dict):
        raise EndpointError("The endpoint's answer holds no message.", _MEND)
    finish = clean(str(choice.get("finish_reason") or "unknown"), 40)
    tokens_in, tokens_out = _tokens(reply, "prompt_tokens"), _tokens(reply, "completion_tokens")
    text = message.get("content")
    if not isinstance(text, str) or not text.strip():
        refusal = message.get("refusal")
        why = f'refused: "{clean(refusal, 200)}"' if isinstance(refusal, str) else f"said nothing ({finish})"
        mend = "Raise max_tokens." if finish == "length" else "Ask otherwise, or ask another model."
        raise AnswerError(f"The model {why}.", mend, tokens_in=tokens_in, tokens_out=tokens_out)
    name = reply.get("model")
    name = clean(name, 200) if isinstance(name, str) and name else model
    return Answer(text, None, tokens_in, tokens_out, name, finish)


def error_words(document: Any) -> str:
    """What a server says in a JSON document of an error, a few cleaned words of it; "" where it says nothing."""
    for name in ("error", "message", "detail"):
        if isinstance(document, dict) and name in document:
            document = document[name]
    return clean(document, 200) if isinstance(document, str) else ""


def _tokens(reply: Mapping[str, Any], name: str) -> int | None:
    usage = reply.get("usage")
    count = usage.get(name) if isinstance(usage, dict) else None
    return count if isinstance(count, int) and not isinstance(count, bool) and count >= 0 else None
