"""`einthoven evaluate parse`: how well reports are read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.asking import DataOption, LogOption, OutOption, WhyOption, tell
from einthoven.cli.terminal import Json, need_packages, progress_line


def parse(
    data: DataOption,
    labels: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--labels", metavar="A.tsv B.tsv", help="The same reports labelled by two readers."),
    ] = None,
    fold: Annotated[int, typer.Option("--fold", help="8 or 9 to choose, 10 to report; uses of 10 are logged.")] = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    as_json: Json = False,
) -> None:
    """How well statements are read from report texts: beside PTB-XL's codes, or beside two readers' labels."""
    need_packages("eval", "scipy", "sklearn")
    if labels is not None:
        from einthoven.evaluation.tasks.readers import evaluate_readers

        tell(evaluate_readers(data, *labels, log, why), out, as_json)
        return
    from einthoven.evaluation.tasks.parse import evaluate_parse

    with progress_line() as progress:
        table = evaluate_parse(data, fold, log, why, progress)
    tell(table, out, as_json)


def add_to(app: typer.Typer) -> None:
    """Puts the commands of this module among the others of `einthoven evaluate`."""
    app.command("parse")(parse)
