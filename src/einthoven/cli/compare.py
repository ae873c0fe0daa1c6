"""`einthoven compare`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg, write_text
from einthoven.cli.reports import ArchiveOption
from einthoven.cli.terminal import Json, ModelOption, open_archive, print_json, say


def compare(
    file: File,
    earlier: Annotated[Path, typer.Argument(metavar="EARLIER", help="The ECG of the same person to compare it with.")],
    archive: ArchiveOption = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="OUT.html", help="Also write a page with both ECGs on paper.")
    ] = None,
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

    ecgs = [read_ecg(one, rate, unit, leads) for one in (file, earlier)]
    found = compared(ecgs[0], ecgs[1], open_archive(archive, model), anyway=anyway, language=language)
    if out is not None:
        from einthoven.reporting.compare.page import comparison_page

        write_text(out, comparison_page(found))
    if as_json:
        print_json(found.to_dict())
    else:
        for line in str(found).splitlines():
            say(line)
