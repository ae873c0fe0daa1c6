"""FHIR's SampledData: samples in text, with an origin, a factor, and a step of time that R4 and R5 name differently."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np

from einthoven.ecg import Floats, FormatError, Notice
from einthoven.formats.dicom_leads import lead_of
from einthoven.formats.documents.channels import Block, Channel
from einthoven.formats.documents.json_tree import at, number_at, objects, text_at
from einthoven.formats.documents.numbers import series
from einthoven.formats.text import NAME_LENGTH, clean
from einthoven.formats.units import MILLIVOLTS

_A_SECOND = {"s": 1.0, "ms": 1e3, "us": 1e6, "ns": 1e9}  # UCUM
# In the place of a sample: E an error, U and L beyond the limits that can be measured.
_NO_SAMPLE = re.compile(r"(?<!\S)[EUL](?!\S)")


class Sampled(NamedTuple):
    """One SampledData: value in mV = `raw` (samples,) x `scale` + `offset`; `beyond` samples out of range."""

    rate: float
    raw: Floats
    scale: float | None
    offset: float
    beyond: int


def block_of(observation: dict[str, Any]) -> Block:
    """The leads of an Observation: one a component, or one in the Observation itself.

    A lead that comes in several components is in several pieces, one after the other.

    Raises:
        FormatError: no SampledData, or one that cannot be understood.
        SignalError, UnsafeFileError: as `einthoven.formats.limits`.
    """
    pieces: dict[str, list[Sampled]] = {}
    for part in (observation, *objects(observation, "component")):
        for data in objects(part, "valueSampledData"):
            pieces.setdefault(_lead(part), []).append(_sampled(data))
    if not pieces:
        raise FormatError("The FHIR Observation holds no SampledData.", "Choose the one with the waveform.")
    every = [piece for one in pieces.values() for piece in one]
    if len({piece.rate for piece in every}) > 1:
        raise FormatError("The leads of the FHIR Observation differ in sampling rate.", "Export them at one rate.")
    channels = tuple(_channel(name, one) for name, one in pieces.items())
    notices = []
    if len(every) > len(pieces):
        notices.append(Notice("pieces", f"Leads come in {len(every)} pieces, which were joined in their order."))
    if beyond := sum(piece.beyond for piece in every):
        notices.append(Notice("out-of-range", f"{beyond} samples were beyond what the device can measure."))
    label = text_at(observation, "code", "text") or text_at(observation, "code", "coding", "display")
    return Block(clean(label, NAME_LENGTH), every[0].rate, channels, tuple(notices))


def _lead(part: dict[str, Any]) -> str:
    words = text_at(part, "code", "text")
    for coding in objects(part, "code", "coding"):
        if lead := lead_of(text_at(coding, "code"), text_at(coding, "display")):
            return lead
        words = words or text_at(coding, "display") or text_at(coding, "code")
    return lead_of("", words) or clean(words, NAME_LENGTH) or "a channel without a name"


def _channel(name: str, pieces: list[Sampled]) -> Channel:
    scales = {(piece.scale, piece.offset) for piece in pieces}
    if len(scales) > 1:
        raise FormatError(f"The pieces of lead {name} differ in scale.", "Export each lead in one piece.")
    scale, offset = scales.pop()
    return Channel(name, np.concatenate([piece.raw for piece in pieces]), scale, offset)


def _sampled(data: dict[str, Any]) -> Sampled:
    dimensions = number_at(data, "dimensions")
    if dimensions not in {None, 1.0}:
        raise FormatError("A FHIR SampledData holds several channels in one.", "Export one component a lead.")
    if at(data, "codeMap") is not None or at(data, "offsets") is not None:
        raise FormatError("A FHIR SampledData refers to other resources or to uneven times.", "Export plain samples.")
    text = at(data, "data")
    if not isinstance(text, str) or not text.strip():
        raise FormatError("A FHIR SampledData holds no samples.", "Export it with its data.")
    gaps = _NO_SAMPLE.findall(text)
    raw = series(_NO_SAMPLE.sub("0", text) if gaps else text, whose="a FHIR component")
    if gaps:
        words = np.array([word in {"E", "U", "L"} for word in text.split()])
        raw[words] = np.nan
    unit = MILLIVOLTS.get((text_at(data, "origin", "code") or text_at(data, "origin", "unit")).lower())
    factor = number_at(data, "factor")
    origin = number_at(data, "origin", "value") or 0.0
    scale = (1.0 if factor is None else factor) * unit if unit else None
    return Sampled(_rate(data), raw, scale, origin * (unit or 0.0), sum(gap != "E" for gap in gaps))


def _rate(data: dict[str, Any]) -> float:
    """Samples a second: R4 has `period` in ms, R5 `interval` in `intervalUnit`."""
    interval, unit = number_at(data, "interval"), text_at(data, "intervalUnit")
    period = number_at(data, "period")
    if interval is not None and unit in _A_SECOND:
        step, a_second = interval, _A_SECOND[unit]
    elif interval is None and period is not None:
        step, a_second = period, _A_SECOND["ms"]
    else:
        raise FormatError(
            "A FHIR SampledData states no step of time in s, ms, us or ns.", "Export it with period or interval."
        )
    if step <= 0:
        raise FormatError("A FHIR SampledData has a step of time that is not above 0.", "Export it again.")
    rate = a_second / step
    near = float(np.rint(rate))
    return near if abs(rate - near) < 1e-6 * rate else rate
