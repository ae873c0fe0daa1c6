"""`einthoven read` and `einthoven draw`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.cli.terminal import Json, print_json, say
from einthoven.ecg import FileError, UsageError
from einthoven.ecg.measured import in_words

if TYPE_CHECKING:
    from einthoven.ecg import ECG

File = Annotated[Path, typer.Argument(metavar="FILE", help="An ECG file; its content tells the format.")]


def read(file: File, as_json: Json = False) -> None:
    """Show what an ECG file holds."""
    import einthoven.formats

    ecg = einthoven.formats.read(file)
    found = describe(ecg)
    if as_json:
        print_json(found)
        return
    for key, value in _lines(found):
        say(f"{key:<11} {value}")


def draw(
    file: File,
    out: Annotated[Path, typer.Argument(metavar="OUT.svg", help="Where the drawing goes.")],
    layout: Annotated[str, typer.Option(help="3x4+1, 3x4+3, 3x4, 6x2, 12x1 or cabrera.")] = "3x4+1",
    speed: Annotated[float, typer.Option(help="mm/s")] = 25.0,
    gain: Annotated[float, typer.Option(help="mm/mV")] = 10.0,
    style: Annotated[str, typer.Option(help="colour or mono.")] = "colour",
    show_id: Annotated[bool, typer.Option("--show-id", help="Print the patient's id in the header.")] = False,
    as_json: Json = False,
) -> None:
    """Draw an ECG on millimetre paper, at exact scale, without a filter."""
    import einthoven.formats
    from einthoven.paper import draw as to_svg

    if out.suffix.lower() != ".svg":
        raise UsageError(
            f"Drawings are written as SVG, not as '{out.suffix or out.name}'.",
            "Name a file that ends in .svg.",
        )
    picture = to_svg(einthoven.formats.read(file), layout, speed=speed, gain=gain, style=style, show_id=show_id)
    write_text(out, picture)
    if as_json:
        print_json({"drawing": str(out), "layout": layout, "speed_mm_s": speed, "gain_mm_mv": gain, "filter": "none"})
    else:
        say(str(out))


def describe(ecg: ECG) -> dict[str, Any]:
    """The JSON document of `einthoven read`."""
    return {
        "leads": list(ecg.leads),
        "rate_hz": ecg.rate,
        "samples": ecg.samples,
        "seconds": round(ecg.seconds, 3),
        "calibrated": ecg.calibrated,
        "patient": {"id": ecg.patient.id, "age": ecg.patient.age, "sex": ecg.patient.sex},
        "device": ecg.device,
        "time": ecg.time.isoformat() if ecg.time else None,
        "statements": [
            {"text": s.text or None, "code": s.code, "system": s.system, "likelihood": s.likelihood}
            for s in ecg.statements
        ],
        "measured": dict(ecg.measured),
        "derived": list(ecg.derived),
        "missing": list(ecg.missing),
        "notices": [{"kind": n.kind, "text": n.text} for n in ecg.notices],
        "format": ecg.format,
        "sha256": ecg.sha256,
    }


def write_text(path: Path, text: str) -> None:
    """Writes a file as a whole, or leaves the old one."""
    new = path.with_name(path.name + ".part")
    try:
        new.write_text(text, encoding="utf-8")
        new.replace(path)
    except OSError as fault:
        raise FileError(
            f"{path} cannot be written: {fault.strerror}.", "Choose a folder that exists and is writable."
        ) from None


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    patient = found["patient"]
    age = None if patient["age"] is None else f"{patient['age']:.0f} y"
    stored = [lead for lead in found["leads"] if lead not in (*found["derived"], *found["missing"])]
    lines = [
        ("format", found["format"]),
        ("patient", ", ".join(part for part in (patient["id"], age, patient["sex"]) if part) or "not stated"),
        ("recorded", found["time"] or "not stated"),
        ("device", found["device"] or "not stated"),
        ("length", f"{found['seconds']:g} s, {found['samples']} samples at {found['rate_hz']:g} Hz"),
        ("leads", " ".join(stored)),
    ]
    lines += [("derived", " ".join(found["derived"]))] if found["derived"] else []
    lines += [("missing", " ".join(found["missing"]))] if found["missing"] else []
    lines += [("voltage", "mV" if found["calibrated"] else "unknown gain")]
    values = [in_words(name, value) for name, value in found["measured"].items()]
    lines += [("measured", ", ".join(values))] if values else []
    lines += [("statement", s["text"] or f"{s['system']} {s['code']}") for s in found["statements"]]
    lines += [("notice", n["text"]) for n in found["notices"]]
    return [*lines, ("sha256", found["sha256"])]
