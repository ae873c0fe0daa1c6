"""Whether a written file holds words of the one it was made from that it should not."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from einthoven.ecg import ECG, EinthovenError, Patient
from einthoven.formats import dicom, wfdb
from einthoven.formats.dicom_file import guarded, parse
from einthoven.formats.documents.encoding import to_utf8
from einthoven.formats.files import read_bytes
from einthoven.formats.identity.deidentify import bare
from einthoven.formats.read import located
from einthoven.formats.told import split_record
from einthoven.formats.write.encoded import Encoded

_WORD = re.compile(r"[^\W_]+")
_SHORTEST, _SHORTEST_NUMBER = 4, 5
_LONGEST_BYTES = 4096  # of one value in DICOM; waveforms are longer
_SHORTEST_PHRASE = 3
_ANY_YEAR = 2000
_DAYS = ("%Y%m%d", "%Y%m%d%H%M%S", "%d/%m/%Y", "%Y-%m-%dT%H")  # as DICOM, HL7, WFDB and CSV have them


def words_of_file(path: Path) -> set[str]:
    """The words in the text of an ECG file, in lower case: of a WFDB record in its header.

    Words have four letters or more, numbers five digits: shorter ones are found anywhere by chance.

    Raises:
        EinthovenError: as `einthoven.formats.read`.
    """
    file, record = split_record(path)
    if record is not None:  # of many ECGs in one file, that holds numbers alone
        return _words([record])
    path = located(file)
    data = read_bytes(path)
    if dicom.sniff(data, path):
        with guarded():
            return _words(_values(parse(data)))
    header = wfdb.header_path(data[:4096], path)
    if header is not None and header != path:
        data = read_bytes(header)
    try:
        return _words([to_utf8(data)[0].decode()])
    except EinthovenError:  # binary, or in an encoding of its own
        return _words([data.decode("latin-1")])


def words_of(encoded: Encoded) -> set[str]:
    """The words in what was written."""
    return _words([_text(encoded)])


def phrases_of(ecg: ECG) -> set[str]:
    """What an ECG says of its patient in words: id, device, texts and codes of statements, and the day in all styles.

    Three letters or more: shorter ones are found anywhere by chance.
    """
    said = [ecg.patient.id, ecg.device, *(words for s in ecg.statements for words in (s.text, s.code))]
    said += [ecg.time.strftime(style) for style in _DAYS] if ecg.time else []
    return {phrase.lower() for phrase in said if phrase and len(phrase) >= _SHORTEST_PHRASE}


def phrases_in(phrases: Iterable[str], encoded: Encoded) -> set[str]:
    """Those that stand in what was written, not as a part of a longer word."""
    text = _text(encoded)
    return {phrase for phrase in phrases if re.search(rf"(?<![^\W_]){re.escape(phrase)}(?![^\W_])", text)}


def without_identity(ecg: ECG) -> ECG:
    """An ECG that says what may be said: samples, measurements, age, sex, codes, time of day; any id, any day."""
    identity = "0" if ecg.patient.id else None
    patient = Patient(identity, ecg.patient.age, ecg.patient.sex)
    time = ecg.time.replace(year=_ANY_YEAR, month=1, day=1) if ecg.time else None
    return bare(ecg, patient, time, ecg.statements)


def _text(encoded: Encoded) -> str:
    return "\n".join(content.decode(errors="replace") for content in encoded.files.values()).lower()


def _values(dataset: Any) -> Iterable[str]:
    for element in dataset.iterall():
        if element.VR == "SQ":
            continue
        if not isinstance(element.value, bytes):
            yield str(element.value)
        elif len(element.value) <= _LONGEST_BYTES:
            yield element.value.decode("latin-1")


def _words(texts: Iterable[str]) -> set[str]:
    found = {word for text in texts for word in _WORD.findall(text.lower())}
    return {word for word in found if len(word) >= (_SHORTEST_NUMBER if word.isdigit() else _SHORTEST)}
