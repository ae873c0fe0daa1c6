"""The entry point: runs a command, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import contextlib
import io
import json
import os
import signal
import sys
from typing import Annotated, Any

import typer

from einthoven.cli import (
    archives,
    ask,
    bundle,
    caption,
    classify,
    compare,
    convert,
    cqa,
    data,
    demo,
    describe,
    draw,
    evaluation,
    everything,
    figure,
    files,
    handbook,
    knowledge,
    measure,
    qa,
    reports,
    search,
    statements,
    studies,
    tasks,
    texts,
    training,
    written,
)
from einthoven.cli.output import ended
from einthoven.cli.terminal import say
from einthoven.ecg import EinthovenError, FileError, UsageError

# The base of what typer raises on a wrong command line; it lies in click or in typer, by typer's version.
_Misuse: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
DONE, REFUSED, WRONG_USAGE, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="einthoven",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


def _version(asked: bool) -> None:
    if asked:
        import importlib.metadata

        print(importlib.metadata.version("einthoven"))
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
) -> None:
    """Reads 12-lead ECGs, finds similar ones in an archive, drafts reports with evidence.

    Research use only. Not a medical device. Not for diagnosis or treatment.
    """


app.command("read")(files.read)
app.command("measure")(measure.measure)
app.command("draw")(draw.draw)
app.command("convert")(convert.convert)
app.command("report")(reports.report)
app.command("compare")(compare.compare)
app.command("ask")(ask.ask)
app.command("classify")(classify.classify)
app.command("search")(search.search)
app.command("caption")(caption.caption)
app.add_typer(archives.app, name="archive")
app.add_typer(data.app, name="data")
app.command("train")(training.train)
tasks.add_to(evaluation.app)
written.add_to(evaluation.app)
texts.add_to(evaluation.app)
cqa.add_to(evaluation.app)
qa.add_to(evaluation.app)
everything.add_to(evaluation.app)
app.add_typer(evaluation.app, name="evaluate")
app.add_typer(studies.app, name="study")
app.add_typer(statements.app, name="statements")
handbook.add_to(knowledge.app)
app.command("describe")(describe.describe)
app.add_typer(knowledge.app, name="knowledge")
app.command("figure")(figure.figure)
app.command("demo")(demo.demo)
app.command("bundle")(bundle.bundle)


def main() -> None:
    """Runs the command line; exits with 0 (done), 1 (refused with a clear error), 2 (wrong usage) or 130 (interrupted).

    Wrong usage is what cannot be meant, whether typer finds it (a letter for a number) or we do (`UsageError`). A
    reader that does not want the rest of the output (`| head`) ends a command quietly, with 0.
    """
    signal.signal(signal.SIGTERM, _interrupt)
    if sys.platform == "win32":
        signal.signal(signal.SIGBREAK, _interrupt)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a letter that the code page lacks is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    try:
        code = ended(_run)
    except FileError as fault:  # standard output leads nowhere now
        say(f"Error: {fault.message}", sys.stderr)
        say(f"       {fault.mend}", sys.stderr)
        code = REFUSED
    sys.exit(code)


def _run() -> int:
    """Runs a command, says what went wrong, and gives the exit code.

    Raises:
        OSError: what is said cannot be written.
    """
    try:
        code = app(standalone_mode="--json" not in sys.argv)
    except EinthovenError as fault:
        return _told(fault, WRONG_USAGE if fault.kind == UsageError.kind else REFUSED)
    except _Misuse as fault:  # only with --json, which answers a wrong command line in JSON too
        return _told(UsageError(fault.format_message(), "See einthoven --help."), WRONG_USAGE)
    except KeyboardInterrupt:
        return _interrupted()
    except SystemExit as done:
        if isinstance(done.__context__, OSError):  # typer makes an exit of a pipe whose reader has gone
            raise done.__context__ from None
        code = done.code
    if code == INTERRUPTED:  # typer makes an exit of an interruption, and says nothing
        return _interrupted()
    return code if isinstance(code, int) else DONE


def _interrupted() -> int:
    _unstoppable()
    fault = _InterruptionError("Interrupted. What was complete before is kept.", AGAIN)
    return _told(fault, INTERRUPTED)


def _unstoppable() -> None:
    """What is said is said whole, and once."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)


AGAIN = "Give the same command again, with --resume if it has that option."


class _InterruptionError(EinthovenError):
    kind = "interrupted"


def _interrupt(number: int, frame: object) -> None:
    """A request to end is an interruption: what is half-built is cleared away."""
    raise KeyboardInterrupt


def _told(fault: EinthovenError, code: int) -> int:
    """Says what went wrong, as far as anybody reads it; gives the exit code."""
    from einthoven.training.faults import FOLDER, leave

    if FOLDER in os.environ:  # one of several processes: one error is told by who started them
        _unstoppable()  # whoever started this process asks all to end when one has
        if leave(fault):
            return code
    with contextlib.suppress(OSError):  # `ended` meets it again
        if "--json" in sys.argv:
            print(json.dumps(fault.to_dict()), flush=True)
        else:
            say(f"Error: {fault.message}", sys.stderr)
            if fault.mend:
                say(f"       {fault.mend}", sys.stderr)
    return code
