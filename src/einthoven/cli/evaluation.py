"""`einthoven evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli.reports import ArchiveOption
from einthoven.cli.terminal import Json, ModelOption, need_packages, open_archive, open_model, print_json, progress_line

if TYPE_CHECKING:
    from einthoven.evaluation.table import Table
    from einthoven.evaluation.tables import Tables

app = typer.Typer(
    help="Results with intervals, baselines, split and numbers of patients.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def evaluate() -> None:
    """Results with intervals, baselines, split and numbers of patients."""


DataOption = Annotated[Path, typer.Option("--data", metavar="DIR", help="Where the data set lies.")]
DatasetOption = Annotated[str, typer.Option("--dataset", help="A data set by name.")]
FoldOption = Annotated[int, typer.Option("--fold", help="9 to choose, 10 to report; uses of fold 10 are logged.")]
WhyOption = Annotated[str, typer.Option("--why", help="For the log of fold 10.")]
LogOption = Annotated[
    Path | None, typer.Option("--log", metavar="FILE", help="The log of fold 10. Default: docs/fold10.log.")
]
OutOption = Annotated[
    Path | None, typer.Option("--out", metavar="FILE.json", help="Also write the JSON document there.")
]
LimitOption = Annotated[int | None, typer.Option("--limit", min=50, help="Only so many ECGs, for a quick look.")]


@app.command()
def retrieval(
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    fold: FoldOption = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """How well neighbours, a linear probe and the head know what an ECG shows: macro-AUC beside baselines."""
    need_packages("train,eval", "torch", "sklearn")
    from einthoven.evaluation.retrieval import evaluate_retrieval

    with progress_line() as progress:
        table = evaluate_retrieval(open_model(model), dataset, data, fold, log, why, progress, limit)
    _tell(table, out, as_json)


@app.command()
def report(
    data: DataOption,
    archive: ArchiveOption = None,
    dataset: DatasetOption = "ptb-xl",
    fold: FoldOption = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """How far drafts agree with what the data set states: statements, outcomes, calibration."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.drafts import evaluate_report

    with progress_line() as progress:
        table = evaluate_report(open_archive(archive, model), dataset, data, fold, log, why, progress, limit)
    _tell(table, out, as_json)


@app.command()
def shift(
    data: Annotated[
        list[Path],
        typer.Option("--data", metavar="DIR", help="Challenge 2021, LUDB or Chapman-Shaoxing, or a folder of theirs."),
    ],
    archive: ArchiveOption = None,
    reference: Annotated[
        Path | None, typer.Option("--reference", metavar="DIR", help="PTB-XL, to compare with its fold 9.")
    ] = None,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """How much is lost on ECGs from elsewhere, and whether drafts notice: AUC, outcomes, beside PTB-XL's fold 9."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.shift import evaluate_shift

    with progress_line() as progress:
        tables = evaluate_shift(open_archive(archive, model), data, reference, progress, limit)
    _tell(tables, out, as_json)


@app.command()
def robustness(
    data: DataOption,
    archive: ArchiveOption = None,
    fold: FoldOption = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", metavar="FILE.json|FILE.svg", help="Also write the JSON document, or the curves."),
    ] = None,
    limit: LimitOption = None,
    drafted: Annotated[
        int, typer.Option("--drafted", min=0, help="Of how many ECGs drafts are made, for the outcomes.")
    ] = 200,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """What disturbances cost: sampling rate, missing leads, noise, gain, swaps; AUC, drafts that notice, curves."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.curves import save_curves
    from einthoven.evaluation.robustness import evaluate_robustness

    with progress_line() as progress:
        table = evaluate_robustness(open_archive(archive, model), data, fold, log, why, progress, limit, drafted)
    for file in out or []:
        if file.suffix == ".svg":
            save_curves(table, file)
        else:
            table.save(file)
    _tell(table, None, as_json)


def _tell(table: Table | Tables, out: Path | None, as_json: bool) -> None:
    if out is not None:
        table.save(out)
    if as_json:
        print_json(table.to_dict())
    else:
        print(table.markdown())
