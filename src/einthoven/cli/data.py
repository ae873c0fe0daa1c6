"""`einthoven data`: download, check, prepare, info."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from einthoven.cli.checked import check_questions
from einthoven.cli.checked import some as _some
from einthoven.cli.terminal import Json, print_json, progress_line, say
from einthoven.ecg import DataError, UsageError
from einthoven.ecg.counted import counted

app = typer.Typer(
    help="Public data sets: fetch, verify, read into one table.", no_args_is_help=True, rich_markup_mode=None
)

Name = Annotated[
    str, typer.Argument(metavar="DATASET", help="A data set's name; `einthoven data info` lists them. Or: own.")
]
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="Where its files lie, or go.")]
Rate = Annotated[int | None, typer.Option("--rate", help="PTB-XL's copy: 100 or 500 Hz.")]
PatientsFile = Annotated[
    Path | None, typer.Option("--patients", metavar="FILE", help="MIMIC-IV's patients.csv(.gz), for age and sex.")
]
AgeOption = Annotated[
    Literal["time", "anchor"] | None, typer.Option("--age", help="Of MIMIC-IV-ECG: at the ECG's time, or anchor.")
]


@app.command()
def download(
    name: Name,
    folder: Folder,
    only: Annotated[
        list[str] | None, typer.Option("--only", metavar="PATTERN", help="Only such files, as 'records100/*'.")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", help="Begin without asking.")] = False,
    as_json: Json = False,
) -> None:
    """Fetch a data set; what is there already is verified and kept, and a cut download is gone on with.

    Size and licence are shown first. Each file is verified by its published checksum.
    """
    from einthoven.datasets.checksums import write_sums
    from einthoven.datasets.download import chosen, listed, refuse_closed, room_for
    from einthoven.datasets.download import download as fetch
    from einthoven.datasets.published import known

    one = known(name)
    refuse_closed(one)
    if not as_json:
        say(f"{one.title} {one.version}: about {one.gigabytes:g} GB, licence {one.licence}")
        say(f"from {one.address}; cite {one.reference}")
    if not only:
        room_for(one, folder)
    if not yes and not _agreed():
        raise DataError("Nothing was fetched.", "Give --yes to begin.")
    every = listed(one)
    wanted = chosen(every, only or ())
    write_sums(folder, [each.sum for each in every])
    with progress_line() as progress:
        found = fetch(
            wanted,
            folder,
            lambda so_far: progress(
                f"{so_far.fetched + so_far.there_before} of {len(wanted)} files, {so_far.bytes / 1e6:.0f} MB fetched"
            ),
        )
    if as_json:
        print_json({"dataset": name, "files": len(wanted), **found.__dict__})
    else:
        say(f"{found.fetched} files fetched and verified, {found.there_before} were there, {len(found.failed)} failed")
        if packed := sum(each.sum.path.endswith(".zip") for each in wanted):
            say(f"{packed} of them are ZIP files: unpack them in {folder}")
        _some(f"{path}: {why}" for path, why in found.failed.items())
    if found.failed:
        raise DataError(f"{len(found.failed)} files could not be fetched.", "Give the same command to go on.")


@app.command()
def check(
    name: Name,
    folder: Folder,
    read: Annotated[bool, typer.Option("--read", help="Read every recording as well.")] = False,
    rate: Rate = None,
    as_json: Json = False,
) -> None:
    """Compare a folder with the published checksums and layout (of your own: with its table); with --read, read all."""
    from einthoven.datasets.checksums import read_sums, verify
    from einthoven.datasets.own import NAME as OWN
    from einthoven.datasets.published import known
    from einthoven.datasets.reading import reader, unreadable
    from einthoven.datasets.registry import open_dataset

    published = None if name == OWN else known(name).records
    if name == "ecg-qa":
        check_questions(folder, as_json)
        return
    sums = read_sums(folder)
    with progress_line() as progress:
        found = verify(folder, sums, lambda done: progress(f"{done} of {len(sums)} checksums"))
        dataset = open_dataset(name, folder, rate=rate)
        there = len(dataset.recordings)
        faults = {}
        if read:
            with reader(dataset) as guard:
                faults = unreadable(dataset, guard, lambda done: progress(f"{done} of {there} recordings read"))
    document = {
        "dataset": name,
        "checksums": len(sums),
        "right": found.right,
        "missing": list(found.missing),
        "changed": list(found.changed),
        "recordings": there,
        "published": published,
        "unreadable": faults if read else None,
    }
    if as_json:
        print_json(document)
    else:
        if sums:
            say(f"checksums    {found.right} right, {len(found.changed)} wrong, {len(found.missing)} files missing")
            _some([*(f"wrong: {path}" for path in found.changed), *(f"missing: {path}" for path in found.missing)])
        else:
            say("checksums    none: no SHA256SUMS.txt lies in the folder")
        say(f"recordings   {there}" + (f" of {published} published" if published else ""))
        if read:
            say(f"unreadable   {len(faults)}")
            _some(f"{record}: {why}" for record, why in faults.items())
    if found.changed:
        raise DataError(f"{len(found.changed)} files are not those published.", "Fetch them: einthoven data download.")


@app.command()
def prepare(
    name: Name,
    folder: Folder,
    out: Annotated[Path, typer.Argument(metavar="COLLECTION", help="The table's folder; a new one, or one to go on.")],
    folds: Annotated[str | None, typer.Option("--folds", help="Only these folds, such as 1-8.")] = None,
    rate: Rate = None,
    patients: PatientsFile = None,
    age: AgeOption = None,
    workers: Annotated[
        int | None, typer.Option("--workers", min=1, help="Files read at a time. Default: all cores.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Read a data set into a collection, on all cores; an interrupted run goes on where it was."""
    from einthoven.cli.sources import parse_folds
    from einthoven.datasets.prepare import prepare as run
    from einthoven.datasets.reading import reader
    from einthoven.datasets.registry import open_dataset

    options: dict[str, Any] = {"rate": rate, "patients": patients, "age": age}
    dataset = open_dataset(name, folder, **options)
    chosen = None if folds is None else parse_folds(folds)
    began, first = time.monotonic(), -1
    with progress_line() as progress:

        def show(done: int, every: int) -> None:
            nonlocal first
            first = done - 1 if first < 0 else first
            speed = (done - first) / max(time.monotonic() - began, 1e-3)
            progress(f"{done} of {every} recordings, {speed:.0f}/s, {(every - done) / max(speed, 1e-3):.0f} s to go")

        said = options | {"patients": None if patients is None else "given"}
        with reader(dataset, workers) as guard:
            found = run(name, dataset, out, guard, said, show, chosen)
    seconds = time.monotonic() - began
    if as_json:
        print_json({"dataset": name, "seconds": round(seconds, 1), **found.to_dict()})
        return
    say(f"recordings   {found.recordings}, of which {found.there_before} were there before")
    say(f"added        {found.added} in {seconds:.0f} s ({found.added / max(seconds, 1e-3):.0f}/s)")
    for what, count in (
        ("age or sex", found.without_age_or_sex),
        ("report", found.without_text),
        ("statements", found.without_statements),
    ):
        if count:
            say(f"without      {what}: {count}")
    say(f"refused      {len(found.refused)}")
    _some(f"{record}: {why}" for record, why in found.refused.items())


@app.command()
def info(
    what: Annotated[
        str | None, typer.Argument(metavar="[DATASET or COLLECTION]", help="A data set's name, or a prepared folder.")
    ] = None,
    table: Annotated[bool, typer.Option("--table", help="Of a collection: as Table 1 of the paper on ESI.")] = False,
    as_json: Json = False,
) -> None:
    """Without an argument: the data sets that are known. Of one: its facts. Of a collection: what it holds, counted."""
    from einthoven.datasets.published import known, published

    if what is not None and Path(what).is_dir():
        _collection_info(Path(what), table, as_json)
        return
    if table:
        raise UsageError("A table is made of a collection.", "Name its folder: einthoven data info DIR --table.")
    every = [known(what)] if what else list(published().values())
    if as_json:
        print_json([one.__dict__ for one in every])
    elif what:
        for key, value in every[0].__dict__.items():
            say(f"{key:<12} {'-' if value in (None, '') else value}")
        _overlaps(what)
    else:
        say(f"{'name':<22} {'records':>8} {'GB':>5}  {'access':<13} licence")
        for one in every:
            say(f"{one.name:<22} {one.records or '-':>8} {one.gigabytes:>5g}  {one.access:<13} {one.licence}")
        say("own                    your own files with a table ecgs.csv beside them: docs/data.md")


@app.command()
def duplicates(
    collection: Annotated[Path, typer.Argument(metavar="COLLECTION", help="A prepared folder.")],
    threshold: Annotated[
        float, typer.Option(min=0.5, max=1, help="How alike two tracings are that count as one.")
    ] = 0.9,
    exact: Annotated[bool, typer.Option("--exact", help="Only the same samples.")] = False,
    as_json: Json = False,
) -> None:
    """Find recordings that are in a collection more than once: the same samples, or the same tracing processed anew."""
    from einthoven.collection import Collection
    from einthoven.datasets.duplicates import duplicates as run

    opened = Collection.open(collection)
    with progress_line() as progress:
        found = run(opened, threshold, not exact, lambda done: progress(f"{done} of {len(opened)} ECGs looked at"))
    if as_json:
        print_json([one.__dict__ for one in found])
        return
    same = sum(one.exact for one in found)
    pairs = f"{counted(same, 'pair')} with the same samples, {len(found) - same} with the same tracing"
    say(f"{counted(len(opened))}: {pairs}")
    _some(f"{one.one} = {one.other} ({one.similarity:.3f})" for one in found)


@app.command()
def texts(
    collection: Annotated[Path, typer.Argument(metavar="COLLECTION", help="A prepared folder.")],
    out: Annotated[Path, typer.Argument(metavar="OUT.jsonl", help="One line an ECG: record and text.")],
    text: Annotated[str, typer.Option("--text", help="findings, descriptions or regen.")] = "findings",
    descriptions: Annotated[
        Path | None, typer.Option("--descriptions", metavar="FILE.json", help="Waveforms by finding.")
    ] = None,
    tokenizer: Annotated[
        Path | None, typer.Option("--tokenizer", metavar="FILE.json", help="By which texts are cut; without it uncut.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Tokens a text may have.")] = 512,
    as_json: Json = False,
) -> None:
    """Write the text beside each ECG: ESI's form (Figure 2 of its paper), or ECG-ReGen's. What is cut is counted."""
    from einthoven.collection import Collection
    from einthoven.datasets.textfiles import read_descriptions, token_counter, write_lines
    from einthoven.datasets.texts import Writer, write_all

    if text == "descriptions" and descriptions is None:
        raise UsageError("Where the descriptions are is not said.", "Add --descriptions FILE.json.")
    counter = token_counter(tokenizer) if tokenizer else lambda words: 0
    writer = Writer(text, counter, read_descriptions(descriptions) if descriptions else {}, limit)  # type: ignore[arg-type]
    opened = Collection.open(collection)
    columns = ["age", "sex", "text", "statements"]
    with progress_line() as progress:

        def shown(done: int) -> None:
            progress(f"{done} of {len(opened)} texts")

        write_lines(out, write_all(opened.rows(columns), writer), shown)
    if as_json:
        print_json(writer.cuts.__dict__)
    else:
        for key, count in writer.cuts.__dict__.items():
            say(f"{key.replace('_', ' '):<24} {count}")


@app.command()
def datasheet(
    name: Name,
    collection: Annotated[
        Path | None, typer.Argument(metavar="[COLLECTION]", help="A prepared folder, which is counted.")
    ] = None,
) -> None:
    """Print a data set's datasheet (Gebru's questions) as Markdown, with counts of what a collection holds.

    Without a collection it says what is published, and that nothing was counted.
    """
    from einthoven.collection import Collection
    from einthoven.datasets.challenge import SOURCES
    from einthoven.datasets.datasheet import datasheet as page
    from einthoven.datasets.published import known
    from einthoven.datasets.table1 import summaries, summary_of

    known(name)
    if collection is None:
        print(page(name), end="")
        return
    opened = Collection.open(collection)
    counted = next((one for one in summaries(opened) if one.source == name), None)
    if name.startswith("challenge-"):
        counted = summary_of(opened, name, sorted(set(SOURCES.values())))
    if counted is None:
        raise DataError(f"The collection holds nothing of {name}.", "Prepare it first: einthoven data prepare.")
    print(page(name, counted), end="")


def _overlaps(name: str) -> None:
    from einthoven.datasets.overlaps import overlaps_of

    for one in overlaps_of(name):
        say(f"shares {one.what:<7} with {one.other_than(name)}: {one.why}")


def _collection_info(folder: Path, table: bool, as_json: bool) -> None:
    from dataclasses import asdict

    from einthoven.collection import Collection
    from einthoven.datasets.table1 import summaries, table1

    found = summaries(Collection.open(folder))
    if as_json:
        print_json([asdict(one) for one in found])
    elif table:
        header, lines = table1(found)
        for line in (header, *lines):
            say("| " + " | ".join(line) + " |")
            if line is header:
                say("|" + " --- |" * len(header))
    else:
        for one in found:
            people = f"{counted(one.patients, 'patient')}, {one.without_patient} of unknown patient"
            say(f"{one.source}: {counted(one.records)}, {people}")
            say(f"  training {one.training}, age {one.with_age}, sex {one.with_sex}, report {one.with_text}")
            say(f"  statements {one.with_statements}, folds {one.folds or '-'}")


def _agreed() -> bool:
    if not sys.stdin.isatty():
        return False
    try:
        return typer.confirm("Fetch it?", default=False, err=True)
    except typer.Abort:  # so typer calls Ctrl-C here
        raise KeyboardInterrupt from None
