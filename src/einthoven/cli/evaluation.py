"""`einthoven evaluate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.asking import (
    DataOption,
    DatasetOption,
    FoldOption,
    KeptOption,
    LimitOption,
    LogOption,
    OutOption,
    WhyOption,
    kept_in,
    tell,
)
from einthoven.cli.reports import ArchiveOption
from einthoven.cli.terminal import Json, ModelOption, need_packages, open_archive, open_model, progress_line
from einthoven.ecg import UsageError

ElsewhereOption = Annotated[
    list[Path] | None,
    typer.Option("--elsewhere", metavar="DIR", help="Challenge 2021, LUDB or Chapman-Shaoxing, or a folder of theirs."),
]

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
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    fold: FoldOption = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    against: Annotated[
        list[str] | None,
        typer.Option("--against", metavar="CHECKPOINT", help="Another model to compare with; may be given again."),
    ] = None,
    kept: KeptOption = None,
    as_json: Json = False,
) -> None:
    """How well neighbours, a linear probe and the head know what an ECG shows: macro-AUC beside baselines."""
    need_packages("train,eval", "torch", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.retrieval import evaluate_retrieval

    ours, others = open_model(model), [open_model(name) for name in against or ()]
    question = Question(data, fold, dataset, limit, log, why)
    with progress_line() as progress, kept_in(kept) as store:
        table = evaluate_retrieval(ours, question, progress, others, store)
    tell(table, out, as_json)


@app.command()
def groups(
    data: DataOption,
    dataset: DatasetOption = "ptb-xl",
    fold: FoldOption = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    card: Annotated[
        Path | None,
        typer.Option("--card", metavar="CHECKPOINT", help="Also put the numbers into this checkpoint's README.md."),
    ] = None,
    as_json: Json = False,
) -> None:
    """A model by sex and age, its calibration, and its rare and critical statements one by one."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.groups import card_section, evaluate_groups
    from einthoven.models.card import check_card, write_audit

    audited = open_model(model)
    if card is not None:
        if limit is not None:
            raise UsageError("A card does not show a part of a fold.", "Leave out --limit, or --card.")
        check_card(card, audited.sha256)
    with progress_line() as progress:
        table = evaluate_groups(audited, Question(data, fold, dataset, limit, log, why), progress)
    if card is not None:
        write_audit(card, card_section(table))
    tell(table, out, as_json)


@app.command()
def audit(
    archive: Annotated[Path, typer.Argument(metavar="ARCHIVE", help="An archive, or a prepared collection.")],
    test: Annotated[Path, typer.Argument(metavar="TEST", help="The same, or with --dataset that data set's folder.")],
    dataset: Annotated[str | None, typer.Option("--dataset", help="Which data set TEST is: ptb-xl ...")] = None,
    folds: Annotated[str | None, typer.Option("--folds", help="Which folds of it, such as 9,10.")] = None,
    threshold: Annotated[float, typer.Option(help="How alike two tracings are that count as one.")] = 0.9,
    report_only: Annotated[
        bool, typer.Option("--report-only", help="Exit with 0 although something is shared.")
    ] = False,
    out: OutOption = None,
    as_json: Json = False,
) -> None:
    """What an archive shares with a test set: patients, records, samples, tracings. Exit code 1 if anything."""
    from einthoven.cli.sources import parse_folds
    from einthoven.evaluation.tasks.audit import evaluate_audit, side_of

    with progress_line() as progress:
        side = side_of(test, dataset, parse_folds(folds) if folds else None)
        table = evaluate_audit(archive, side, threshold, progress)
    tell(table, out, as_json)
    if table.facts["shared_ecgs"] and not report_only:
        raise typer.Exit(1)


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
    by_words: Annotated[
        bool, typer.Option("--by-words", help="Also by the codes' report wordings alone: a model with a text side.")
    ] = False,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """How much is lost on ECGs from elsewhere, and whether drafts notice: AUC, outcomes, beside PTB-XL's fold 9."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.tasks.shift import evaluate_shift

    with progress_line() as progress:
        table = evaluate_shift(open_archive(archive, model), data, reference, progress, limit, by_words)
    tell(table, out, as_json)


@app.command()
def conformal(
    data: DataOption,
    archive: ArchiveOption = None,
    elsewhere: ElsewhereOption = None,
    dataset: DatasetOption = "ptb-xl",
    fold: FoldOption = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Whether the archive's guarantee holds: on halves of a fold by patient, and on ECGs from elsewhere."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.conformal import evaluate_conformal

    question = Question(data, fold, dataset, limit, log, why)
    with progress_line() as progress:
        table = evaluate_conformal(open_archive(archive, model), question, elsewhere or (), progress=progress)
    tell(table, out, as_json)


@app.command()
def risk(
    data: DataOption,
    archive: ArchiveOption = None,
    elsewhere: ElsewhereOption = None,
    dataset: DatasetOption = "ptb-xl",
    fold: FoldOption = 10,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    limit: LimitOption = None,
    model: ModelOption = None,
    as_json: Json = False,
) -> None:
    """Risk and coverage of drafts: any critical finding fabricated, any missed; on a fold and on other data sets."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.risk import evaluate_risk

    question = Question(data, fold, dataset, limit, log, why)
    with progress_line() as progress:
        table = evaluate_risk(open_archive(archive, model), question, elsewhere or (), progress)
    tell(table, out, as_json)


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
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.robustness import evaluate_robustness

    question = Question(data, fold, limit=limit, log=log, why=why)
    with progress_line() as progress:
        table = evaluate_robustness(open_archive(archive, model), question, progress, drafted)
    for file in out or []:
        if file.suffix == ".svg":
            save_curves(table, file)
        else:
            table.save(file)
    tell(table, None, as_json)
