"""Trying again: exponential back-off with jitter, and one gate at which all threads wait when a server asks for it."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from einthoven.ecg import UsageError
from einthoven.llm.errors import EndpointError

T = TypeVar("T")


@dataclass(frozen=True)
class Patience:
    """How often, and after how long, a request is sent again.

    Args:
        retries: after the first try.
        first: seconds before the first of them, doubled for each further one and shortened by up to a half at random,
            so that many threads do not come back at once.
        longest: seconds that are waited at most, whatever a server asks for in `Retry-After`.
    """

    retries: int = 4
    first: float = 0.5
    longest: float = 60.0

    def __post_init__(self) -> None:
        if self.retries < 0 or self.first < 0 or self.longest < 0:
            raise UsageError("Retries and waits cannot be below 0.", "Set retries to 0 for a single try.")

    def wait(self, tries: int, asked: float | None) -> float:
        """Seconds before try number `tries` + 1, where a server asked for `asked`."""
        own = self.first * 2.0 ** min(tries - 1, 30) * random.uniform(0.5, 1.0)
        return min(self.longest, max(own, asked or 0.0))


class Gate:
    """Shut for some seconds when a server is overloaded: no thread sends anything before it opens."""

    def __init__(self) -> None:
        self._opens = 0.0
        self._lock = threading.Lock()

    def shut(self, seconds: float) -> None:
        """Nobody passes for so long; a longer wait that is on already stays."""
        with self._lock:
            self._opens = max(self._opens, time.monotonic() + seconds)

    def wait(self) -> None:
        """Returns when it is open."""
        while (left := self._opens - time.monotonic()) > 0:
            time.sleep(left)


def persist(function: Callable[[], T], patience: Patience, gate: Gate) -> T:
    """What `function` returns, tried again while it fails with what may pass.

    Raises:
        EndpointError: the last failure, with the number of tries.
    """
    tries = 0
    while True:
        gate.wait()
        tries += 1
        try:
            return function()
        except EndpointError as fault:
            if not fault.again:
                raise
            if tries > patience.retries:
                if tries > 1:
                    fault.message += f" It was tried {tries} times."
                raise
            wait = patience.wait(tries, fault.wait)
            if fault.status in (429, 503):
                gate.shut(wait)
            else:
                time.sleep(wait)
