"""One request to an OpenAI-compatible server: JSON out, JSON in, through the `openai` package.

That package is told nothing but the address. What leaves this machine is decided here: the body, the key where one was
named, and the few headers that HTTP needs (not the operating system, organisation and project that it adds by itself).
"""

from __future__ import annotations

import importlib
import json
import math
import time
from collections.abc import Callable
from email.utils import parsedate_to_datetime
from typing import Any, Literal, NoReturn
from urllib.parse import urlsplit

from einthoven.ecg import MissingPackageError
from einthoven.formats.text import clean
from einthoven.llm.address import Address
from einthoven.llm.errors import AccessError, EndpointError
from einthoven.llm.exchange import error_words

LARGEST_ANSWER = 32 * 2**20
LARGEST_ERROR = 64 * 2**10
CONNECT_SECONDS = 10.0
_HEADERS = frozenset(("host", "accept", "connection", "content-type", "content-length", "transfer-encoding")).union(
    ("x-stainless-raw-response",)  # the constant by which the package knows that we read the answer ourselves
)
_PASSING = frozenset((408, 409, 425, 429, 500, 502, 503, 504, 529))


class Wire:
    """A server that is spoken to; safe to share among threads.

    Args:
        address: of the server.
        seconds: that one request may take.
        key: gives the key at each request, or None for none; no part of this keeps it.
        largest: bytes that an answer may have.

    Raises:
        MissingPackageError: the `openai` package is not installed.
    """

    def __init__(
        self, address: Address, seconds: float, key: Callable[[], str | None], largest: int = LARGEST_ANSWER
    ) -> None:
        try:
            import openai
        except ImportError:
            raise MissingPackageError(
                "Endpoints of language models need the openai package.", "Install it: pip install 'einthoven[llm]'."
            ) from None
        self._openai = openai
        self._address = address
        self._seconds = seconds
        self._key = key
        self._largest = largest
        # Proxies of the environment are for the world outside: through one, "localhost" would leave this machine.
        http = openai.DefaultHttpxClient(
            follow_redirects=False,
            trust_env=not address.local,
            event_hooks={"request": [self._trim], "response": [self._inspect]},
        )
        # httpx2 or httpx, by the version of openai; its errors come through while an answer is read.
        self._transport = importlib.import_module(type(http).__mro__[-2].__module__.partition(".")[0])
        self._client = openai.OpenAI(
            base_url=address.base,
            api_key="none",
            max_retries=0,
            timeout=openai.Timeout(seconds, connect=min(CONNECT_SECONDS, seconds)),
            http_client=http,
        )

    def post(self, what: Literal["chat", "embeddings"], body: dict[str, Any]) -> dict[str, Any]:
        """The JSON object that the server answers a body with.

        Raises:
            EndpointError: anything else; `again` says whether it may pass.
            AccessError: the server refuses the key.
        """
        resource = self._client.chat.completions if what == "chat" else self._client.embeddings
        ends = time.monotonic() + self._seconds
        try:
            with resource.with_streaming_response.create(**body) as response:
                return self._document(self._read(response, ends))
        except self._openai.APITimeoutError:
            self._too_slow()
        except self._openai.APIConnectionError as fault:
            if isinstance(fault.__cause__, EndpointError | AccessError):  # of `_inspect`
                raise fault.__cause__ from None
            raise EndpointError(
                f"There is no connection to {self._address.origin}.",
                "See whether the server runs, and whether the address and port are right.",
                again=True,
            ) from None
        except self._openai.OpenAIError:
            raise EndpointError(
                f"{self._address.origin} could not be asked.", "See whether its log says more."
            ) from None
        except self._transport.TimeoutException:
            self._too_slow()
        except self._transport.HTTPError:
            raise EndpointError(
                f"{self._address.origin} broke off in the middle of its answer.",
                "See whether the server's log says why.",
                again=True,
            ) from None

    def _read(self, response: Any, ends: float) -> bytes:
        parts, size = [], 0
        for part in response.iter_bytes():
            size += len(part)
            if size > self._largest:
                self._too_large()
            if time.monotonic() > ends:
                self._too_slow()
            parts.append(part)
        return self._without_key(b"".join(parts))

    def _trim(self, request: Any) -> None:
        for name in list(request.headers):
            if name.lower() not in _HEADERS:
                del request.headers[name]
        request.headers["user-agent"] = "einthoven"
        request.headers["accept-encoding"] = "identity"  # what is not packed cannot unpack to gigabytes
        key = self._key()
        if key is not None:
            request.headers["authorization"] = f"Bearer {key}"

    def _inspect(self, response: Any) -> None:
        status, origin = response.status_code, self._address.origin
        if 300 <= status < 400:
            target = _host(response.headers.get("location", "")) or "another path"
            raise EndpointError(
                f"{origin} sends us on to {clean(target, 100)}, which nobody has allowed.",
                "Give the address that it moved to, if you trust it.",
                status=status,
            )
        if 200 <= status < 300:
            if response.headers.get("content-encoding", "identity").lower() != "identity":
                raise EndpointError(f"{origin} packs its answers though it was asked not to.", "Switch that off there.")
            if int(_number(response.headers.get("content-length")) or 0) > self._largest:
                self._too_large()
            return
        self._refuse(status, self._error_body(response), _number_or_date(response.headers.get("retry-after")))

    def _error_body(self, response: Any) -> bytes:
        body, ends = b"", time.monotonic() + self._seconds
        if response.headers.get("content-encoding", "identity").lower() == "identity":
            for part in response.iter_bytes():
                body += part
                if len(body) > LARGEST_ERROR or time.monotonic() > ends:
                    break
        return self._without_key(body[:LARGEST_ERROR])

    def _without_key(self, body: bytes) -> bytes:
        """What a server said without the key, which some repeat; one of fewer than 8 letters is no secret."""
        key = (self._key() or "").encode()
        if len(key) < 8:
            return body
        return body.replace(key, b"(the key)").replace(key.replace(b"/", b"\\/"), b"(the key)")

    def _refuse(self, status: int, body: bytes, wait: float | None) -> NoReturn:
        origin = self._address.origin
        if status in (401, 403):  # such answers are wont to repeat the key: none of their words is shown
            raise AccessError(
                f"{origin} refuses access (HTTP {status}).", "See whether the key, and what it is allowed, are right."
            )
        words = self._words(body)
        said = f' and says: "{words}"' if words else ""
        mend = {
            404: "See whether the address ends in /v1 and the model's name is right.",
            429: "Send fewer requests at a time, or wait.",
        }.get(status, "See whether the server's log says more.")
        raise EndpointError(
            f"{origin} answers with HTTP {status}{said}.", mend, status=status, again=status in _PASSING, wait=wait
        )

    @staticmethod
    def _document(body: bytes) -> dict[str, Any]:
        try:
            document = json.loads(body)
        except (ValueError, RecursionError):
            start = body.lstrip()[:1]
            if start == b"<":
                raise EndpointError(
                    "The endpoint answers with a web page.", "Give the address of its API, which mostly ends in /v1."
                ) from None
            raise EndpointError(
                "The endpoint's answer is no whole JSON document.",
                "See whether its log says more.",
                again=start in (b"{", b""),
            ) from None
        if not isinstance(document, dict):
            raise EndpointError("The endpoint's answer is no JSON object.", "See whether it is OpenAI-compatible.")
        if document.get("error"):
            words = error_words(document)
            raise EndpointError(f'The endpoint answers with an error: "{words}".', "See whether its log says more.")
        return document

    @staticmethod
    def _words(body: bytes) -> str:
        try:
            return error_words(json.loads(body))
        except (ValueError, RecursionError):
            return ""  # a page for people, or something cut

    def _too_slow(self) -> NoReturn:
        raise EndpointError(
            f"{self._address.origin} did not answer within {self._seconds:g} s.",
            "Give it longer with timeout, or ask for fewer tokens.",
            again=True,
        ) from None

    def _too_large(self) -> NoReturn:
        raise EndpointError(
            f"{self._address.origin} answers with more than {self._largest:,} bytes.", "That is no answer to read on."
        ) from None


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if 0 <= number < math.inf else None


def _number_or_date(text: str | None) -> float | None:
    """Seconds from a `Retry-After` (RFC 9110, section 10.2.3)."""
    if (number := _number(text)) is not None or not text:
        return number
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None
