"""`einthoven ask`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg
from einthoven.cli.language import AllowRemote, KeyFrom, Llm, LlmModel, refuse_without_llm
from einthoven.cli.reports import ArchiveOption
from einthoven.cli.terminal import Json, ModelOption, open_archive, print_json, say
from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.answering.protocol import Protocol

PromptsOption = Annotated[
    Path | None, typer.Option("--prompts", metavar="FILE.json", help="Other prompts than those that come along.")
]
LayoutOption = Annotated[
    Literal["listed", "interleaved"],
    typer.Option("--context", help="Reports, then diagnoses; or each report with its diagnoses."),
]


def ask(
    file: File,
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="In English or German.")],
    archive: ArchiveOption = None,
    options: Annotated[
        str | None, typer.Option("--options", metavar="A,B", help="The only answers that may be given; or A|B.")
    ] = None,
    second: Annotated[
        Path | None, typer.Option("--with", metavar="FILE2", help="The later ECG, for questions about two.")
    ] = None,
    earlier: Annotated[
        Path | None, typer.Option("--earlier", metavar="EARLIER", help="The same, with FILE as the later one.")
    ] = None,
    sure: Annotated[
        float, typer.Option("--sure", min=0.5, max=1.0, help="Below this probability the answer is not sure.")
    ] = 0.8,
    llm: Llm = None,
    llm_model: LlmModel = None,
    key_from: KeyFrom = None,
    allow_remote: AllowRemote = False,
    prompts: PromptsOption = None,
    context: LayoutOption = "listed",
    k: Annotated[int, typer.Option("--k", min=1, max=20, help="Neighbours whose reports a language model gets.")] = 3,
    model: ModelOption = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Answer a question about an ECG from similar ones of an archive, its measurements and its signal quality."""
    from einthoven.answering import answer

    given = _options(options)
    refuse_without_llm(llm, llm_model, key_from, allow_remote)
    if llm is None and prompts is not None:
        raise UsageError("Prompts are for a language model, and none is named.", "Add --llm.")
    if second is not None and earlier is not None:
        raise UsageError("A question is about two ECGs at most.", "Give --with LATER or --earlier EARLIER.")
    if llm is not None and (second is not None or earlier is not None):
        raise UsageError("A language model is asked about one ECG only.", "Leave out --llm, or the other ECG.")
    protocol = None if llm is None else open_protocol(llm, llm_model, key_from, allow_remote, prompts, context)
    ecg = read_ecg(file, rate, unit, leads)
    other = None if second is None else read_ecg(second, rate, unit, leads)
    if earlier is not None:
        ecg, other = read_ecg(earlier, rate, unit, leads), ecg
    opened = open_archive(archive, model)
    if protocol is None:
        found = answer(ecg, question, opened, given, other, sure)
    else:
        from einthoven.answering.advised import advised

        found = advised(ecg, question, opened, protocol, given, k, sure)
    if as_json:
        print_json(found.to_dict())
        return
    for line in str(found).splitlines():
        say(line)


def open_protocol(
    where: str,
    model: str | None,
    key_from: str | None,
    allow_remote: bool,
    prompts: Path | None,
    layout: Literal["listed", "interleaved"],
) -> Protocol:
    """The language model that the options name, asked as in ECG-ReGen."""
    from einthoven.answering.prompts import read_prompts
    from einthoven.answering.protocol import Protocol
    from einthoven.llm import open_llm

    return Protocol(open_llm(where, model, key_from, allow_remote), read_prompts(prompts), layout)


def _options(text: str | None) -> tuple[str, ...]:
    """Options parted by | where there is one, else by commas; a name may hold a comma."""
    if text is None:
        return ()
    each = tuple(one.strip() for one in text.split("|" if "|" in text else ",") if one.strip())
    if not each:
        raise UsageError("--options is empty.", "Give --options yes,no, or leave it out.")
    return each
