"""What the commands of `einthoven evaluate` ask for alike, and how they tell their tables."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli.terminal import print_json

if TYPE_CHECKING:
    from einthoven.evaluation.store import Store
    from einthoven.evaluation.table import Table

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
KeptOption = Annotated[
    Path | None,
    typer.Option("--kept", metavar="DIR", help="Keep what models make of ECGs there, for the next evaluation."),
]


def kept_in(folder: Path | None) -> AbstractContextManager[Store | None]:
    """A store in a folder, or none."""
    if folder is None:
        return nullcontext()
    from einthoven.evaluation.store import Store

    return Store(folder)


def tell(table: Table, out: Path | None, as_json: bool) -> None:
    """Prints a table, and writes it where it is wanted."""
    if out is not None:
        table.save(out)
    if as_json:
        print_json(table.to_dict())
    else:
        print(table.markdown())
