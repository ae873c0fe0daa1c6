"""`einthoven evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.terminal import Json, ModelOption, need_packages, open_model, print_json, progress_line

app = typer.Typer(
    help="Results with intervals, baselines, split and numbers of patients.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.callback()
def evaluate() -> None:
    """Results with intervals, baselines, split and numbers of patients."""


@app.command()
def retrieval(
    data: Annotated[Path, typer.Option("--data", metavar="DIR", help="Where the data set lies.")],
    dataset: Annotated[str, typer.Option("--dataset", help="A data set by name.")] = "ptb-xl",
    fold: Annotated[int, typer.Option("--fold", help="9 to choose, 10 to report; uses of fold 10 are logged.")] = 10,
    why: Annotated[str, typer.Option("--why", help="For the log of fold 10.")] = "",
    log: Annotated[
        Path | None, typer.Option("--log", metavar="FILE", help="The log of fold 10. Default: docs/fold10.log.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE.json", help="Also write the JSON document there.")
    ] = None,
    limit: Annotated[int | None, typer.Option("--limit", min=50, help="Only so many ECGs, for a quick look.")] = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """How well neighbours, a linear probe and the head know what an ECG shows: macro-AUC beside baselines."""
    need_packages("train,eval", "torch", "sklearn")
    from einthoven.evaluation.retrieval import evaluate_retrieval

    with progress_line() as progress:
        table = evaluate_retrieval(open_model(model), dataset, data, fold, log, why, progress, limit)
    if out is not None:
        table.save(out)
    if as_json:
        print_json(table.to_dict())
    else:
        print(table.markdown())
