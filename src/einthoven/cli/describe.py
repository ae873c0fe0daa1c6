"""`einthoven describe`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from einthoven.cli.files import write_text
from einthoven.cli.language import (
    AllowRemote,
    EmbedKeyFrom,
    EmbedModel,
    EmbedUrl,
    KeyFrom,
    Llm,
)
from einthoven.cli.measure import DISCLAIMER
from einthoven.cli.terminal import Json, print_json, progress_line, say
from einthoven.ecg import FileError, UsageError

if TYPE_CHECKING:
    from einthoven.knowledge.describe import Assistant, Batch

STDIN = "-"
SHOWN = 10
LARGEST = 64 * 1024 * 1024
MANY = 20
"""Statements from which on a model's work is worth keeping."""


def describe(
    statements: Annotated[
        list[str] | None, typer.Argument(metavar="STATEMENT...", help="Statements of ECG reports, English or German.")
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--from", metavar="FILE.txt", help="A statement a line; - for standard input.")
    ] = None,
    k: Annotated[int | None, typer.Option("--k", min=1, max=20, help="Passages a finding. Default: 2.")] = None,
    knowledge: Annotated[
        Path | None, typer.Option("--knowledge", metavar="DIR", help="Your knowledge base. Default: our handbook.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", metavar="NAME", help="Only of this source; may be given again.")
    ] = None,
    llm: Llm = None,
    llm_model: Annotated[
        str | None,
        typer.Option("--llm-model", "--model", metavar="NAME", help="The language model's name at that address."),
    ] = None,
    key_from: KeyFrom = None,
    prompt: Annotated[
        str | None,
        typer.Option("--prompt", metavar="KEY|TEXT", help="The question to the model; see docs/describe.md."),
    ] = None,
    cache: Annotated[
        Path | None,
        typer.Option("--cache", metavar="FILE", help="Keeps what the model writes. With --out, OUT.kept by default."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, max=256, help="Questions to the model at a time.")] = 4,
    embed_url: EmbedUrl = None,
    embed_model: EmbedModel = None,
    embed_key_from: EmbedKeyFrom = None,
    allow_remote: AllowRemote = False,
    config: Annotated[
        Path | None,
        typer.Option("--config", metavar="FILE.yaml", help="Sources, models, k and prompt, such as cqa_paper.yaml."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.jsonl", help="Write descriptions there, one a line.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Describe what findings look like on a 12-lead ECG, with the sources; notes and unknown statements abstain.

    Without a language model the sources' sentences are quoted. With one, what it writes without support in the passages
    is left out. Give an interrupted command again to go on. Exit code 1 means that the model did not answer for all.
    """
    from einthoven.cli.assistant import Wanted, assistant

    texts = [*(statements or []), *(_lines(file) if file else [])]
    if not texts:
        raise UsageError("No statement is given.", "Write one in quotes, or name a file: --from FILE.txt.")
    if out is not None and not out.resolve().parent.is_dir():
        raise FileError(f"There is no folder for {out}.", "Choose a folder that exists.")
    wanted = Wanted(
        k, knowledge, tuple(source or ()), llm, llm_model, key_from, prompt, cache, out,
        embed_url, embed_model, embed_key_from, allow_remote, config,
    )  # fmt: skip
    with progress_line() as show:
        helper = assistant(wanted, show)
        if helper.chat is not None and helper.kept is None and len(texts) >= MANY:
            say("note: without --cache or --out, an interruption loses what the model has written", sys.stderr)
        batch = helper.describe_all(
            texts, limit, lambda at: show(f"{at.done:,} of {at.total:,} findings described, {at.failed:,} failed")
        )
    _tell(texts, batch, helper, out, as_json)
    if batch.failures:
        raise typer.Exit(1)


def _lines(path: Path) -> list[str]:
    """A file's lines that are not empty.

    Raises:
        FileError: it is not there, too large, or no text.
    """
    from einthoven.knowledge.documents.encoding import decode

    if str(path) == STDIN:
        text = sys.stdin.read(LARGEST + 1)
        if len(text) > LARGEST:
            raise FileError("Standard input has more than 64 MiB.", "Split it.")
    else:
        try:
            if path.stat().st_size > LARGEST:
                raise FileError(f"{path} has more than 64 MiB.", "Split it.")
            content = path.read_bytes()
        except OSError as fault:
            raise FileError(f"{path} cannot be read ({fault.strerror}).", "Give a text file.") from None
        text, notices = decode(content)
        for notice in notices:
            say(f"note: {path}: {notice}", sys.stderr)
    return [line for line in text.replace("\r", "\n").split("\n") if line.strip()]


def _tell(texts: Sequence[str], batch: Batch, helper: Assistant, out: Path | None, as_json: bool) -> None:
    listed = batch.listed(texts)
    if out is not None or as_json:
        faults = batch.failures
        rows: list[dict[str, Any]] = [
            one.to_dict() | {"error": faults[place].to_dict()["error"] if place in faults else None}
            for place, one in enumerate(listed)
        ]
        if out is not None:
            write_text(out, "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
        if as_json:
            print_json(rows)
    if out is None and not as_json:
        for one in listed:
            for line in str(one).splitlines():
                say(line)
            say("")
    aside: TextIO | None = None if out is not None and not as_json else sys.stderr
    if len(texts) > 1 or batch.failures or out is not None:
        for line in _counts(texts, batch, helper):
            say(line, aside)
    if not as_json:
        say(DISCLAIMER)


def _counts(texts: Sequence[str], batch: Batch, helper: Assistant) -> Iterator[str]:
    kinds = Counter(one.kind for one in batch.described.values() if one.abstained)
    abstained = ", ".join(f"{kind} {count:,}" for kind, count in kinds.most_common())
    yield f"statements   {len(texts):,}"
    yield f"described    {sum(not one.abstained for one in batch.described.values()):,}"
    yield f"abstained    {kinds.total():,}{f': {abstained}' if abstained else ''}"
    if helper.chat is not None:
        asked, answered = batch.tokens
        counted = f"{asked:,} of prompts, {answered:,} of answers" if asked or answered else "not counted by the server"
        yield f"findings     {batch.made:,} described now by {helper.chat.name}, {batch.from_kept:,} kept from before"
        yield f"tokens       {counted if batch.made or asked else 'none'}"
        without = sum(len(one.dropped) for one in batch.described.values())
        yield f"left out     {without:,} sentences without support"
    if helper.kept is not None:
        yield f"kept in      {helper.kept.path}; einthoven knowledge review lists what needs a look"
    yield from _failed(texts, batch)


def _failed(texts: Sequence[str], batch: Batch) -> Iterator[str]:
    if batch.failures:
        yield f"failed       {len(batch.failures):,}; give the same command again for these"
        for place, fault in list(batch.failures.items())[:SHOWN]:
            yield f"  {texts[place][:60]}: {fault.message}"
        if len(batch.failures) > SHOWN:
            yield f"  and {len(batch.failures) - SHOWN:,} more; --out FILE.jsonl or --json list them all"
