"""`einthoven figure regen-2`: an ECG beside its nearest ones in an archive."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from einthoven.cli.draw import check_drawing, write_drawing
from einthoven.cli.files import write_text
from einthoven.cli.fitness import findings, warn, warnings
from einthoven.cli.terminal import open_archive, print_json, say
from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.ecg import ECG, Statement
    from einthoven.statements import Language

PAGE = ".html"


def draw_neighbours(
    name: str,
    ecg: ECG,
    file: Path | None,
    out: Path,
    given: list[Statement] | None,
    archive: str | None,
    data: Path | None,
    language: Language,
    dpi: float | None,
    as_json: bool,
) -> None:
    """Draws it, writes it as SVG, PNG, PDF or HTML, and says what has no trace."""
    from einthoven.reporting.figures.regen2 import codes_of, regen2

    page = out.suffix.lower() == PAGE
    if page and dpi is not None:
        raise UsageError(f"Only a PNG has pixels; '{out.name}' is none.", "Leave --dpi out.")
    if not page:
        check_drawing(out, dpi)
    traces = _traces_in(data)
    doubts = findings(ecg)
    made = regen2(ecg, open_archive(archive, None), traces, given, language, warnings(doubts))
    if page:
        write_text(out, _html(made.drawing, language))
    else:
        write_drawing(out, made.drawing, dpi)
    if as_json:
        where = {"figure": name, "drawing": str(out), "file": None if file is None else str(file)}
        print_json({**where, **made.to_dict(), "quality": [doubt.to_dict() for doubt in doubts]})
        return
    say(str(out))
    lost = [one.text for one in given or () if one.text and not codes_of([one])]
    if lost:
        say(f"Not on it, for no code is read from it as present or possible: {'; '.join(lost)}")
    if not made.panels:
        say("The archive holds no ECG of another patient: no neighbour is on it.")
    untraced = sum(not panel.traced for panel in made.panels)
    if untraced:
        say(
            f"{untraced} of {len(made.panels)} neighbours have no trace here; --data FOLDER reads it from the data set."
        )
    warn(doubts)


def _traces_in(data: Path | None) -> Callable[[str], ECG | None]:
    """Finds traces by record ids such as ptb-xl/00123 in PTB-XL's folder."""
    if data is None:
        return lambda record: None
    from einthoven.datasets.ptbxl import NAME, PTBXL

    known = PTBXL(data)
    entries = {f"{NAME}/{entry.name}": entry for entry in known.present()}

    def find(record: str) -> ECG | None:
        return known.row(entries[record]).ecg() if record in entries else None

    return find


def _html(svg: str, language: str) -> str:
    inner = svg.replace(' xmlns="http://www.w3.org/2000/svg"', "", 1)
    return (
        f'<!DOCTYPE html>\n<html lang="{language}">\n<head>\n<meta charset="utf-8">\n<title>ECG</title>\n'
        "<style>body{margin:0;background:#fff}svg{max-width:100%;height:auto}</style>\n</head>\n"
        f"<body>\n{inner}\n</body>\n</html>\n"
    )
