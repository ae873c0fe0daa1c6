"""A language model in a GGUF file, run in this process by xllamacpp (llama.cpp); nothing leaves the machine."""

from __future__ import annotations

import hashlib
import os
import secrets
import threading
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from einthoven.ecg import FileError, MissingPackageError, ModelError, UsageError
from einthoven.llm.chat import MAX_TOKENS, Answer, Message, Schema
from einthoven.llm.embeddings import EmbeddingArray, embedded
from einthoven.llm.errors import EndpointError
from einthoven.llm.exchange import Settings, chat_body, error_words, read_reply
from einthoven.llm.schema import check_schema
from einthoven.llm.structured import form_of, in_form


class Local:
    """A GGUF file; loaded at the first question, safe to share among threads.

    llama.cpp reads the file with native code: take one only from where you would take a program.

    Args:
        path: of the file; of several, of the first.
        context: tokens that a prompt and its answer may have together.
        parallel: how many questions are worked on at once; the others wait.
        threads: of the processor; by default `idle_threads`.
        embeds: whether it also gives embeddings, the mean over tokens unless the file says otherwise.

    Raises:
        FileError: no such file.
        ModelError: not a GGUF file.
        UsageError: a setting that cannot be meant.
    """

    def __init__(
        self,
        path: str | Path,
        context: int = 4096,
        parallel: int = 1,
        threads: int | None = None,
        embeds: bool = False,
    ) -> None:
        self.path = Path(path)
        if context < 64 or parallel < 1 or (threads is not None and threads < 1):
            raise UsageError("context is below 64, or parallel or threads below 1.", "Leave them out for the defaults.")
        try:
            with self.path.open("rb") as file:
                magic = file.read(4)
        except OSError:
            raise FileError(f"There is no model file {self.path}.", "Give the path of a .gguf file.") from None
        if magic != b"GGUF":
            raise ModelError(f"{self.path} is no GGUF file.", "Give a model in llama.cpp's format.")
        self._context, self._parallel, self._threads, self._embeds = context, parallel, threads, embeds
        self._lock = threading.Lock()
        self._server: Any = None

    def __repr__(self) -> str:
        return f"Local({str(self.path)!r})"

    @cached_property
    def name(self) -> str:
        """The file's name and the beginning of its SHA-256, which takes about a second a gigabyte once."""
        with self.path.open("rb") as file:
            return f"{self.path.stem} (sha256 {hashlib.file_digest(file, 'sha256').hexdigest()[:12]})"

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0,
        seed: int | None = None,
    ) -> Answer:
        """As `Chat.complete`; a schema becomes a grammar, so that no other form can be generated."""
        settings = Settings(max_tokens, temperature, seed)
        if schema is None:
            return self._chat(messages, settings, None)
        check_schema(schema)
        form = form_of(schema)
        return in_form(lambda turns: self._chat(turns, settings, form), messages, schema)

    def embed(self, texts: Sequence[str]) -> EmbeddingArray:
        """Embeddings of texts, in their order.

        Returns:
            float32 of shape (texts, dimensions), L2-normalised.

        Raises:
            UsageError: it was not opened with `embeds`.
            EndpointError: a text that is longer than the context.
        """
        if not self._embeds:
            raise UsageError(f"{self.path.name} was not opened for embeddings.", "Open it with embeds=True.")
        return embedded(lambda body: self._handled("handle_embeddings", body), texts)

    def _chat(self, messages: Sequence[Message], settings: Settings, form: Mapping[str, Any] | None) -> Answer:
        reply = self._handled("handle_chat_completions", chat_body(messages, settings, form))
        return read_reply({**reply, "model": self.name}, self.name)

    def _handled(self, method: str, body: dict[str, Any]) -> dict[str, Any]:
        try:
            reply = getattr(self._loaded(), method)(body)
        except (ValueError, RuntimeError) as fault:
            reply = {"error": {"message": str(fault)}}
        if not isinstance(reply, dict) or reply.get("error"):
            raise EndpointError(
                f'{self.path.name} cannot answer: "{error_words(reply) or "no reason given"}".',
                "Shorten the prompt, or open the file with a larger context.",
            )
        return reply

    def _loaded(self) -> Any:
        with self._lock:
            if self._server is None:
                self._server = self._load()
            return self._server

    def _load(self) -> Any:
        try:
            import xllamacpp
        except ImportError:
            raise MissingPackageError(
                "Language models in a file need the xllamacpp package.", "Install it: pip install 'einthoven[llm]'."
            ) from None
        params = xllamacpp.CommonParams()
        params.model.path = str(self.path)
        params.n_ctx = self._context * self._parallel
        params.n_parallel = self._parallel
        params.cpuparams.n_threads = self._threads or idle_threads()
        params.warmup = False
        params.offline = True
        params.cache_ram_mib = 0  # earlier prompts would be kept in memory, up to 8 GiB of them
        params.verbosity = -1  # its log would hold the prompts
        # The library opens a port of 127.0.0.1, which other users of this machine could reach; without the key it
        # answers them nothing.
        params.ui = False
        params.api_keys = [secrets.token_urlsafe(32)]
        if self._embeds:
            params.embedding = True
            params.pooling_type = xllamacpp.llama_pooling_type.LLAMA_POOLING_TYPE_MEAN
        try:
            return xllamacpp.Server(params)
        except RuntimeError:
            raise ModelError(
                f"{self.path} cannot be loaded: damaged, too large for this machine, or of a kind not known.",
                "Try a smaller context, or the file with llama.cpp's own programs.",
            ) from None


def idle_threads() -> int:
    """Threads that a model may have: what `OMP_NUM_THREADS` says, else the cores that nothing else keeps busy.

    llama.cpp's threads wait for each other at every layer, and by spinning: with one more than there are idle cores
    each word takes many times as long as with one thread alone, and a question seems to hang.
    """
    wanted = os.environ.get("OMP_NUM_THREADS", "")
    if wanted.isdecimal() and int(wanted) > 0:
        return int(wanted)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0
    return max(1, cores - round(busy))
