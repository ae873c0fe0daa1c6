"""`einthoven figure`: figures of papers, as ours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from einthoven.cli.demo import demo_file
from einthoven.cli.draw import DpiOption, check_drawing, write_drawing
from einthoven.cli.files import LeadsOption, RateOption, UnitOption, read_ecg
from einthoven.cli.fitness import findings, warn, warnings
from einthoven.cli.reports import ArchiveOption
from einthoven.cli.terminal import Json, print_json, say
from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.ecg import ECG, Statement
    from einthoven.knowledge.describe import Assistant
    from einthoven.reporting.figures.esi2 import Figure

    Maker = Callable[[ECG, Assistant, list[Statement] | None, list[str]], Figure]


@dataclass(frozen=True)
class Known:
    """A figure that can be made: what it shows, and how it is made; that is imported only when it is asked for.

    Without a maker it is one of neighbours (`figure_of_neighbours`).
    """

    shows: str
    maker: Callable[[], Maker] | None


def _esi2() -> Maker:
    from einthoven.reporting.figures.esi2 import esi2

    return esi2


FIGURES = {
    "esi-2": Known("Figure 2 of ESI: an ECG beside its metadata, its statements and what these look like", _esi2),
    "regen-2": Known("Figure 2 of ECG-ReGen: an ECG beside its three nearest, statements in common marked", None),
}


def figure(
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Which one. Without it, they are listed.")] = None,
    file: Annotated[
        Path | None, typer.Argument(metavar="FILE", help="An ECG file. Default: the one of `einthoven demo`.")
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="OUT.svg|.png|.pdf", help="Where it goes; regen-2 also as .html. Default: NAME.svg."
        ),
    ] = None,
    statements: Annotated[
        str | None, typer.Option("--statements", metavar='"A; B"', help="Statements in place of the file's own.")
    ] = None,
    k: Annotated[int, typer.Option("--k", help="Passages a finding.")] = 1,
    knowledge: Annotated[
        Path | None,
        typer.Option("--knowledge", metavar="DIR", help="Your knowledge base, in place of the handbook that ships."),
    ] = None,
    archive: ArchiveOption = None,
    data: Annotated[
        Path | None,
        typer.Option("--data", metavar="FOLDER", help="PTB-XL's folder, for traces that the archive does not keep."),
    ] = None,
    language: Annotated[Literal["en", "de"], typer.Option(help="Language of statements (regen-2).")] = "en",
    dpi: DpiOption = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Draw a figure of a paper from an ECG of yours, on a page of A4 in exact millimetres.

    Descriptions are quoted, each with its source; a statement that is no finding is shown with the reason why it is
    not described. The patient's id is not on it. PNG and PDF need two more packages: pip install 'einthoven[paper]'.
    """
    if name is None:
        _list(as_json)
        return
    if name.lower() not in FIGURES:
        from einthoven.statements.suggest import unknown

        raise unknown("figure", name, FIGURES)
    name = name.lower()
    out = out or Path(f"{name}.svg")
    given = None if statements is None else _given(statements)
    maker = FIGURES[name].maker
    if maker is None:
        from einthoven.cli.figure_of_neighbours import draw_neighbours

        ecg = read_ecg(file or demo_file(), rate, unit, leads)
        draw_neighbours(name, ecg, file, out, given, archive, data, language, dpi, as_json)
        return
    check_drawing(out, dpi)
    if archive is not None or data is not None:
        raise UsageError(f"{name} looks into no archive.", "Leave --archive and --data out.")
    assistant = _assistant(k, knowledge)
    ecg = read_ecg(file or demo_file(), rate, unit, leads)
    doubts = findings(ecg)
    made = maker()(ecg, assistant, given, warnings(doubts))
    write_drawing(out, made.drawing, dpi)
    if as_json:
        print_json(_document(name, out, file, made, doubts))
        return
    say(str(out))
    if made.left_out:
        say(f"{made.left_out} of {made.left_out + len(made.entries)} statements have no room on it.")
    cut = sum(entry.to_dict()["cut"] for entry in made.entries)
    if cut:
        say(f"{cut} {'descriptions are' if cut > 1 else 'description is'} cut to fit; `einthoven describe` has all.")
    warn(doubts)


def _list(as_json: bool) -> None:
    if as_json:
        print_json([{"figure": name, "shows": one.shows} for name, one in FIGURES.items()])
        return
    for name, one in FIGURES.items():
        say(f"{name}   {one.shows}")


def _given(statements: str) -> list[Statement]:
    from einthoven.ecg import Statement

    found = [Statement(text) for part in statements.split(";") if (text := part.strip())]
    if not found:
        raise UsageError("There is no statement in --statements.", 'Name some, with semicolons: --statements "A; B".')
    return found


def _assistant(k: int, knowledge: Path | None) -> Assistant:
    from einthoven.knowledge.describe import Assistant
    from einthoven.knowledge.shelf import BaseShelf

    if knowledge is None:
        return Assistant(k=k)
    from einthoven.knowledge.base import KnowledgeBase

    shelf = BaseShelf(KnowledgeBase.open(knowledge))
    shelf.name = "the knowledge base"  # a figure is passed on, and folders of this computer are nobody's business
    return Assistant(shelf, k)


def _document(name: str, out: Path, file: Path | None, made: Figure, doubts: Any) -> dict[str, Any]:
    return {
        "figure": name,
        "drawing": str(out),
        "file": None if file is None else str(file),
        **made.to_dict(),
        "quality": [doubt.to_dict() for doubt in doubts],
    }
