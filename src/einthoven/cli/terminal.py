"""What all commands share: options, JSON on stdout, progress on stderr."""

from __future__ import annotations

import importlib.util
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from einthoven.ecg import MissingPackageError, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable

    from einthoven.models import Model
    from einthoven.retrieval import Archive

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="A checkpoint folder or hub name. Default: the bundled model.", metavar="CHECKPOINT"),
]


def print_json(document: Any) -> None:
    """One JSON document on stdout; what a terminal would act upon stands in it as an escape."""
    # A redirected stream has the code page of Windows, which lacks most letters: ASCII is read everywhere.
    speaks_unicode = (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"
    text = json.dumps(document, ensure_ascii=not speaks_unicode, allow_nan=False)
    if not text.isprintable():
        text = "".join(letter if letter.isprintable() else _escaped(letter) for letter in text)
    print(text)


def _escaped(letter: str) -> str:
    units = letter.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def say(line: str, file: TextIO | None = None) -> None:
    """One line for people. Names from files are in it, so whatever a terminal would act upon is left out."""
    if not line.isprintable():
        from einthoven.formats.text import clean

        line = line[: len(line) - len(line.lstrip(" "))] + clean(line, 4000)
    print(line, file=file)


@contextmanager
def progress_line() -> Iterator[Callable[[str], None]]:
    """A function that shows one changing line on stderr, if that is a terminal; the line is gone at the end."""
    shown = sys.stderr.isatty()
    last, width = 0.0, 0

    def show(text: str) -> None:
        nonlocal last, width
        if shown and time.monotonic() - last > 0.1:
            last = time.monotonic()
            # Blanks, because not every terminal of Windows knows the escape sequence that clears a line.
            print(f"\r{text.ljust(width)}", end="", file=sys.stderr, flush=True)
            width = len(text)

    try:
        yield show
    finally:
        if shown:
            print(f"\r{' ' * width}\r", end="", file=sys.stderr, flush=True)


def open_model(name: str | None) -> Model:
    """The checkpoint that `--model` names, or the bundled one."""
    from einthoven.models import load_model

    return load_model(name)


def open_archive(folder: str | Path | None, model: str | None) -> Archive:
    """The archive that `--archive` names, or the one that ships."""
    from einthoven.retrieval import Archive, demo_archive

    if folder:
        return Archive.open(folder, open_model(model))
    if model is not None:
        open_model(model)  # one that is not there is the first thing to know
        raise UsageError("The archive that ships goes with the bundled model.", "Name your own with --archive.")
    return demo_archive()


def need_packages(extra: str, *modules: str) -> None:
    """Refuses a command whose optional packages are missing, naming the extra that brings them.

    Raises:
        MissingPackageError: one of them is not installed.
    """
    lacking = [name for name in modules if importlib.util.find_spec(name) is None]
    if lacking:
        raise MissingPackageError(
            f"This command needs packages that are not installed: {', '.join(lacking)}.",
            f"Install them: pip install 'einthoven[{extra}]'.",
        )
