"""What the comments of a WFDB header say about patient and ECG, in the styles met in public data.

Challenge 2020/2021 (`Age: 74`, `Dx: 164889003,59118001`), PTB Diagnostic (`age: 81`,
`Reason for admission: ...`), LUDB (`<age>: 51`, `<diagnoses>:` with a line each below), and those
that `einthoven.formats.write.wfdb` adds (`Patient ID: ...`, `Device: ...`, `Dx (SCP): NORM (100%)`).
"""

from __future__ import annotations

import re

from einthoven.ecg import Notice, Patient, Statement
from einthoven.formats.limits import MOST_STATEMENTS
from einthoven.formats.text import NAME_LENGTH, clean

_TAGGED = re.compile(r"<([^<>]{1,40})>:?")
_NUMBER = re.compile(r"\d{1,3}(?:\.\d{1,6})?", re.ASCII)
_DX = re.compile(r"dx \(([\w.-]{0,32})\)", re.ASCII)
_CODED = re.compile(r"([^\s,]{1,64})(?: \((\d{1,3}(?:\.\d{1,17})?)%\))?(?: (.*))?")
_SNOMED = re.compile(r"\d{6,18}", re.ASCII)
_SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}
_NOTHING = {"", "no", "none", "(none)", "n/a", "na", "nan", "unknown", "unknows", "?", "-"}
# PTB Diagnostic: the clinicians' view of the recording; the rest of its history is the patient's.
_DIAGNOSES = {
    "reason for admission",
    "acute infarction (localization)",
    "former infarction (localization)",
}
_OLDEST = 130


def read_comments(comments: tuple[str, ...]) -> tuple[Patient, tuple[Statement, ...], tuple[Notice, ...]]:
    """Patient, statements and notices from comment lines (without their `#`).

    >>> patient, statements, _ = read_comments(("Age: 74", "Sex: Male", "Dx: 164889003,59118001"))
    >>> patient.age, patient.sex, [(s.system, s.code) for s in statements]
    (74.0, 'male', [('SNOMED', '164889003'), ('SNOMED', '59118001')])
    """
    age: float | None = None
    sex: str | None = None
    identity: str | None = None
    statements: list[Statement] = []
    notices: list[Notice] = []
    listing = False  # below a line `<diagnoses>:`
    for key, value, line in _entries(comments):
        if key == "age":
            listing = False
            if age is None and value.lower() not in _NOTHING:
                age = _age(value)
                if age is None:
                    text = f"The age '{clean(value, 20)}' in the header is none; the ECG carries no age."
                    notices.append(Notice("unread-age", text))
        elif key == "sex":
            listing = False
            sex = sex or _SEXES.get(value.lower())
        elif key == "dx":
            listing = False
            statements += [_coded(part) for part in map(str.strip, value.split(",")) if _says(part)]
        elif (system := _DX.fullmatch(key)) and (coded := _CODED.fullmatch(value)):
            listing = False
            likelihood = float(coded[2]) if coded[2] else None
            vocabulary = line[len("dx (") : len(key) - 1].strip() if system[1] else None
            statements.append(Statement(clean(coded[3] or ""), clean(coded[1]), vocabulary, likelihood))
        elif key == "patient id":
            listing = False
            identity = identity or clean(value, NAME_LENGTH) or None
        elif key in {"diagnosis", "diagnoses"}:
            listing = not value
            statements += [Statement(text=clean(value))] if _says(value) else []
        elif key in _DIAGNOSES:
            statements += [Statement(text=clean(line))] if _says(value) else []
        elif key.startswith("<"):
            listing = False
        elif listing and _says(line):
            statements.append(Statement(text=clean(line)))
    if len(statements) > MOST_STATEMENTS:
        text = f"The header holds {len(statements)} statements; the first {MOST_STATEMENTS} were read."
        notices.append(Notice("many-statements", text))
    return Patient(identity, age, sex), tuple(statements[:MOST_STATEMENTS]), tuple(notices)


def device_in(comments: tuple[str, ...]) -> str | None:
    """What recorded the ECG, where a comment says it."""
    stated = (value for key, value, _ in _entries(comments) if key == "device" and _says(value))
    return clean(next(stated, ""), 2 * NAME_LENGTH) or None


def _entries(comments: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """(key in lower case, value, whole line); one line may hold several `<key>: value`.

    A tag that is none of the known keys keeps its bracket, for it ends a list of diagnoses.
    """
    entries = []
    for line in comments:
        if line.startswith("<") and (found := list(_TAGGED.finditer(line))):
            ends = [tag.start() for tag in found[1:]] + [len(line)]
            for tag, end in zip(found, ends, strict=True):
                key, value = tag[1].strip().lower(), line[tag.end() : end].strip(" :")
                known = key in {"age", "sex", "dx", "diagnosis", "diagnoses"}
                entries.append((key if known else f"<{key}", value, value))
        else:
            key, _, value = line.partition(":")
            entries.append((key.strip().lower(), value.strip(), line))
    return entries


def _says(value: str) -> bool:
    return value.strip().rstrip(".").lower() not in _NOTHING


def _coded(part: str) -> Statement:
    return Statement(code=part, system="SNOMED") if _SNOMED.fullmatch(part) else Statement(text=clean(part))


def _age(value: str) -> float | None:
    return float(value) if _NUMBER.fullmatch(value) and float(value) <= _OLDEST else None
