"""`einthoven evaluate all`: one page of every task."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.asking import DataOption, FoldOption, LimitOption, LogOption, WhyOption
from einthoven.cli.reports import ArchiveOption
from einthoven.cli.tasks import AgainstOption
from einthoven.cli.terminal import Json, ModelOption, need_packages, open_archive, print_json, progress_line
from einthoven.ecg import UsageError

KEPT = Path("runs") / "kept"


def everything(
    data: DataOption,
    archive: ArchiveOption = None,
    fold: FoldOption = 9,
    against: AgainstOption = None,
    elsewhere: Annotated[
        list[Path] | None,
        typer.Option("--elsewhere", metavar="DIR", help="Challenge 2021, LUDB or Chapman-Shaoxing; again for more."),
    ] = None,
    questions: Annotated[Path | None, typer.Option("--questions", metavar="DIR", help="ECG-QA.")] = None,
    labels: Annotated[
        tuple[Path, Path] | None,
        typer.Option("--labels", metavar="A.tsv B.tsv", help="The same reports labelled by two readers."),
    ] = None,
    regen: Annotated[
        Path | None,
        typer.Option("--regen", metavar="FILE.md", help="A page with ECG-ReGen's Tables I and II, to be taken over."),
    ] = None,
    kept: Annotated[Path, typer.Option("--kept", metavar="DIR", help="Where is kept what models make of ECGs.")] = KEPT,
    out: Annotated[
        list[Path] | None,
        typer.Option("--out", metavar="FILE.md|FILE.json", help="Also write the page, or the JSON document, there."),
    ] = None,
    why: WhyOption = "",
    log: LogOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Every task for one model and its archive on one page, in minutes: nothing is trained but linear layers."""
    need_packages("train,eval", "torch", "scipy", "sklearn")
    from einthoven.evaluation.adapter import open_judged
    from einthoven.evaluation.everything import Wanted, evaluate_all
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.store import Store
    from einthoven.evaluation.table import save_json

    if wrong := next((file for file in out or [] if file.suffix not in (".md", ".json")), None):
        raise UsageError(f"{wrong} is neither Markdown nor JSON.", "Name a file that ends in .md or .json.")
    wanted = Wanted(
        Question(data, fold, limit=limit, log=log, why=why),
        open_archive(archive, model),
        [open_judged(name) for name in against or ()],
        elsewhere or (),
        questions,
        labels,
        regen,
    )
    with progress_line() as progress, Store(kept) as store:
        page = evaluate_all(wanted, store, progress)
    for file in out or []:
        if file.suffix == ".json":
            save_json(page.to_dict(), file)
        else:
            page.save(file)
    if as_json:
        print_json(page.to_dict())
    else:
        print(page.markdown())


def add_to(app: typer.Typer) -> None:
    """Puts the command among the others of `einthoven evaluate`."""
    app.command("all")(everything)
