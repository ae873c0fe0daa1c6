"""`einthoven caption`."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from einthoven.cli.files import File, LeadsOption, RateOption, UnitOption, read_ecg
from einthoven.cli.terminal import Json, need_packages, print_json, say
from einthoven.ecg import UsageError


def caption(
    file: File,
    model: Annotated[
        Path, typer.Option("--model", metavar="CHECKPOINT", help="A folder that a contrastive captioning has left.")
    ],
    beam: Annotated[int | None, typer.Option(min=1, help="Keep so many texts at a time, and write the best.")] = None,
    nucleus: Annotated[
        float | None, typer.Option(metavar="P", help="Draw from the likeliest tokens that hold P of the probability.")
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 0,
    rate: RateOption = None,
    unit: UnitOption = None,
    leads: LeadsOption = None,
    as_json: Json = False,
) -> None:
    """Write a text for an ECG by a captioning model, token by token; the likeliest token each time unless told.

    It has no evidence: for a draft that has, see `einthoven report`.
    """
    need_packages("train", "torch", "safetensors", "tokenizers")
    from einthoven.models.captioner_checkpoint import CaptionWriter
    from einthoven.models.generation import beam as by_beam
    from einthoven.models.generation import nucleus as by_nucleus
    from einthoven.reporting.caption import caption as write_caption

    if beam is not None and nucleus is not None:
        raise UsageError("A text is either the best of a beam or drawn from a nucleus.", "Give one of the two.")
    write = None
    if beam is not None:
        write = partial(by_beam, width=beam)
    elif nucleus is not None:
        if not 0 < nucleus <= 1:
            raise UsageError(f"{nucleus:g} is no share of probability.", "Choose --nucleus above 0 and at most 1.")
        write = partial(by_nucleus, p=nucleus, seed=seed)
    ecg = read_ecg(file, rate, unit, leads)
    found = write_caption(ecg, CaptionWriter(model), write)
    if as_json:
        print_json(found.to_dict())
    else:
        for line in str(found).splitlines():
            say(line)
