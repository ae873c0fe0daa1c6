"""`einthoven compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg, write_text
from einthoven.cli.reports import ArchiveOption
from einthoven.cli.terminal import Json, ModelOption, open_archive, print_json, say
from einthoven.ecg import UsageError


def compare(
    file: File,
    earlier: Annotated[Path, typer.Argument(metavar="EARLIER", help="The ECG of the same person to compare it with.")],
    archive: ArchiveOption = None,
    page: Annotated[
        Path | None, typer.Option("--page", metavar="OUT.html", help="Also write a page with both ECGs on paper.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", hidden=True)] = None,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="Compare them although the files state different patients.")
    ] = False,
    language: Annotated[Literal["en", "de"], typer.Option(help="Language of the comparison.")] = "en",
    model: ModelOption = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Compare two ECGs of one person: measurements, statements of both drafts, the AHA's comparison codes.

    A difference counts only beyond the error of measurement, which was measured where nothing had changed. The two are
    put in the order of their dates.
    """
    from einthoven.reporting.compare import compare as compared

    if page is not None and out is not None:
        raise UsageError("Two pages are asked for.", "Name one with --page.")
    page = page or out  # its name before `report` had one, too
    ecgs = [read_ecg(one, rate, unit, leads) for one in (file, earlier)]
    found = compared(ecgs[0], ecgs[1], open_archive(archive, model), anyway=anyway, language=language)
    if page is not None:
        from einthoven.reporting.compare.page import comparison_page

        write_text(page, comparison_page(found))
    if as_json:
        print_json(found.to_dict())
    else:
        for line in str(found).splitlines():
            say(line)
