"""An OpenAI-compatible endpoint: vLLM, Ollama, llama.cpp, a cloud."""

from __future__ import annotations

import os
import re
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from einthoven.ecg import UsageError
from einthoven.llm.address import Address, read_address
from einthoven.llm.chat import MAX_TOKENS, Answer, Message, Schema
from einthoven.llm.embeddings import EmbeddingArray, embedded
from einthoven.llm.errors import AccessError, EndpointError, RemoteError
from einthoven.llm.exchange import Settings, chat_body, read_reply
from einthoven.llm.patience import Gate, Patience, persist
from einthoven.llm.schema import check_schema
from einthoven.llm.structured import form_of, in_form, told_of
from einthoven.llm.wire import LARGEST_ANSWER, Wire

_VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")
_REFUSALS = frozenset((400, 415, 422, 501))


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


class _State:
    """What an endpoint learns while it is used."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.gate = Gate()
        self.wire: Wire | None = None
        self.form = 0


@dataclass(frozen=True)
class Endpoint:
    """One model behind one address; safe to share among threads.

    Args:
        url: of the server, with its path, such as http://localhost:11434/v1; `/v1` is added where it has none.
        model: its name there.
        key_from: the name of the environment variable that holds the key; None sends none.
        allow_remote: whether the address may be another machine's; on this machine count only `localhost`, 127.x.x.x
            and ::1, written out.
        timeout: seconds that one try may take.
        patience: how often, and after how long, it is tried again.
        largest: bytes that an answer may have.
        tell: gets the sentence on what leaves the machine, once, before the first request to a remote address;
            standard error by default.

    Raises:
        RemoteError: a remote address without `allow_remote`.
        UsageError: an address or a setting that cannot be meant.
    """

    url: str
    model: str
    key_from: str | None = None
    allow_remote: bool = False
    timeout: float = 120.0
    patience: Patience = field(default_factory=Patience)
    largest: int = LARGEST_ANSWER
    tell: Callable[[str], None] = field(default=_say, repr=False, compare=False)
    _state: _State = field(default_factory=_State, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        address = self.address
        if not self.model.strip() or not self.model.isprintable():
            raise UsageError("The endpoint's model has no name.", "Name one that the server offers.")
        if self.key_from is not None and not _VARIABLE.fullmatch(self.key_from):
            # Not repeated, because it may be the key itself.
            raise UsageError(
                "key_from is not the name of an environment variable.",
                "Put the key into one, such as EINTHOVEN_LLM_KEY, and give its name in capitals.",
            )
        if not self.timeout > 0 or self.largest < 1:
            raise UsageError("The timeout or the largest answer is not above 0.", "Leave them out for the defaults.")
        if not address.local and not self.allow_remote:
            raise RemoteError(
                f"{address.origin} is not this machine: what is asked would leave it.",
                "Give --allow-remote (allow_remote=True) if that may be, or use a local server or a GGUF file.",
            )

    def __repr__(self) -> str:
        key = f", key_from={self.key_from!r}" if self.key_from else ""
        return f"Endpoint({self.address.base!r}, {self.model!r}{key}, allow_remote={self.allow_remote})"

    @property
    def address(self) -> Address:
        """Where it is."""
        return read_address(self.url)

    @property
    def name(self) -> str:
        """The model and its address, such as `qwen2.5:7b at http://localhost:11434`."""
        return f"{self.model} at {self.address.origin}"

    @property
    def leaves(self) -> str:
        """What leaves this machine, in a sentence; "" where nothing does."""
        address = self.address
        if address.local:
            return ""
        key = f", with the key in {self.key_from}" if self.key_from else ""
        open_line = "" if address.encrypted else " The connection is not encrypted: others on the way can read it."
        return (
            f"Leaves this machine: the whole text of every prompt (statements, passages, questions) and of every text "
            f"to embed goes to {address.origin}, for model {self.model}{key}.{open_line}"
        )

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0,
        seed: int | None = None,
    ) -> Answer:
        """As `Chat.complete`.

        A schema is asked for as json_schema; where the server refuses that, as json_object with the schema in words,
        and else in words alone. What it refused is not tried again.
        """
        settings = Settings(max_tokens, temperature, seed)
        if schema is None:
            return self._chat(messages, settings, None)
        check_schema(schema)
        return in_form(lambda turns: self._chat_in_form(turns, settings, schema), messages, schema)

    def embed(self, texts: Sequence[str]) -> EmbeddingArray:
        """Embeddings of texts, in their order.

        Returns:
            float32 of shape (texts, dimensions), L2-normalised.

        Raises:
            LanguageModelError: no embeddings, or not one for each text.
        """
        return embedded(self._post_embeddings, texts)

    def _chat_in_form(self, messages: Sequence[Message], settings: Settings, schema: Schema) -> Answer:
        told = told_of(messages, schema)
        forms = ((messages, form_of(schema)), (told, {"type": "json_object"}), (told, None))
        for place in range(self._state.form, len(forms)):
            turns, form = forms[place]
            try:
                answer = self._chat(turns, settings, form)
            except EndpointError as fault:
                if fault.status not in _REFUSALS or place == len(forms) - 1:
                    raise
            else:
                self._state.form = max(self._state.form, place)
                return answer
        raise AssertionError("the last form either answers or raises")

    def _chat(self, messages: Sequence[Message], settings: Settings, form: Mapping[str, Any] | None) -> Answer:
        body = chat_body(messages, settings, form)

        def once() -> Answer:
            return read_reply(self._wire().post("chat", {"model": self.model, **body}), self.model)

        return persist(once, self.patience, self._state.gate)

    def _post_embeddings(self, body: dict[str, Any]) -> dict[str, Any]:
        def once() -> dict[str, Any]:
            return self._wire().post("embeddings", {"model": self.model, **body})

        return persist(once, self.patience, self._state.gate)

    def _wire(self) -> Wire:
        with self._state.lock:
            if self._state.wire is None:
                wire = Wire(self.address, self.timeout, self._key, self.largest)
                self._key()  # one that is lacking is told before anything leaves
                if self.leaves:
                    self.tell(self.leaves)
                self._state.wire = wire
            return self._state.wire

    def _key(self) -> str | None:
        """The key, read anew at each request so that nothing here keeps it."""
        if self.key_from is None:
            return None
        key = os.environ.get(self.key_from, "").strip()
        if not key:
            raise AccessError(
                f"The environment variable {self.key_from} holds no key.", "Set it to the endpoint's key."
            )
        if not key.isascii() or not key.isprintable() or " " in key:
            raise AccessError(
                f"The key in {self.key_from} holds blanks or letters that no key has.", "Copy it once more."
            )
        return key
