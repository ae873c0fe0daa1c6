"""Running the command line in this process, and ECG files of known kind."""

from __future__ import annotations

import json
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

import pytest

from einthoven.cli import main
from einthoven.formats.told import Told
from einthoven.ingest import guard
from einthoven.ingest.limits import Limits


@dataclass(frozen=True)
class Said:
    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`run("read", file)` is `einthoven read FILE`: exit code, standard output, standard error."""

    def call(*words: object) -> Said:
        monkeypatch.setattr(sys, "argv", ["einthoven", *map(str, words)])
        code = 0
        try:
            main()
        except SystemExit as done:
            code = int(done.code or 0)
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call


@pytest.fixture(scope="session")
def idle_readers() -> Iterator[dict[Any, list[Any]]]:
    """Processes that read files, by what they were told, when no command uses them."""
    idle: dict[Any, list[Any]] = defaultdict(list)
    yield idle
    for one in chain.from_iterable(idle.values()):
        one.close()


@pytest.fixture(autouse=True)
def readers_stay(monkeypatch: pytest.MonkeyPatch, idle_readers: dict[Any, list[Any]]) -> None:
    """Commands hand their reading processes on to the next test's: to start them costs more than most tests."""
    start = guard._Supervisor

    class Lent:
        def __init__(self, limits: Limits, told: Told) -> None:
            self.idle = idle_readers[limits, told]
            self.reader = self.idle.pop() if self.idle else start(limits, told)
            self.read = self.reader.read

        def close(self) -> None:
            self.idle.append(self.reader)

    monkeypatch.setattr(guard, "_Supervisor", Lent)
