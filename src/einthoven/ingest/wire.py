"""An ECG, or why there is none, as bytes between two processes: a small JSON header and raw float32 samples.

What comes in is not trusted: it was made by the process that read a file which may be hostile. The ECG is built
anew by its own constructor, which checks it.
"""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Any, get_args

import numpy as np

from einthoven.ecg import ECG, LEADS, EinthovenError, HostileFileError, Notice, Patient, Statement, errors
from einthoven.quality import Finding, Level

MOST_HEADER = 4 * 2**20
_LENGTH = struct.Struct("<I")


@dataclass(frozen=True)
class Reading:
    """What became of one file: an ECG or an error, with the seconds that it took and the bytes that memory grew by.

    `findings` is what `quality.assess` found in the ECG; None where it was not judged (an error, or too long).
    """

    ecg: ECG | None = None
    error: EinthovenError | None = None
    seconds: float = 0.0
    memory: int = 0
    findings: tuple[Finding, ...] | None = None


def to_bytes(reading: Reading) -> bytes:
    """A reading as bytes; `from_bytes` is the way back."""
    header: dict[str, Any] = {"seconds": reading.seconds, "memory": reading.memory}
    samples = b""
    if reading.ecg is not None:
        header["ecg"] = _words(reading.ecg)
        header["findings"] = None if reading.findings is None else [one.to_dict() for one in reading.findings]
        samples = reading.ecg.signal.astype("<f4", copy=False).tobytes()
    elif isinstance(reading.error, HostileFileError):
        header["hostile"] = [reading.error.cause, reading.error.detail]
    elif reading.error is not None:
        header["error"] = [reading.error.kind, reading.error.message, reading.error.mend]
    text = json.dumps(header).encode()
    return _LENGTH.pack(len(text)) + text + samples


def from_bytes(data: bytes) -> Reading:
    """The reading that `to_bytes` wrote; bytes that it cannot have written are a `HostileFileError` in it."""
    try:
        (size,) = _LENGTH.unpack_from(data)
        if size > MOST_HEADER:
            raise ValueError("a header too long")
        header = json.loads(data[_LENGTH.size : _LENGTH.size + size])
        seconds, memory = float(header["seconds"]), int(header["memory"])
        if "ecg" in header:
            ecg = _ecg(header["ecg"], data[_LENGTH.size + size :])
            return Reading(ecg, None, seconds, memory, _findings(header["findings"]))
        return Reading(error=_error(header), seconds=seconds, memory=memory)
    except (EinthovenError, ValueError, LookupError, TypeError, AttributeError, struct.error):
        return Reading(error=HostileFileError("fault", "its answer makes no sense"))


def _words(ecg: ECG) -> dict[str, Any]:
    return {
        "rate": ecg.rate,
        "calibrated": ecg.calibrated,
        "patient": [ecg.patient.id, ecg.patient.age, ecg.patient.sex],
        "time": ecg.time.isoformat() if ecg.time else None,
        "device": ecg.device,
        "statements": [[s.text, s.code, s.system, s.likelihood] for s in ecg.statements],
        "notices": [[notice.kind, notice.text] for notice in ecg.notices],
        "format": ecg.format,
        "measured": dict(ecg.measured),
        "accession": ecg.accession,
        "derived": ecg.derived,
    }


def _ecg(words: dict[str, Any], raw: bytes) -> ECG:
    signal = np.frombuffer(raw, "<f4").reshape(len(LEADS), -1)
    there = np.isfinite(signal).any(axis=1)
    ecg = ECG(
        signal[there],
        float(words["rate"]),
        [lead for lead, kept in zip(LEADS, there, strict=True) if kept],
        bool(words["calibrated"]),
        patient=Patient(*words["patient"]),
        time=datetime.fromisoformat(words["time"]) if words["time"] else None,
        device=words["device"],
        statements=[Statement(*one) for one in words["statements"]],
        format=str(words["format"]),
        measured=words["measured"],
        accession=words["accession"],
    )
    # The constructor takes derived leads for leads of the file, and finds its notices a second time.
    derived = tuple(lead for lead in LEADS if lead in words["derived"])
    return ecg.described(derived=derived, notices=tuple(Notice(*one) for one in words["notices"]))


def _findings(stated: list[dict[str, Any]] | None) -> tuple[Finding, ...] | None:
    if stated is None:
        return None
    found = tuple(
        Finding(str(one["kind"]), tuple(map(str, one["leads"])), str(one["text"]), one["level"]) for one in stated
    )
    if any(one.level not in get_args(Level) for one in found):
        raise ValueError("no level")
    return found


def _error(header: dict[str, Any]) -> EinthovenError:
    if "hostile" in header:
        return HostileFileError(*header["hostile"])
    kind, message, mend = header["error"]
    return _KINDS[kind](str(message), str(mend))


def _kinds(base: type[EinthovenError]) -> dict[str, type[EinthovenError]]:
    found = {base.kind: base}
    for kind in base.__subclasses__():
        if kind.__module__ == errors.__name__ and kind is not HostileFileError:
            found |= _kinds(kind)
    return found


_KINDS = _kinds(EinthovenError)
