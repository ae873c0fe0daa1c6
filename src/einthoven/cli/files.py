"""`einthoven read`, and writing files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from einthoven.cli.fitness import findings, lines
from einthoven.cli.terminal import Json, print_json, say
from einthoven.ecg import FileError
from einthoven.ecg.measured import in_words
from einthoven.ecg.moving import move

if TYPE_CHECKING:
    from einthoven.ecg import ECG

File = Annotated[
    Path,
    typer.Argument(
        metavar="FILE", help="An ECG file; its content tells the format. One of several in it is FILE#NAME."
    ),
]
RateOption = Annotated[float | None, typer.Option(help="Samples a second, for a file that does not state it.")]
UnitOption = Annotated[str | None, typer.Option(help="uV, mV, V or none, for a file that does not state it.")]
LeadsOption = Annotated[str | None, typer.Option(help="Like I,II,V1: the channels of a file that names none.")]


def read_ecg(file: Path, rate: float | None, unit: str | None, leads: str | None) -> ECG:
    """The ECG in the file that the command line names, with what it says of it."""
    import einthoven.formats

    return einthoven.formats.read(file, rate=rate, unit=unit, leads=leads)


def read(
    file: File, rate: RateOption = None, unit: UnitOption = None, leads: LeadsOption = None, as_json: Json = False
) -> None:
    """Show what an ECG file holds, and whether the recording is fit to conclude anything from."""
    ecg = read_ecg(file, rate, unit, leads)
    found, doubts = describe(ecg), findings(ecg)
    if as_json:
        print_json(found | {"quality": [doubt.to_dict() for doubt in doubts]})
        return
    *most, last = _lines(found)
    for key, value in (*most, *lines(doubts, ecg), last):
        say(f"{key:<11} {value}")


def describe(ecg: ECG) -> dict[str, Any]:
    """The JSON document of `einthoven read`, but for the quality of the recording."""
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
    """Writes a file as a whole, in UTF-8, or leaves the old one."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Writes a file as a whole, or leaves the old one."""
    new = path.with_name(path.name + ".part")
    try:
        new.write_bytes(content)
        move(new, path)
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
