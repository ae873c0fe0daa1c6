"""A reader that has seen enough ends a command quietly; output that cannot be written is told."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from einthoven.cli import main
from einthoven.cli.demo import demo_file
from einthoven.cli.output import ended
from einthoven.ecg import FileError

FULL = Path("/dev/full")


@pytest.fixture
def unread(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """`unread("stdout")`: what is written there goes into a pipe that nobody reads."""
    streams = []

    def put(name: str) -> None:
        read, write = os.pipe()
        os.close(read)
        streams.append(os.fdopen(write, "w", encoding="utf-8"))
        monkeypatch.setattr(sys, name, streams[-1])

    yield put
    for stream in streams:
        stream.close()


def code_of(monkeypatch: pytest.MonkeyPatch, *words: object) -> int:
    monkeypatch.setattr(sys, "argv", ["einthoven", *map(str, words)])
    with pytest.raises(SystemExit) as done:
        main()
    return int(done.value.code or 0)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("--help",), 0),
        (("--version",), 0),
        (("read", demo_file()), 0),
        (("read", demo_file(), "--json"), 0),
        (("read", "nothing", "--json"), 1),
        (("read", "--nothing", "--json"), 2),
    ],
)
def test_every_command_ends_quietly_where_nobody_reads(monkeypatch, capsys, unread, words, code) -> None:
    unread("stdout")
    assert code_of(monkeypatch, *words) == code
    assert capsys.readouterr().err == ""


def test_an_error_keeps_its_code_where_nobody_reads_it(monkeypatch, unread) -> None:
    unread("stdout"), unread("stderr")
    assert code_of(monkeypatch, "read", "nothing") == 1


@pytest.mark.parametrize("size", [1, 10_000, 1_000_000])
def test_what_is_long_ends_as_quietly(unread, size: int) -> None:
    unread("stdout")
    said = []

    def run() -> int:
        for _ in range(3):
            print("x" * size)
        said.append(True)
        return 1

    assert ended(run) == (1 if said else 0)
    assert bool(said) is (size == 1)  # what fits into a buffer is found at the end
    print("more")  # leads nowhere
    sys.stdout.flush()


def test_a_pipe_that_broke_elsewhere_is_no_end_of_output() -> None:
    def run() -> int:
        raise BrokenPipeError

    with pytest.raises(BrokenPipeError):
        ended(run)


@pytest.mark.skipif(not FULL.exists(), reason="needs /dev/full")
@pytest.mark.parametrize("size", [1, 10_000])
def test_a_full_disk_is_told(monkeypatch, size: int) -> None:
    with FULL.open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        with pytest.raises(FileError, match="cannot be written: No space left"):
            ended(lambda: print("x" * size) or 0)
        assert code_of(monkeypatch, "read", demo_file()) == 0  # it leads nowhere by now
    with FULL.open("w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert code_of(monkeypatch, "read", demo_file(), "--json") == 1


def test_the_process_itself_says_nothing_at_its_end() -> None:
    command = [sys.executable, "-m", "einthoven", "read", str(demo_file())]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        said = process.stderr.read()
    assert (process.returncode, said) == (0, b"")
