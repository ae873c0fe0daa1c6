"""`einthoven archive`: build, add, remove, info, calibrate, embed; what searches it is in `archive_index`."""

from __future__ import annotations

import functools
import inspect
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from einthoven.cli import archive_index
from einthoven.cli.files import LeadsOption, RateOption, UnitOption
from einthoven.cli.joined import report_table
from einthoven.cli.outcome import tell
from einthoven.cli.sources import COMMIT_EVERY, Wanted, dataset_rows, fill, require_dataset
from einthoven.cli.terminal import Json, ModelOption, open_model, print_json, progress_line, say
from einthoven.ecg import CollectionError, FileError, FormatError, UsageError
from einthoven.ecg.counted import counted

if TYPE_CHECKING:
    from einthoven.retrieval import Archive, Guarantee

app = typer.Typer(help="Archives of ECGs that reports are drafted from.", no_args_is_help=True, rich_markup_mode=None)
archive_index.add_to(app)

Folder = Annotated[Path, typer.Argument(metavar="DIR", help="The archive's folder.")]
Sources = Annotated[
    list[Path] | None,
    typer.Argument(metavar="[SOURCES]", help="ECG files, folders of them, patterns in quotes, ZIP or tar archives."),
]
DatasetOption = Annotated[str | None, typer.Option("--dataset", help="A data set instead of SOURCES: ptb-xl ..., own.")]
DataOption = Annotated[Path | None, typer.Option("--data", metavar="DIR", help="Where the data set lies.")]
FoldsOption = Annotated[str | None, typer.Option("--folds", help="Which folds of the data set, such as 1-8.")]
KeepIds = Annotated[bool, typer.Option("--keep-ids", help="Keep patient ids and file names; default: keyed hashes.")]
RefusedList = Annotated[
    Path | None, typer.Option("--refused", metavar="FILE.csv", help="Where to list all files that were not taken.")
]
ReportsFile = Annotated[
    Path | None, typer.Option("--reports", metavar="FILE.csv", help="The hospital's own reports, joined to the ECGs.")
]
ReportsOn = Annotated[
    Literal["file", "accession", "patient+time"] | None, typer.Option("--on", help="By what they are joined.")
]
ReportsText = Annotated[str | None, typer.Option("--text", metavar="COLUMN", help="The column of the reports' text.")]
ReportsConfirmed = Annotated[
    str | None, typer.Option("--confirmed", metavar="COLUMN", help="The column that says whether one is confirmed.")
]
ReportsKey = Annotated[
    list[str] | None,
    typer.Option("--key", metavar="COLUMN", help="The column to join on; for patient+time again for the time's."),
]
ReportsWithin = Annotated[
    float | None,
    typer.Option("--within", metavar="MINUTES", help="How far a report's time may be from its ECG's. Default: 5."),
]
KeepTexts = Annotated[
    bool, typer.Option("--keep-texts", help="Keep the texts of joined reports, which may hold names.")
]
ReadReports = Annotated[
    bool,
    typer.Option("--read-reports", help="Read joined reports into codes by rule; not those that nobody confirmed."),
]
SynonymsFile = Annotated[
    Path | None,
    typer.Option("--synonyms", metavar="FILE.csv", help="Your own phrases, as for einthoven statements parse."),
]
Unjoined = Annotated[
    Path | None, typer.Option("--unjoined", metavar="FILE.csv", help="Where to list what was not joined.")
]
NoSignal = Annotated[bool, typer.Option("--no-signals", help="Keep embeddings and statements, but no waveforms.")]


def _wanted(
    sources: Sources = None,
    dataset: DatasetOption = None,
    data: DataOption = None,
    folds: FoldsOption = None,
    no_signals: NoSignal = False,
    refused: RefusedList = None,
    reports: ReportsFile = None,
    on: ReportsOn = None,
    text: ReportsText = None,
    confirmed: ReportsConfirmed = None,
    key: ReportsKey = None,
    within: ReportsWithin = None,
    keep_texts: KeepTexts = False,
    unjoined: Unjoined = None,
    read_reports: ReadReports = False,
    synonyms: SynonymsFile = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
) -> Wanted:
    """What goes into an archive, by the options of both commands that fill one."""
    from einthoven.formats.told import told

    table = report_table(reports, on, text, confirmed, key, within, keep_texts, unjoined, read_reports, synonyms)
    return Wanted(sources, dataset, data, folds, not no_signals, refused, table, told(rate, unit, leads, None))


def _filling(command: Callable[..., None]) -> Callable[..., None]:
    """The command with the options of `_wanted` in the place of its parameter `wanted`."""
    shared, own = (dict(inspect.signature(each, eval_str=True).parameters) for each in (_wanted, command))
    place = list(own).index("wanted")
    del own["wanted"]

    @functools.wraps(command)
    def run(**said: Any) -> None:
        command(**{name: said[name] for name in own}, wanted=_wanted(**{name: said[name] for name in shared}))

    every = [*list(own.values())[:place], *shared.values(), *list(own.values())[place:]]
    run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]
    run.__annotations__ = {each.name: each.annotation for each in every}
    return run


@app.command()
@_filling
def build(
    folder: Folder,
    wanted: Wanted,
    name: Annotated[str | None, typer.Option(help="What reports call it. Default: the folder's name.")] = None,
    keep_ids: KeepIds = False,
    replace: Annotated[
        bool, typer.Option("--replace", help="Put it in the place of the archive that is there.")
    ] = False,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Build an archive. It appears as a whole at the end; an interrupted build leaves what was there.

    Recordings from which nothing can be concluded (flat, noise, a wrong unit) are not taken, and listed.
    For more than an hour's worth of files, build with a part of them and add the rest: an addition that is
    interrupted goes on where it was.
    """
    from einthoven.collection import replace_folder
    from einthoven.retrieval import Archive

    _require_free(folder, replace)
    with _workshop(folder) as scratch:
        archive = Archive.create(scratch / "new", open_model(model), name or folder.resolve().name, keep_ids)
        outcome = fill(archive, wanted, commit_every=None)
        if not len(archive):
            first = "".join(f" {one.name}: {one.reason}" for one in outcome.refused[:3])
            raise FormatError(
                f"No ECG that can be taken was found, so no archive was built ({outcome.files} files).{first}",
                "Name folders, files or archives with ECGs of a format that `einthoven read` reads.",
            )
        archive_index.indexed_if_it_can_be(archive)
        del archive  # Windows moves no folder of which a file is open
        replace_folder(scratch / "new", folder, scratch / "old")
    tell(outcome, as_json)


@app.command()
@_filling
def add(folder: Folder, wanted: Wanted, model: ModelOption = None, as_json: Json = False) -> None:
    """Add ECGs; those that are there already are left out, and those that nothing can be concluded from.

    Every 1,000 ECGs are committed. An addition that was interrupted goes on when it is given again: files are read
    again, which is quick, but no ECG is embedded or added twice.
    """
    from einthoven.retrieval import Archive

    archive = Archive.open(folder, open_model(model))
    outcome = fill(archive, wanted, COMMIT_EVERY)
    archive_index.indexed_if_it_can_be(archive)
    tell(outcome, as_json)
    if fault := outcome.nothing_taken:
        if not as_json:
            raise fault
        raise typer.Exit(1)


@app.command()
def remove(
    folder: Folder,
    record: Annotated[list[str] | None, typer.Option(help="A record id; may be given again.")] = None,
    patient: Annotated[list[str] | None, typer.Option(help="A patient id as in the files; may be given again.")] = None,
    purge: Annotated[bool, typer.Option("--purge", help="Leave no trace of them in any file of the archive.")] = False,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Remove ECGs by record or by patient."""
    from einthoven.retrieval import Archive

    if not record and not patient:
        raise UsageError("What is to be removed is not said.", "Add --record ID or --patient ID.")
    count = Archive.open(folder, open_model(model)).remove(record or (), patient or (), purge)
    if not count and not purge:
        raise CollectionError("No ECG of that record or patient is in the archive.", "Check the id.")
    if as_json:
        print_json({"removed": count, "purged": purge})
    else:
        say(f"removed {counted(count)}" + (", without trace" if purge else "; --purge deletes their traces as well"))


@app.command()
def info(folder: archive_index.Anywhere, model: ModelOption = None, as_json: Json = False) -> None:
    """Show what an archive holds, and whether it is calibrated."""
    from einthoven.retrieval import Archive

    archive = Archive.open(folder, open_model(model))
    found = archive.info()
    archive_index.tell_notices(archive)
    if as_json:
        print_json(found)
        return
    for key, value in found.items():
        shown = ", ".join(f"{k} {v}" for k, v in value.items()) if isinstance(value, dict) else value
        say(f"{key.replace('_', ' '):<18} {'-' if shown in (None, '') else shown}")


@app.command()
def calibrate(
    folder: Folder,
    dataset: DatasetOption = None,
    data: DataOption = None,
    folds: FoldsOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Learn how far this archive's answers can be trusted, by asking it ECGs without their own patient.

    By default its own ECGs are asked; with --dataset, those of a data set that neither model nor archive has seen.
    """
    from einthoven.retrieval import Archive

    require_dataset(dataset, data, folds)
    archive = Archive.open(folder, open_model(model))
    with progress_line() as progress:
        progress("asking the archive")
        if dataset:
            rows = list(dataset_rows(dataset, data, folds))
            which = f"fold{'s' * (not folds.isdigit())} {folds}" if folds else "all folds"
            found = archive.calibrate(rows, f"{dataset}, {which}")
        else:
            found = archive.calibrate()
    conditions = _conditions(archive, dataset is not None)
    if as_json:
        document = {key: value for key, value in found.to_dict().items() if key != "weights"}
        print_json({**document, "conditions": conditions})
    else:
        print(f"calibrated on {counted(found.queries)} of {counted(found.patients, 'patient')} ({found.source})")
        for condition in conditions:
            print(condition)
        print(f"no draft below similarity {found.far:.3f}, caution below {found.distant:.3f}")
        _tell_guarantee(found.guarantee)


def _conditions(archive: Archive, by_others: bool) -> list[str]:
    """What has to hold for a calibration to mean what it says, and cannot be seen from here."""
    found = []
    if not by_others:
        trained = f"{archive.model.name} was not trained on the archive's own ECGs"
        found.append(f"these confidences hold only if {trained}; else ask others (--dataset)")
    if archive.nameless:
        found.append(
            f"{counted(archive.nameless)} without a patient, each taken for a person of its own: where people were "
            "recorded twice, confidences are too high, and nothing below is guaranteed"
        )
    return found


def _tell_guarantee(found: Guarantee) -> None:
    """What the bounds of confidence promise, and of which statements nothing can be promised."""
    print(f"guaranteed for new patients like these, from {found.patients} patients that no weight was learned from:")
    unseen = "of ECGs without a critical finding at 20% or more, those that carry one"
    if found.critical is None:
        print(f"  NOT REACHED: {unseen} cannot be kept at {found.critical_alpha:.0%}; every draft asks for caution")
    else:
        limit = "without any caution" if found.critical >= 1 else f"caution from {found.critical:.1%}"
        print(f"  {unseen} and get a plain draft: at most {found.critical_alpha:.0%}; {limit}")
    kept = found.guaranteed
    print(
        f"  false calls, and statements left out, of {len(kept)} statements: at most {found.alpha:.0%} of the ECGs with"
    )
    for code in kept:
        one = found.labels[code]
        print(
            f"    {code:<6} called above {one.present:.1%}, left out below {one.absent:.1%} ({one.patients} patients)"
        )
    without = [f"{code} {one.patients}" for code, one in found.labels.items() if code not in kept]
    if without:
        print(f"  no guarantee, too few patients with it: {', '.join(without)}")


@app.command()
def embed(
    folder: archive_index.Anywhere,
    ray: Annotated[bool, typer.Option("--ray", help="By several processes, here or on a Ray cluster.")] = False,
    workers: Annotated[int, typer.Option(min=1, help="With --ray: how many.")] = 2,
    address: Annotated[
        str | None, typer.Option(help="With --ray: of a cluster, where all of it can reach the archive.")
    ] = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Embed what has no embedding by this model: after an interruption, or with another model.

    What is embedded stays embedded, whatever interrupts it; given again, the command goes on with the rest.
    """
    from einthoven.retrieval import Archive
    from einthoven.retrieval.spread import Spread

    if address and not ray:
        raise UsageError("An address is of no use without --ray.", "Add --ray, or leave --address out.")
    spread = Spread(workers, model, address) if ray else None
    archive = Archive.open(folder, open_model(model), any_model=True)
    with progress_line() as progress:
        count = archive.embed(lambda done: progress(f"{counted(done)} embedded"), spread)
    archive_index.indexed_if_it_can_be(archive)
    if as_json:
        print_json({"embedded": count, "model": archive.model.name})
    else:
        again = f"; calibrate again: einthoven archive calibrate {folder}" if count else ": all had an embedding"
        say(f"embedded {counted(count)} with {archive.model.name}{again}")


def _require_free(folder: Path, replace: bool) -> None:
    if folder.exists() and not folder.is_dir():
        raise FileError(f"{folder} is a file.", "Name a folder for the archive.")
    if not folder.exists() or not any(folder.iterdir()):
        return
    if not (folder / "archive.json").is_file():
        raise CollectionError(f"{folder} holds something else than an archive.", "Choose another folder.")
    if not replace:
        raise CollectionError(f"{folder} holds an archive.", "Add to it (archive add), or build anew with --replace.")


@contextmanager
def _workshop(folder: Path) -> Iterator[Path]:
    """A folder beside the archive's place, on the same disk, that is gone afterwards."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        scratch = tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent)
    except OSError as fault:
        raise FileError(
            f"{folder.parent} cannot be written to ({fault.strerror}).", "Choose a folder that you may write to."
        ) from None
    with scratch as path:
        yield Path(path)
