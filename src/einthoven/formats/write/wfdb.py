"""WFDB: a header and one signal file of format 16 (header(5), signal(5) of the WFDB Applications Guide)."""

from __future__ import annotations

import re

import numpy as np

from einthoven.ecg import ECG, Statement, UsageError
from einthoven.formats.text import clean
from einthoven.formats.write.digits import Digits, coarse_notices, digits_of, plain
from einthoven.formats.write.encoded import Encoded, left_out, stored_leads

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}")
_SYSTEM = re.compile(r"[\w.-]{1,32}", re.ASCII)
_CODE = re.compile(r"[^\s,]{1,64}")


def encode(ecg: ECG, name: str) -> Encoded:
    """The record `name`: `.hea` and `.dat`; errors as `einthoven.formats.write.write`."""
    if not _NAME.fullmatch(name):
        raise UsageError(
            "The name of a WFDB record consists of letters, digits, _ and - (at most 80).",
            "Choose another name for the output.",
        )
    leads = stored_leads(ecg)
    digits = {lead: digits_of(ecg.lead(lead), lead) for lead in leads}
    when = f" {ecg.time:%H:%M:%S.%f} {ecg.time:%d/%m}/{ecg.time.year:04d}" if ecg.time else ""
    lines = [
        f"{name} {len(leads)} {plain(ecg.rate)} {ecg.samples}{when}",
        *(_signal_line(name, lead, part) for lead, part in digits.items()),
        *(f"# {comment}" for comment in _comments(ecg)),
    ]
    samples = np.stack([part.raw for part in digits.values()], axis=1)
    return Encoded(
        files={".hea": ("\n".join(lines) + "\n").encode(), ".dat": samples.astype("<i2").tobytes()},
        kind="WFDB",
        leads=leads,
        steps={lead: part.step for lead, part in digits.items()},
        notices=(
            *coarse_notices(digits.items()),
            *left_out("WFDB", measurements=ecg.measured, offset_from_UTC=ecg.time and ecg.time.tzinfo),
        ),
    )


def _signal_line(name: str, lead: str, part: Digits) -> str:
    total = int(np.add.reduce(part.raw, dtype=np.int16))  # the checksum: 16 bits of the sum
    return f"{name}.dat 16 {plain(1000 / part.step)}({-part.zero})/mV 16 0 {part.raw[0]} {total} 0 {lead}"


def _comments(ecg: ECG) -> list[str]:
    """Patient, device and statements, in the words that `einthoven.formats.wfdb_comments` reads."""
    patient = ecg.patient
    lines = [f"Age: {plain(patient.age)}"] if patient.age is not None else []
    lines += [f"Sex: {patient.sex.capitalize()}"] if patient.sex else []
    lines += [f"Patient ID: {clean(patient.id)}"] if patient.id else []
    lines += [f"Device: {clean(ecg.device)}"] if ecg.device else []
    bare = [s for s in ecg.statements if s.system == "SNOMED" and not s.text and s.likelihood is None]
    lines += [f"Dx: {','.join(str(s.code) for s in bare)}"] if bare else []
    return lines + [_statement(s) for s in ecg.statements if s not in bare]


def _statement(statement: Statement) -> str:
    code, system, text = statement.code or "", statement.system or "", clean(statement.text)
    if not code:
        return f"Diagnosis: {text}"
    if not _CODE.fullmatch(code) or not _SYSTEM.fullmatch(system):
        return f"Diagnosis: {' '.join(part for part in (clean(system), clean(code), text) if part)}"
    likelihood = "" if statement.likelihood is None else f" ({plain(statement.likelihood)}%)"
    return f"Dx ({system}): {code}{likelihood} {text}".strip()
