"""`einthoven archive`: search, index, verify."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from einthoven.cli.files import LeadsOption, RateOption, UnitOption, read_ecg
from einthoven.cli.reports import WhereOption
from einthoven.cli.terminal import Json, ModelOption, open_archive, open_model, print_json, progress_line, say
from einthoven.ecg import CollectionError, UsageError
from einthoven.ecg.counted import counted

if TYPE_CHECKING:
    from einthoven.retrieval import Archive

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The archive's folder.")]
Anywhere = Annotated[str, typer.Argument(metavar="DIR|URI", help="The archive's folder, or s3://bucket/archive.")]


def add_to(app: typer.Typer) -> None:
    """The commands of this module in the group `archive`."""
    for command in (search, index, verify, push):
        app.command()(command)


def search(
    folder: Anywhere,
    file: Annotated[Path | None, typer.Argument(metavar="FILE", help="The ECG file.")] = None,
    archive: Annotated[str | None, typer.Option("--archive", hidden=True)] = None,
    k: Annotated[int, typer.Option("--k", min=1, help="How many.")] = 5,
    where: WhereOption = None,
    model: ModelOption = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """List the ECGs of an archive that are most similar to one, without its own patient and without itself."""
    if (file is None) == (archive is None):
        raise UsageError("An archive and an ECG are needed.", "Write: einthoven archive search DIR FILE.")
    where_it_is, what = (folder, file) if file is not None else (archive or "", Path(folder))
    ecg = read_ecg(what, rate, unit, leads)
    opened = open_archive(where_it_is, model)
    found = opened.search(ecg, k, where)
    tell_notices(opened)
    if as_json:
        hits = [
            {"record": one.record, "similarity": one.similarity, "codes": one.codes, "age": one.age, "sex": one.sex}
            for one in found
        ]
        print_json({"neighbours": hits, "notices": list(opened.notices)})
        return
    for one in found:
        age = "-" if one.age is None else f"{one.age:.0f}"
        say(f"{one.similarity:.4f}  {one.record:<18} {age:>3} {one.sex or '-':<7} {' '.join(one.codes)}")
    if len(found) < k:
        say(f"{len(found)} of {k}: the archive has no more ECGs that may answer", sys.stderr)


def index(
    folder: Folder,
    kind: Annotated[
        Literal["auto", "flat", "ivf-sq8", "hnsw"] | None,
        typer.Option(help="auto goes by size, flat looks at every ECG; kept for this archive."),
    ] = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Make the search index, or bring it up to date, and measure what it finds. Searches do so when they need it."""
    from einthoven.retrieval import Archive

    archive = Archive.open(folder, open_model(model))
    about = indexed(archive, kind)
    if as_json:
        print_json({**about, "notices": list(archive.notices)})
    else:
        say(", ".join(f"{key.replace('_', ' ')} {value}" for key, value in about.items()))


def indexed(archive: Archive, kind: str | None = None) -> dict[str, object]:
    """Brings an archive's index up to date, so that the next search need not; what was wrong with it is said."""
    with progress_line() as progress:
        progress("indexing")
        about = archive.index(kind)
    tell_notices(archive)
    return about


def indexed_if_it_can_be(archive: Archive) -> None:
    """As `indexed`, after a change; an archive that is empty or not fully embedded stays as it is."""
    with contextlib.suppress(CollectionError):
        indexed(archive)


def tell_notices(archive: Archive) -> None:
    """Says on standard error what was wrong with the index."""
    for line in archive.notices:
        say(f"Note: {line}", sys.stderr)


def verify(
    folder: Folder,
    every: Annotated[
        bool, typer.Option("--all", help="Embed all ECGs with stored signals again and compare; default: 64 of them.")
    ] = False,
    seal: Annotated[
        bool, typer.Option("--seal", help="Take the files as they are now as right, and keep their checksums.")
    ] = False,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Check an archive: checksums of its files, model, embeddings against ECGs, index.

    What is wrong is listed with what to do about it, and the exit code is 1. Nothing is changed, but for --seal.
    """
    from einthoven.retrieval import verify as look
    from einthoven.retrieval.settings import read_settings
    from einthoven.retrieval.sums import seal as keep

    if seal:
        read_settings(folder)  # a folder that is no archive gets no list
        keep(folder, anew=True)
    found = look(folder, open_model(model), None if every else 64)
    if as_json:
        print_json(found.to_dict())
    else:
        for one in found.problems:
            say(f"WRONG   {one.kind}: {one.message}")
            say(f"        {one.mend}")
        counts = (
            f"{counted(found.files, 'file')}, {counted(found.records)}, {counted(found.embeddings, 'embedding')} "
            f"({found.embedded_again} made again), index {found.index}"
        )
        say(f"looked at {counts}: {'nothing is wrong' if not found.problems else f'{len(found.problems)} wrong'}")
    if found.problems:
        raise typer.Exit(1)


def push(
    folder: Folder,
    uri: Annotated[str, typer.Argument(metavar="URI", help="Where to, such as s3://bucket/archive.")],
    with_key: Annotated[
        bool,
        typer.Option("--with-key", help="Also the secret under which patient ids are hashed."),
    ] = False,
    as_json: Json = False,
) -> None:
    """Copy an archive to object storage, or bring the copy there up to date. It is searched there by its URI.

    Access is what the environment gives (AWS_ACCESS_KEY_ID, AWS_REGION, AWS_ENDPOINT ...).
    """
    from einthoven.retrieval.remote import push as copy
    from einthoven.retrieval.settings import KEY

    count = copy(folder, uri, with_key)
    if as_json:
        print_json({"files": count, "uri": uri, "with_key": with_key})
        return
    say(f"{count} files sent to {uri}")
    if not with_key and (folder / KEY).exists():
        say("Without the key, a search there cannot leave out the ECG's own patient, only the very recording.")
