"""`einthoven report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg, write_text
from einthoven.cli.terminal import Json, ModelOption, open_archive, print_json, say

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
    model: ModelOption = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Draft a report for an ECG from the most similar ones of an archive, each statement with its evidence."""
    from einthoven.reporting import report as draft_report

    ecg = read_ecg(file, rate, unit, leads)
    draft = draft_report(ecg, open_archive(archive, model), k, language, where=where)
    if page is not None:
        from einthoven.reporting.page import draft_page

        write_text(page, draft_page(ecg, draft, language))
    if as_json:
        print_json(draft.to_dict())
    else:
        for line in str(draft).splitlines():
            say(line)
