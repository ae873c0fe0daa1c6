"""`einthoven convert`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption
from einthoven.cli.fitness import findings, lines, loud
from einthoven.cli.terminal import Json, print_json
from einthoven.ecg import UsageError

if TYPE_CHECKING:
    from einthoven.formats import Converted

SECRET = "EINTHOVEN_SECRET"


def convert(
    file: File,
    out: Annotated[
        Path,
        typer.Argument(metavar="OUT", help="Where it goes: .hea or no suffix (WFDB), .dcm, .csv, .xml (HL7 aECG)."),
    ],
    format: Annotated[
        Literal["wfdb", "dicom", "csv", "aecg"] | None, typer.Option(help="The format, whatever OUT's suffix.")
    ] = None,
    deidentify: Annotated[
        bool, typer.Option("--deidentify", help="Without names, ids, true dates, device and free text.")
    ] = False,
    secret_file: Annotated[
        Path | None,
        typer.Option(
            metavar="S",
            help=f"What pseudonyms and shifts of dates depend on; made if it is not there. Default: ${SECRET}.",
        ),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace OUT if it is there.")] = False,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Write an ECG in another format; what is written is read back and compared before it takes its place."""
    import einthoven.formats

    key, made = _secret(secret_file) if deidentify else (None, False)
    if secret_file and not deidentify:
        raise UsageError("A secret is for --deidentify only.", "Add --deidentify, or leave --secret-file out.")
    done = einthoven.formats.convert(file, out, format, overwrite, key, rate=rate, unit=unit, leads=leads)
    found, doubts = _described(done, secret_file if made else None), findings(done.ecg)
    if as_json:
        print_json(found | {"quality": [doubt.to_dict() for doubt in doubts]})
        return
    for key_, value in (*_lines(found), *lines(loud(doubts), done.ecg)):
        print(f"{key_:<11} {value}")


def _secret(path: Path | None) -> tuple[bytes, bool]:
    from einthoven.formats.identity import read_secret, secret_of

    if path is not None:
        return read_secret(path)
    if text := os.environ.get(SECRET):
        return secret_of(text), False
    raise UsageError(
        "De-identification needs a secret, and none is named.",
        f"Add --secret-file S (it is made if it is not there), or set {SECRET}.",
    )


def _described(done: Converted, made: Path | None) -> dict[str, Any]:
    encoded = done.written.encoded
    return {
        "files": [str(path) for path in done.written.paths],
        "format": encoded.kind,
        "leads": list(encoded.leads),
        "rate_hz": done.ecg.rate,
        "samples": done.ecg.samples,
        "step_uv": {lead: step or None for lead, step in encoded.steps.items()},
        "compared": {"samples": done.ecg.samples * len(encoded.leads), "largest_error_uv": done.largest_error},
        "deidentified": done.words is not None,
        "words_searched": done.words,
        "secret_file_made": str(made) if made else None,
        "notices": [{"kind": n.kind, "text": n.text} for n in (*done.ecg.notices, *done.written.notices)],
    }


def _lines(found: dict[str, Any]) -> list[tuple[str, str]]:
    steps = [step for step in found["step_uv"].values() if step]
    step = f", steps of {_range(steps)} µV" if steps else ""
    compared = found["compared"]
    lines = [("written", path) for path in found["files"]]
    lines += [
        ("format", found["format"] + step),
        ("leads", " ".join(found["leads"])),
        ("read back", f"{compared['samples']} samples, largest difference {compared['largest_error_uv']:.2g} µV"),
    ]
    if found["deidentified"]:
        text = f"{found['words_searched']} words of the original's text searched in it, none found"
        lines.append(("identities", text))
    if found["secret_file_made"]:
        lines.append(("secret", f"{found['secret_file_made']} was made: keep it, and keep it to yourself"))
    return [*lines, *(("notice", notice["text"]) for notice in found["notices"])]


def _range(steps: list[float]) -> str:
    low, high = min(steps), max(steps)
    return f"{low:.4g}" if low == high else f"{low:.4g} to {high:.4g}"
