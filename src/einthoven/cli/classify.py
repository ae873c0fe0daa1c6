"""`einthoven classify`."""

from __future__ import annotations

from typing import Annotated

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg
from einthoven.cli.terminal import Json, ModelOption, open_model, print_json, say
from einthoven.ecg import UsageError


def classify(
    file: File,
    labels: Annotated[
        list[str] | None,
        typer.Option(
            "--labels",
            metavar="L1,L2",
            help="Codes or words, English or German, with commas between them (or semicolons, where a label has one).",
        ),
    ] = None,
    vocabulary: Annotated[
        str | None,
        typer.Option(
            metavar="NAME", help="A whole set: ptbxl-super, ptbxl-sub, ptbxl-all, ptbxl-diagnostic, -form, -rhythm."
        ),
    ] = None,
    model: ModelOption = None,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Tell how well each of any list of labels fits an ECG, or that none of these does."""
    from einthoven.knowledge.labels import vocabulary_labels
    from einthoven.reporting.classify import classify as classify_ecg

    if bool(labels) == (vocabulary is not None):
        raise UsageError(
            "Which labels are to be told is not said, or said twice.",
            "Give --labels 'LBBB,atrial fibrillation', or --vocabulary ptbxl-super.",
        )
    asked = vocabulary_labels(vocabulary) if vocabulary else split(labels or [])
    found = classify_ecg(read_ecg(file, rate, unit, leads), asked, open_model(model))
    if as_json:
        print_json(found.to_dict())
    else:
        for line in str(found).splitlines():
            say(line)


def split(given: list[str]) -> list[str]:
    """The labels of all options, apart at semicolons where an option has one, else at commas."""
    parts = [part.strip() for one in given for part in one.split(";" if ";" in one else ",")]
    return [part for part in parts if part]
