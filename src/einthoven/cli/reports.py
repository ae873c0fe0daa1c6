"""`einthoven report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg, write_text
from einthoven.cli.language import AllowRemote, KeyFrom, Llm, LlmModel, refuse_without_llm
from einthoven.cli.terminal import Json, ModelOption, open_archive, print_json, say
from einthoven.ecg import UsageError

ArchiveOption = Annotated[
    str | None,
    typer.Option("--archive", metavar="DIR|URI", help="The archive to look in. Default: the one that ships."),
]
WhereOption = Annotated[
    str | None,
    typer.Option(metavar="CONDITIONS", help="Which ECGs may answer: age>=60,sex=F,source=NAME,date>=2019-06."),
]


def report(
    file: File,
    archive: ArchiveOption = None,
    k: Annotated[
        int | None, typer.Option("--k", min=1, help="Neighbours that vote. Default: as calibrated (25).")
    ] = None,
    language: Annotated[Literal["en", "de"], typer.Option(help="Language of the report text.")] = "en",
    page: Annotated[
        Path | None,
        typer.Option(metavar="OUT.html", help="Also write a page with paper, neighbours and draft."),
    ] = None,
    where: WhereOption = None,
    knowledge: Annotated[
        Path | None,
        typer.Option("--knowledge", metavar="DIR", help="Your knowledge base: what findings look like, in its words."),
    ] = None,
    paper: Annotated[
        bool,
        typer.Option("--paper", help="ECG-ReGen's method: the report of the one nearest ECG as it stands (k = 1)."),
    ] = False,
    model: ModelOption = None,
    llm: Llm = None,
    llm_model: LlmModel = None,
    key_from: KeyFrom = None,
    allow_remote: AllowRemote = False,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Draft a report for an ECG from the most similar ones of an archive, each statement with its evidence.

    With --llm a language model rewords the draft; it is shown as a difference, and what it adds is dropped.
    """
    from einthoven.reporting import report as draft_report

    if paper and llm is not None:
        raise UsageError("Another patient's report is quoted, not reworded.", "Leave --paper or --llm out.")
    refuse_without_llm(llm, llm_model, key_from, allow_remote)
    chat = None
    if llm is not None:
        from einthoven.llm import open_llm

        chat = open_llm(llm, llm_model, key_from, allow_remote)
    shelf = None
    if knowledge is not None:
        from einthoven.reporting.described import described_by, open_shelf

        shelf = open_shelf(knowledge)
    ecg = read_ecg(file, rate, unit, leads)
    draft = draft_report(
        ecg, open_archive(archive, model), k, language, method="nearest" if paper else "weighed", where=where
    )
    if chat is not None:
        from einthoven.reporting.refine import refine

        draft = refine(draft, chat, language)
    if shelf is not None:
        draft = described_by(draft, shelf)
    if page is not None:
        from einthoven.reporting.page import draft_page

        write_text(page, draft_page(ecg, draft, language))
    if as_json:
        print_json(draft.to_dict())
    else:
        for line in str(draft).splitlines():
            say(line)
