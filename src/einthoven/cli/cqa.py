"""`einthoven evaluate cqa`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from einthoven.cli.asking import FoldOption, LimitOption, LogOption, OutOption, WhyOption, tell
from einthoven.cli.language import AllowRemote, KeptOption, KeyFrom, Llm, LlmModel, refuse_without_llm
from einthoven.cli.terminal import Json, need_packages, progress_line
from einthoven.ecg import FileError, UsageError

if TYPE_CHECKING:
    from einthoven.evaluation.cqa_settings import Writer
    from einthoven.evaluation.tasks.cqa import Lists

QUESTIONS, FINDINGS, NOTES = "questions.tsv", "findings.tsv", "notes.tsv"


def cqa(
    lists: Annotated[
        Path | None,
        typer.Option("--lists", metavar="DIR", help=f"Holds {QUESTIONS}, {FINDINGS}, {NOTES}, or some of them."),
    ] = None,
    questions: Annotated[
        Path | None, typer.Option("--questions", metavar="FILE.tsv", help="Another list of them.")
    ] = None,
    findings: Annotated[
        Path | None, typer.Option("--findings", metavar="FILE.tsv", help="Another list of them.")
    ] = None,
    notes: Annotated[Path | None, typer.Option("--notes", metavar="FILE.tsv", help="Another list of them.")] = None,
    references: Annotated[
        Path | None,
        typer.Option(
            "--references", metavar="FILE.py", help="ecg_arrhythmia_knowledge.py of torch-ecg 0.0.33; read, never run."
        ),
    ] = None,
    language_model: Annotated[
        Path | None,
        typer.Option("--language-model", metavar="DIR", help="A BERT for BERTScore. Default: MiniLM, if installed."),
    ] = None,
    sources: Annotated[
        list[Path] | None,
        typer.Option(
            "--sources", metavar="FILE...", help="Documents beside the handbook, each alone and all together."
        ),
    ] = None,
    further: Annotated[list[Path] | None, typer.Argument(metavar="[FILE]...", hidden=True)] = None,
    llm: Llm = None,
    llm_model: LlmModel = None,
    key_from: KeyFrom = None,
    allow_remote: AllowRemote = False,
    llm_k: Annotated[str, typer.Option("--llm-k", help="Passages that it gets, such as 0,1,2,3,4,5; 0: none.")] = "0,2",
    prompts: Annotated[
        str, typer.Option("--prompts", help="Keys of prompts, the first for all else; or: all.")
    ] = "how-reflected",
    kept: KeptOption = None,
    conditions: Annotated[
        int | None, typer.Option("--conditions", min=2, help="Only the first so many, for a quick look.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", metavar="DIR", help="PTB-XL, for criteria beside measurements.")
    ] = None,
    fold: FoldOption = 9,
    why: WhyOption = "",
    log: LogOption = None,
    limit: LimitOption = None,
    out: OutOption = None,
    as_json: Json = False,
) -> None:
    """Descriptions: BERTScore by passages, sources, prompts; right sections; abstention; criteria beside ECGs."""
    need_packages("eval", "scipy")
    from einthoven.evaluation.question import Question
    from einthoven.evaluation.tasks.cqa import Compared, evaluate_cqa

    refuse_without_llm(llm, llm_model, key_from, allow_remote, kept)
    if further and not sources:
        raise UsageError(f"What {further[0]} is for is not said.", "Put --sources before it.")
    sources = [*(sources or ()), *(further or ())]  # an option takes one value: what follows it is an argument
    if references is None and (sources or llm):
        raise UsageError("Sources and a language model are compared with references.", "Name --references FILE.py.")
    compared = None
    if references is not None:
        need_packages("bertscore", "bert_score", "transformers")
        from einthoven.metrics import load_language_model

        writer = _writer(llm, llm_model, key_from, allow_remote, llm_k, prompts, kept) if llm else None
        compared = Compared(references, load_language_model(language_model), sources, writer, conditions)
    question = Question(data, fold, limit=limit, log=log, why=why) if data is not None else None
    with progress_line() as progress:
        table = evaluate_cqa(_lists(lists, questions, findings, notes), compared, question, progress)
    tell(table, out, as_json)


def _lists(folder: Path | None, questions: Path | None, findings: Path | None, notes: Path | None) -> Lists:
    """Those that are named, and of the others those that the folder holds."""
    from einthoven.evaluation.tasks.cqa import Lists

    given = {QUESTIONS: questions, FINDINGS: findings, NOTES: notes}
    if folder is not None:
        there = {name: folder / name for name in given if (folder / name).is_file()}
        if not there:
            raise FileError(f"{folder} holds none of {', '.join(given)}.", "Name the folder of the lists.")
        given = {name: path or there.get(name) for name, path in given.items()}
    return Lists(given[QUESTIONS], given[FINDINGS], given[NOTES])


def _writer(
    llm: str, model: str | None, key_from: str | None, allow_remote: bool, depths: str, asked: str, kept: Path | None
) -> Writer:
    """The language model with the settings that it is asked under."""
    from einthoven.evaluation.cqa_settings import Writer
    from einthoven.knowledge.prompts import prompts
    from einthoven.llm import Remembered, open_llm

    try:
        numbers = [int(one) for one in depths.split(",")]
    except ValueError:
        numbers = []
    if not numbers or not all(0 <= one <= 20 for one in numbers):
        raise UsageError(f"--llm-k {depths} names no numbers of passages.", "Write 0,1,2,3,4,5, or some of them.")
    keys = list(prompts()) if asked == "all" else asked.split(",")
    if unknown := [key for key in keys if key not in prompts()]:
        raise UsageError(f"No prompt is called {unknown[0][:40]!r}.", f"Choose of {', '.join(prompts())}, or all.")
    chat = open_llm(llm, model, key_from, allow_remote)
    return Writer(chat if kept is None else Remembered(chat, kept), numbers, keys)


def add_to(app: typer.Typer) -> None:
    """Puts the command among the others of `einthoven evaluate`."""
    app.command("cqa")(cqa)
