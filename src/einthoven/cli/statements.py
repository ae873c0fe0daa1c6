"""`einthoven statements parse`."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.cli.terminal import Json, print_json, say
from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.statements.parse import Parsed, Stated

app = typer.Typer(help="Statements of ECG reports: texts to codes.", no_args_is_help=True, rich_markup_mode=None)

SHOWN = 50
STDIN = "-"


@app.callback()
def statements() -> None:
    """Statements of ECG reports: texts to codes."""


@app.command()
def parse(
    source: Annotated[str, typer.Argument(help="A report's text, - for standard input, or a CSV file with --text.")],
    text: Annotated[str | None, typer.Option("--text", metavar="COLUMN", help="The file's column of reports.")] = None,
    synonyms: Annotated[
        Path | None,
        typer.Option("--synonyms", metavar="FILE.csv", help="Your own phrases: phrase,code,polarity; code - for none."),
    ] = None,
    unparsed: Annotated[int, typer.Option("--unparsed", min=0, help="So many phrases that no rule covers.")] = SHOWN,
    as_json: Json = False,
) -> None:
    """Read statements with polarity from ECG reports: German, English, Swedish, and what carts write."""
    from einthoven.statements.parse import parse_report, read_synonyms

    own = read_synonyms(synonyms) if synonyms else None
    if text is not None:
        rows, ragged = _column(Path(source), text)
        _tell_many([(row, parse_report(said, own)) for row, said in rows], ragged, unparsed, as_json)
        return
    if source.lower().endswith(".csv") and _is_file(source):
        raise UsageError(f"{source} is a table, and which column holds the reports is not said.", "Add --text COLUMN.")
    if source != STDIN and _is_file(source):
        raise UsageError(
            f"{source} is a file, and would be read as if its name were a report.",
            f"Pass what it holds: einthoven statements parse - < {source}",
        )
    said = sys.stdin.read() if source == STDIN else source
    parsed = parse_report(said, own)
    if as_json:
        print_json(_document(parsed))
    else:
        _tell_one(said, parsed, unparsed)


def _is_file(source: str) -> bool:
    try:
        return Path(source).is_file()
    except (OSError, ValueError):  # a report too long for a name, or with a character that no name has
        return False


def _column(path: Path, name: str) -> tuple[list[tuple[int, str]], list[int]]:
    """The column's cells with their rows, and the rows that have more or fewer cells than there are columns."""
    from einthoven.ingest.table import read_table

    table = read_table(path)
    place = table.place(name)
    return [(row, cells[place]) for row, cells in table.rows], list(table.ragged)


def _tell_one(text: str, parsed: Parsed, unparsed: int) -> None:
    from einthoven.statements import VOCABULARY

    for one in parsed.statements:
        start, end = one.span
        about = ", ".join(filter(None, (one.severity, *one.location)))
        name = VOCABULARY[one.code].english
        say(f"{one.code:<9}{one.polarity:<10}{name}{f' ({about})' if about else ''}  <- {text[start:end]}")
    if not parsed.statements:
        say("No statement was read.")
    for phrase in parsed.unparsed[:unparsed]:
        say(f"unparsed: {phrase}")


def _tell_many(read: Sequence[tuple[int, Parsed]], ragged: list[int], unparsed: int, as_json: bool) -> None:
    phrases = Counter(" ".join(phrase.lower().split()) for _, one in read for phrase in one.unparsed)
    commonest = phrases.most_common(unparsed)
    without = sum(not one.statements for _, one in read)
    if as_json:
        told: dict[str, Any] = {"reports": len(read), "without_statement": without, "ragged_rows": ragged}
        told |= {"different_unparsed": len(phrases)}
        told["unparsed"] = [{"phrase": phrase, "count": count} for phrase, count in commonest]
        print_json(told | {"rows": [{"row": row, **_document(one)} for row, one in read]})
        return
    from einthoven.statements import VOCABULARY
    from einthoven.statements.parse import STANCES

    languages = Counter(one.language or "unknown" for _, one in read)
    counts = Counter((code, stance) for _, one in read for code, stance in one.polarities().items())
    say(f"reports      {len(read)} ({', '.join(f'{name} {count}' for name, count in languages.most_common())})")
    say(f"unread       {without} reports without any statement")
    if ragged:
        say(f"left out     {len(ragged)} rows with more or fewer cells than columns, such as row {ragged[0]}")
    say(f"{'':<13}{''.join(f'{stance:>10}' for stance in STANCES)}")
    for code in sorted(VOCABULARY, key=lambda code: -sum(counts[code, stance] for stance in STANCES)):
        if any(counts[code, stance] for stance in STANCES):
            numbers = "".join(f"{counts[code, stance] or '':>10}" for stance in STANCES)
            say(f"{code:<13}{numbers}  {VOCABULARY[code].english}")
    say(f"unparsed     {sum(phrases.values())} phrases, {len(phrases)} different ones; the commonest:")
    for phrase, count in commonest:
        say(f"{count:>6} {phrase}")


def _document(parsed: Parsed) -> dict[str, Any]:
    return {
        "language": parsed.language,
        "statements": [_statement(one) for one in parsed.statements],
        "mentions": list(parsed.mentions),
        "unparsed": list(parsed.unparsed),
    }


def _statement(one: Stated) -> dict[str, Any]:
    return {
        "code": one.code,
        "polarity": one.polarity,
        "location": list(one.location),
        "severity": one.severity or None,
        "span": list(one.span),
    }
