"""What can go wrong with a language model. No message holds a key, nor more than a few cleaned words of a server."""

from __future__ import annotations

from einthoven.ecg import EinthovenError


class LanguageModelError(EinthovenError):
    """Base of what can go wrong between a question to a language model and its answer."""

    kind = "language-model"


class RemoteError(LanguageModelError):
    """An endpoint on another machine that nobody has allowed."""

    kind = "remote"


class AccessError(LanguageModelError):
    """A key that is lacking, malformed, or refused by the endpoint."""

    kind = "access"


class EndpointError(LanguageModelError):
    """An endpoint that cannot be reached, refuses, breaks off, or answers with something that is no answer.

    Args:
        status: of HTTP, where there was one.
        again: whether the same request may succeed later.
        wait: seconds that the endpoint asked to wait for.
    """

    kind = "endpoint"

    def __init__(
        self, message: str, mend: str = "", *, status: int | None = None, again: bool = False, wait: float | None = None
    ) -> None:
        super().__init__(message, mend)
        self.status = status
        self.again = again
        self.wait = wait


class AnswerError(LanguageModelError):
    """A model whose answer is empty, cut short, or not of the form that was asked for.

    Args:
        text: what it said last.
        tokens_in: that were spent on it all the same, where the server counts them; `tokens_out` likewise.
    """

    kind = "answer"

    def __init__(
        self,
        message: str,
        mend: str = "",
        *,
        text: str = "",
        tokens_in: int | None = None,
        tokens_out: int | None = None,
    ) -> None:
        super().__init__(message, mend)
        self.text = text
        self.tokens_in = tokens_in
        self.tokens_out = tokens_out


class NotTriedError(LanguageModelError):
    """One of many requests that was not sent, because too many before it had failed in a row."""

    kind = "not-tried"
