"""What a language model is here: messages in, one answer out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, Protocol

Schema = Mapping[str, Any]
MAX_TOKENS = 512


@dataclass(frozen=True)
class Message:
    """One turn. Markers by which models tell turns apart are taken out of `text` before it is sent (see `markers`)."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Answer:
    """What a model said.

    Args:
        text: its words, unchanged: whoever shows them cleans them first.
        parsed: the JSON value in them, valid for the schema that was asked for; None where none was.
        tokens_in: of the prompt, summed over a second asking; None where the server does not count.
        tokens_out: of the answer, likewise.
        model: its name, as the server gives it.
        finish: why it ended: "stop", "length" (it was cut at `max_tokens`) or another word of the server's.
    """

    text: str
    parsed: Any
    tokens_in: int | None
    tokens_out: int | None
    model: str
    finish: str


class Chat(Protocol):
    """Anything that answers messages: an `Endpoint`, a `Local` file, a stand-in of a test."""

    @property
    def name(self) -> str:
        """Which model this is, for caches and for those who read its words."""

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0,
        seed: int | None = None,
    ) -> Answer:
        """Asks once; with a schema, the answer's `parsed` is valid for it or an error is raised.

        Args:
            messages: the conversation so far, the last one the user's.
            schema: a JSON schema of the kind that `einthoven.llm.schema` knows.
            max_tokens: at most so many in the answer.
            temperature: 0 for the likeliest answer.
            seed: for servers that heed one.

        Raises:
            LanguageModelError: no answer, or none of the form that was asked for.
            UsageError: no messages, or a schema that is not known here.
        """
