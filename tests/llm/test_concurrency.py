"""Many calls at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from einthoven.ecg import UsageError
from einthoven.llm import AccessError, AnswerError, NotTriedError, Progress, map_concurrently


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(max_size=3), st.integers(), max_size=20), st.integers(1, 9), st.sets(st.integers(0, 19)))
def test_every_key_has_its_own_outcome(items, limit, failing) -> None:
    fails = {value for place, value in enumerate(items.values()) if place in failing}

    def call(value: int) -> int:
        if value in fails:
            raise AnswerError(str(value))
        return value + 1

    seen: list[Progress] = []
    outcomes = map_concurrently(call, items, limit, seen.append, give_up_after=None)
    assert outcomes.results == {key: value + 1 for key, value in items.items() if value not in fails}
    assert {key: str(fault) for key, fault in outcomes.failures.items()} == {
        key: str(value) for key, value in items.items() if value in fails
    }
    assert list(outcomes.results) == [key for key in items if key in outcomes.results]
    assert [one.done + one.failed for one in seen] == list(range(1, len(items) + 1))


def test_no_more_than_the_limit_at_a_time() -> None:
    now, most, lock = 0, 0, threading.Lock()

    def call(_: int) -> None:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.005)
        with lock:
            now -= 1

    map_concurrently(call, {n: n for n in range(40)}, limit=3)
    assert most == 3
    with pytest.raises(UsageError):
        map_concurrently(call, {1: 1}, limit=0)


def test_a_row_of_failures_ends_it_and_names_what_was_not_tried() -> None:
    calls: list[int] = []

    def call(n: int) -> int:
        calls.append(n)
        time.sleep(0.001)  # else all calls are over before their failures are read
        if n >= 10:
            raise AnswerError("dead")
        return n

    outcomes = map_concurrently(call, {n: n for n in range(1000)}, limit=1, give_up_after=3)
    assert outcomes.results == {n: n for n in range(10)}
    assert len(outcomes.failures) == 990 and len(calls) < 900
    last = outcomes.failures[999]
    assert isinstance(last, NotTriedError) and "dead" in str(last)


@pytest.mark.parametrize("fault", [AccessError("no key"), ZeroDivisionError(), SystemExit(1)])
def test_what_fails_for_all_alike_is_raised_and_results_are_stored(fault) -> None:
    stored: dict[int, int] = {}

    def call(n: int) -> int:
        if n == 5:
            raise fault
        return n

    with pytest.raises(type(fault)):
        map_concurrently(call, {n: n for n in range(100)}, limit=1, store=stored.__setitem__)
    assert set(range(5)) <= set(stored)


INTERRUPTED = """
import sys, time
from einthoven.llm import map_concurrently

def call(n):
    time.sleep(0 if n < 3 else 60)
    return n

def store(key, result):
    print("stored", key, flush=True)

try:
    map_concurrently(call, {n: n for n in range(9)}, 2, store=store)
except KeyboardInterrupt:
    print("interrupted")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal of POSIX")
def test_an_interrupt_ends_it_though_calls_are_under_way() -> None:
    process = subprocess.Popen([sys.executable, "-c", INTERRUPTED], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = [process.stdout.readline() for _ in range(3)]
    start = time.monotonic()
    os.kill(process.pid, signal.SIGINT)
    rest, _ = process.communicate(timeout=20)
    assert sorted(lines) == ["stored 0\n", "stored 1\n", "stored 2\n"]
    assert rest == "interrupted\n" and process.returncode == 0
    assert time.monotonic() - start < 10
