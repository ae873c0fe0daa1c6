"""`einthoven draw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg, write_bytes, write_text
from einthoven.cli.fitness import findings, warn, warnings
from einthoven.cli.terminal import Json, print_json
from einthoven.ecg import SignalError, UsageError

if TYPE_CHECKING:
    from einthoven.ecg import ECG
    from einthoven.paper import Beat

KINDS = (".svg", ".png", ".pdf")
DpiOption = Annotated[float | None, typer.Option("--dpi", help="Pixels an inch of a PNG. Default: 200.")]


def draw(
    file: File,
    out: Annotated[Path, typer.Argument(metavar="OUT.svg|.png|.pdf", help="Where the drawing goes.")],
    layout: Annotated[str | None, typer.Option(help="3x4+1, 3x4+3, 3x4, 6x2, 12x1 or cabrera. Default: 3x4+1.")] = None,
    speed: Annotated[float | None, typer.Option(help="mm/s. Default: 25; 50 with --beats.")] = None,
    gain: Annotated[float | None, typer.Option(help="mm/mV. Default: 10; 20 with --beats.")] = None,
    style: Annotated[str, typer.Option(help="colour or mono.")] = "colour",
    columns: Annotated[
        Literal["sequential", "simultaneous"] | None,
        typer.Option(help="Columns follow each other in time, or all begin at 0 s. Default: sequential."),
    ] = None,
    start: Annotated[
        float, typer.Option("--from", metavar="SECONDS", help="Where in a long recording the paper begins.")
    ] = 0.0,
    overlay: Annotated[
        Path | None, typer.Option(metavar="FILE2", help="A second ECG, drawn dashed over the first.")
    ] = None,
    beats: Annotated[
        bool, typer.Option("--beats", help="Draw each lead's median beat, enlarged, with its measured points.")
    ] = False,
    dpi: DpiOption = None,
    show_id: Annotated[bool, typer.Option("--show-id", help="Print the patient's id in the header.")] = False,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Draw an ECG on millimetre paper, at exact scale, without a filter.

    What speaks against a recording (exchanged electrodes, a wrong gain, noise alone) is printed on the paper too.
    Median beats (--beats) are those that `einthoven measure` measures, from which drift of the baseline is filtered.
    PNG and PDF need two more packages: pip install 'einthoven[paper]'.
    """
    from einthoven import paper

    check_drawing(out, dpi)
    if beats and not (layout is None and columns is None):
        raise UsageError("Median beats have a layout of their own.", "Leave --layout and --columns out, or --beats.")
    if beats and start:
        raise UsageError("Median beats are of the whole recording.", "Leave --from out, or --beats.")
    ecg = read_ecg(file, rate, unit, leads)
    other = None if overlay is None else read_ecg(overlay, rate, unit, leads)
    names = tell_apart(file, overlay or file)
    speed = (50.0 if beats else 25.0) if speed is None else speed
    gain = (20.0 if beats else 10.0) if gain is None else gain
    layout = "beats" if beats else "3x4+1" if layout is None else layout
    filtered = "none"
    doubts = {name: findings(each) for name, each in (("quality", ecg), ("overlay_quality", other)) if each}
    told = list(zip(doubts.values(), [f"{name}: " if other else "" for name in names], strict=False))
    common: dict[str, Any] = {"names": names, "speed": speed, "gain": gain, "style": style, "show_id": show_id}
    common["warnings"] = [line for found, whose in told for line in warnings(found, whose)]
    if beats:
        from einthoven.measurement import DRIFT_HZ

        filtered = f"{DRIFT_HZ:g} Hz high-pass"
        second = None if other is None else (other, median_beat(other))
        svg = paper.draw_beats(ecg, median_beat(ecg), over=second, filter=filtered, **common)
    else:
        svg = paper.draw(ecg, layout, columns=columns, over=other, start=start, **common)
    write_drawing(out, svg, dpi)
    if as_json:
        shown: dict[str, Any] = {
            "drawing": str(out),
            "layout": layout,
            "speed_mm_s": speed,
            "gain_mm_mv": gain,
            "from_s": start,
            "filter": filtered,
            "overlay": None if overlay is None else str(overlay),
        }
        for whose, one in zip(("", "overlay_"), svg.partly, strict=False):
            shown |= {f"{whose}clipped": list(one.clipped), f"{whose}beyond_grid": list(one.beyond)}
        print_json(shown | {name: [doubt.to_dict() for doubt in found] for name, found in doubts.items()})
        return
    print(out)
    for found, whose in told:
        warn(found, whose)


def check_drawing(out: Path, dpi: float | None) -> None:
    """Refuses names of files that no drawing is written to, before anything is drawn.

    Raises:
        UsageError: another ending than `KINDS`, or pixels for what has none.
    """
    kind = out.suffix.lower()
    if kind not in KINDS:
        raise UsageError(
            f"Drawings are written as SVG, PNG or PDF, not as '{out.suffix or out.name}'.",
            f"Name a file that ends in {', '.join(KINDS)}.",
        )
    if dpi is not None and kind != ".png":
        raise UsageError(f"Only a PNG has pixels; '{out.name}' is none.", "Leave --dpi out.")


def write_drawing(out: Path, svg: str, dpi: float | None) -> None:
    """Writes a drawing as what its file's ending says.

    Raises:
        MissingPackageError: a PNG or PDF without the packages that make one.
        FileError: the file cannot be written.
    """
    from einthoven import paper

    kind = out.suffix.lower()
    if kind == ".svg":
        write_text(out, svg)
    else:
        write_bytes(out, paper.to_pdf(svg) if kind == ".pdf" else paper.to_png(svg, 200.0 if dpi is None else dpi))


def tell_apart(first: Path, second: Path) -> tuple[str, str]:
    """The ends of two paths, as short as they differ.

    >>> tell_apart(Path("a/x.dcm"), Path("b/y.dcm")), tell_apart(Path("a/x.dcm"), Path("b/x.dcm"))
    (('x.dcm', 'y.dcm'), ('a/x.dcm', 'b/x.dcm'))
    """
    one, two = first.absolute().parts, second.absolute().parts
    count = 1
    while one[-count:] == two[-count:] and count < max(len(one), len(two)):
        count += 1
    if one == two:
        return first.name, second.name
    return Path(*one[-count:]).as_posix(), Path(*two[-count:]).as_posix()


def median_beat(ecg: ECG) -> Beat:
    """The median of an ECG's beats of one kind with the points that were measured on it, as `einthoven measure` has it.

    Raises:
        SignalError: the ECG has none, and why.
    """
    from einthoven.measurement import measure
    from einthoven.paper import Beat

    found = measure(ecg)
    beat = found.median_beat
    if beat is None:
        raise SignalError(f"There is no median beat. {found.reasons['median_beat']}", "Draw it without --beats.")
    return Beat(
        beat.signal,
        beat.rate,
        beat.r_peak,
        p_onset=beat.p_onset,
        p_offset=beat.p_offset,
        qrs_onset=beat.qrs_onset,
        qrs_offset=beat.qrs_offset,
        t_offset=beat.t_offset,
    )
