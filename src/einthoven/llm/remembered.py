"""A language model whose answers are kept in one SQLite file: an interrupted job asks for nothing a second time."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from einthoven.ecg import FileError
from einthoven.ecg.database import Database
from einthoven.llm.chat import MAX_TOKENS, Answer, Chat, Message, Schema
from einthoven.llm.errors import AnswerError

_TABLES = {"answers": "key TEXT PRIMARY KEY, failed INTEGER NOT NULL, value TEXT NOT NULL"}


class Remembered:
    """Answers as the model that it wraps, and each as soon as it is there stands in the file.

    What is kept is what the model said, whatever is made of it afterwards: code that judges answers can change, and the
    same answers are judged anew. The same question under the same settings gets the answer that is kept, at a
    temperature above 0, too. An answer that could not be read is kept as well, and fails again: asking until one can be
    read would flatter the model. An endpoint that was not reached is asked again.

    Args:
        chat: the model; its name is part of each key.
        path: the file, made for its owner alone (0600): it holds answers, and of the questions a hash.

    Raises:
        FileError: the file cannot be made, or is no such file.
    """

    def __init__(self, chat: Chat, path: Path) -> None:
        self.chat, self.path = chat, path
        self._open = Database(path, _TABLES).use

    @property
    def name(self) -> str:
        """The model's."""
        return self.chat.name

    def complete(
        self,
        messages: Sequence[Message],
        schema: Schema | None = None,
        max_tokens: int = MAX_TOKENS,
        temperature: float = 0,
        seed: int | None = None,
    ) -> Answer:
        """As `Chat.complete`.

        Raises:
            LanguageModelError: as the model does, or did.
            FileError: the file is damaged, or cannot be written.
        """
        asked = [[asdict(one) for one in messages], schema, max_tokens, temperature, seed]
        key = hashlib.sha256(json.dumps([self.name, *asked], sort_keys=True).encode()).hexdigest()
        if (found := self._get(key)) is not None:
            return found
        try:
            answer = self.chat.complete(messages, schema, max_tokens, temperature, seed)
        except AnswerError as fault:
            self._put(key, True, {**vars(fault), "message": fault.message, "mend": fault.mend})
            raise
        self._put(key, False, asdict(answer))
        return answer

    def _get(self, key: str) -> Answer | None:
        with self._open() as file:
            row = file.execute("SELECT failed, value FROM answers WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        try:
            value = json.loads(row[1])
            made: Answer | AnswerError = AnswerError(**value) if row[0] else Answer(**value)
        except (ValueError, TypeError):
            raise FileError(
                f"{self.path} is damaged: what it keeps under {key[:12]} cannot be read.",
                "Restore a copy, or name a new file: its answers are then asked for anew.",
            ) from None
        if isinstance(made, AnswerError):
            raise made
        return made

    def _put(self, key: str, failed: bool, value: dict[str, object]) -> None:
        with self._open() as file:
            file.execute("INSERT OR REPLACE INTO answers VALUES (?, ?, ?)", (key, failed, json.dumps(value)))
