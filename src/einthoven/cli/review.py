"""`einthoven knowledge review`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli.files import write_text
from einthoven.cli.terminal import Json, print_json, say
from einthoven.ecg import FileError, UsageError

if TYPE_CHECKING:
    from einthoven.knowledge.kept import Kept

SHOWN = 10


def review(
    cache: Annotated[Path, typer.Argument(metavar="CACHE", help="The file that describe --cache has made.")],
    every: Annotated[
        bool, typer.Option("--all", help="Also those that are fully supported, and those that were edited.")
    ] = False,
    first: Annotated[int, typer.Option("--first", min=1, metavar="N", help="Show so many.")] = SHOWN,
    export: Annotated[Path | None, typer.Option("--export", metavar="FILE.jsonl", help="Write them, to edit.")] = None,
    take: Annotated[
        Path | None, typer.Option("--import", metavar="FILE.jsonl", help="Take edits: lines with key, text and by.")
    ] = None,
    edit: Annotated[str | None, typer.Option("--edit", metavar="KEY", help="Edit one: its key's beginning.")] = None,
    text: Annotated[
        str | None, typer.Option("--text", help='With --edit, the new text; "" takes the description back.')
    ] = None,
    by: Annotated[str | None, typer.Option("--by", metavar="NAME", help="With --edit, who you are.")] = None,
    as_json: Json = False,
) -> None:
    """List a language model's descriptions with the least support first, and take a person's edits of them.

    Nothing is overwritten: an edit is added with its name and time, and shown by describe from then on.
    """
    from einthoven.knowledge.kept import Kept
    from einthoven.knowledge.review import queue

    if sum(one is not None for one in (export, take, edit)) > 1:
        raise UsageError("--export, --import and --edit are three tasks.", "Give one of them.")
    if (edit is None) != (text is None) or (edit is None) != (by is None):
        raise UsageError("An edit needs its key, the text and a name.", "Give --edit KEY --text TEXT --by NAME.")
    kept = Kept.open(cache)
    if edit is not None and text is not None and by is not None:
        _edited(_one(kept, edit, text, by), as_json)
        return
    if take is not None:
        _edited(_many(kept, take), as_json)
        return
    items = queue(kept, every)
    if export is not None:
        write_text(export, "".join(json.dumps(one.to_dict(), ensure_ascii=False) + "\n" for one in items))
    if as_json:
        print_json([one.to_dict() for one in items])
        return
    if export is not None:
        say(f"{len(items):,} descriptions in {export}: change text, fill in by, and --import it")
        return
    for one in items[:first]:
        for line in str(one).splitlines():
            say(line)
        say("")
    if len(items) > first:
        say(f"{len(items) - first:,} more; --first N, --export FILE.jsonl or --json show them")
    if not items:
        say(f"Nothing to review among {len(kept.listed()):,} descriptions; --all lists them.")


def _one(kept: Kept, key: str, text: str, by: str) -> int:
    from einthoven.formats.text import NAME_LENGTH, clean
    from einthoven.knowledge.review import checked, whole_key

    kept.edit([(whole_key(kept, key), checked(text), clean(by, NAME_LENGTH))])
    return 1


def _many(kept: Kept, path: Path) -> int:
    from einthoven.knowledge.review import edits_in

    try:
        lines = path.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError):
        raise FileError(f"{path} cannot be read as UTF-8 text.", "Name a file that --export has written.") from None
    edits = edits_in(lines, kept)
    kept.edit(edits)
    return len(edits)


def _edited(count: int, as_json: bool) -> None:
    if as_json:
        print_json({"edits": count})
    else:
        say(f"{count} edit{'s' * (count != 1)} taken")
