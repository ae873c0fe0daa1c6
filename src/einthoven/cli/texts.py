"""`einthoven evaluate parse` and `qa`: what is judged by texts."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.asking import DataOption, LogOption, OutOption, WhyOption, tell
from einthoven.cli.terminal import Json, need_packages, progress_line
from einthoven.ecg import UsageError


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


def qa(
    data: Annotated[
        Path, typer.Option("--data", metavar="DIR", help="PTB-XL, of which the table is enough, or a prepared folder.")
    ],
    questions: Annotated[
        Path | None, typer.Option("--questions", metavar="DIR", help="ECG-QA. Without it, questions of our own.")
    ] = None,
    part: Annotated[str, typer.Option("--part", help="train, valid or test; of our own folds 1-8, 9 or 10.")] = "valid",
    own: Annotated[bool, typer.Option("--own", help="Questions of our own about ECG-QA's ECGs.")] = False,
    check: Annotated[
        bool, typer.Option("--check", help="Whether our answers equal the published ones. No model has a part in it.")
    ] = False,
    answers: Annotated[
        list[Path] | None,
        typer.Option("--answers", metavar="FILE.json", help='{"answers": {"SAMPLE": ["yes"]}}; may be given again.'),
    ] = None,
    write: Annotated[
        Path | None, typer.Option("--write", metavar="FILE.json", help="Write the questions there, to be answered.")
    ] = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="Also ask about measured values, which takes minutes.")
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of questions of our own.")] = 0,
    limit: Annotated[int | None, typer.Option("--limit", min=1, help="Only so many questions of each kind.")] = None,
    why: WhyOption = "",
    log: LogOption = None,
    out: OutOption = None,
    as_json: Json = False,
) -> None:
    """Questions about ECGs: exact match of answers by kind, beside the most common answers and the ceilings."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.qa_answers import read_answers
    from einthoven.evaluation.qa_check import check_published
    from einthoven.evaluation.qa_exam import Choice, write_questions
    from einthoven.evaluation.tasks.qa import evaluate_qa

    if check:
        if questions is None or answers or write is not None or own:
            raise UsageError(
                "The check compares published answers with our rules.", "Give --data and --questions alone."
            )
        with progress_line() as progress:
            table = check_published(data, questions, progress, log, why)
        tell(table, out, as_json)
        return
    given = [read_answers(file) for file in answers or ()]
    choice = Choice(data, questions, part, own, seed, limit, measure, log, why)  # type: ignore[arg-type]
    with progress_line() as progress:
        exam = choice.exam(progress)
        if write is not None:
            write_questions(exam, write)
        table = evaluate_qa(exam, given, progress=progress)
    tell(table, out, as_json)


def add_to(app: typer.Typer) -> None:
    """Puts the commands of this module among the others of `einthoven evaluate`."""
    app.command("parse")(parse)
    app.command("qa")(qa)
