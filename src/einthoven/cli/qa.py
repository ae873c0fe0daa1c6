"""`einthoven evaluate qa`."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli.ask import LayoutOption, PromptsOption
from einthoven.cli.asking import LogOption, OutOption, WhyOption, tell
from einthoven.cli.language import AllowRemote, KeptOption, KeyFrom, LlmModel, refuse_without_llm
from einthoven.cli.terminal import Json, ModelOption, need_packages, open_archive, open_model, progress_line
from einthoven.ecg import EinthovenError, UsageError

if TYPE_CHECKING:
    from einthoven.answering.protocol import Protocol
    from einthoven.evaluation.qa_exam import Choice
    from einthoven.retrieval import Archive


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
    ours: Annotated[
        bool, typer.Option("--ours", help="Ask Einthoven's own answers too, with controls; needs signals of PTB-XL.")
    ] = False,
    archive: Annotated[
        Path | None,
        typer.Option(
            "--archive",
            metavar="DIR",
            help="Ours, from this archive and not the one that ships. Of a --model that was trained on ECG-QA's train "
            "ECGs: where their archive is kept; else it is made for this run alone.",
        ),
    ] = None,
    model: ModelOption = None,
    trained_on: Annotated[
        str | None, typer.Option("--trained-on", metavar="1,2,3", help="Folds of the model, if its card has none.")
    ] = None,
    fold: Annotated[
        int | None, typer.Option("--fold", help="Of --ours: 9 (default) to choose, 10 to report; 10 is logged.")
    ] = None,
    llm: Annotated[
        list[str] | None,
        typer.Option("--llm", metavar="URL|FILE", help="Of --ours: a language model as in ECG-ReGen; again for more."),
    ] = None,
    llm_model: LlmModel = None,
    key_from: KeyFrom = None,
    allow_remote: AllowRemote = False,
    kept: KeptOption = None,
    prompts: PromptsOption = None,
    context: LayoutOption = "listed",
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
    refuse_without_llm(llm, llm_model, key_from, allow_remote, kept)
    ours = ours or archive is not None
    if not ours and (model or trained_on or llm or prompts):
        raise UsageError("These options are of answers that are asked here.", "Add --ours.")
    if ours and (given or write is not None or measure):
        raise UsageError(
            "Answers of files, --write and --measure do not go with --ours.",
            "Measured values would be judged by the very measurement that answers them.",
        )
    if ours and questions is None:
        part = {None: "valid", 9: "valid", 10: "test"}.get(fold, part)
    choice = Choice(data, questions, part, own, seed, None if ours else limit, measure, log, why)  # type: ignore[arg-type]
    with progress_line() as progress:
        if ours:
            from einthoven.evaluation.qa_run import Run

            models: dict[str, Protocol | str] = {}
            for where in llm or ():
                name, one = _named(where, llm_model, key_from, allow_remote, kept, prompts, context)
                if name in models:
                    raise UsageError(f"Two language models would be the row {name}.", "Rename one of the .yaml files.")
                models[name] = one
            with _asked(archive, model, choice, fold, progress) as opened:
                run = Run(data, opened, fold, limit, models, _folds(trained_on), seed, questions)
                tell(run.table(choice.exam(progress), progress), out, as_json)
            return
        exam = choice.exam(progress)
        if write is not None:
            write_questions(exam, write)
        table = evaluate_qa(exam, given, progress=progress)
    tell(table, out, as_json)


@contextmanager
def _asked(
    archive: Path | None, model: str | None, choice: Choice, fold: int | None, progress: Callable[[str], None]
) -> Iterator[Archive]:
    """The archive that answers; of a model that was trained on ECG-QA's train ECGs, one of these, made if need be."""
    from einthoven.datasets import ECGQA, PTBXL
    from einthoven.evaluation.qa_sides import archive_of_ecgqa, require_lists
    from einthoven.evaluation.seen import refuse_split, split_of

    if model is None or split_of(opened := open_model(model)) is None:
        yield open_archive(archive, model)
        return
    if choice.published is None:
        refuse_split(opened)
    else:
        require_lists(opened, fold, choice.part)  # before minutes of embedding
        with tempfile.TemporaryDirectory() as scratch:
            place = archive or Path(scratch) / "archive"
            if (place / "archive.json").is_file():
                yield open_archive(place, model)
                return
            progress("embedding ECG-QA's train ECGs")
            yield archive_of_ecgqa(PTBXL(choice.data), ECGQA(choice.published), opened, place)


def _named(
    where: str,
    model: str | None,
    key_from: str | None,
    allow_remote: bool,
    kept: Path | None,
    prompts: Path | None,
    context: str,
) -> tuple[str, Protocol | str]:
    """A language model under the name of its row; why it cannot be asked, where that is so."""
    from einthoven.answering.prompts import read_prompts
    from einthoven.answering.protocol import Protocol
    from einthoven.llm import Remembered, open_llm

    read = read_prompts(prompts)
    name = Path(where).stem if "://" not in where else model or where
    try:
        chat = open_llm(where, model, key_from, allow_remote)
        return name, Protocol(chat if kept is None else Remembered(chat, kept), read, context)  # type: ignore[arg-type]
    except EinthovenError as fault:
        if isinstance(fault, UsageError):
            raise
        return name, fault.message


def _folds(text: str | None) -> tuple[int, ...]:
    try:
        return tuple(int(one) for one in (text or "").split(",") if one.strip())
    except ValueError:
        raise UsageError("--trained-on names no folds.", "Give numbers: --trained-on 1,2,3.") from None


def add_to(app: typer.Typer) -> None:
    """Puts the command among the others of `einthoven evaluate`."""
    app.command("qa")(qa)
