"""From one ECG file to another, read back and compared before it takes its place."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from einthoven.ecg import ECG, EinthovenError, FormatError
from einthoven.formats.files import read_head
from einthoven.formats.identity.deidentify import deidentify
from einthoven.formats.identity.words import phrases_in, phrases_of, without_identity, words_of, words_of_file
from einthoven.formats.read import located, read
from einthoven.formats.told import Told, split_record, told
from einthoven.formats.write.verify import verify
from einthoven.formats.write.write import Written, encode, writing


@dataclass(frozen=True)
class Converted:
    """What became of a file.

    Args:
        ecg: what was written.
        written: where, and how.
        largest_error: in microvolt, over all leads and samples of the file as it reads back.
        words: how many of the original's words were searched in the new file, where none of them is; None
            where no identity was to be taken out.
    """

    ecg: ECG
    written: Written
    largest_error: float
    words: int | None


def convert(
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    format: str | None = None,
    overwrite: bool = False,
    secret: bytes | None = None,
    *,
    rate: float | None = None,
    unit: str | None = None,
    leads: Sequence[str] | str | None = None,
) -> Converted:
    """Reads a file and writes it in another format; with a `secret`, de-identified by it.

    The new file is read back and compared sample by sample. If identities were taken out, it is searched for
    every word of the original's text as well. Only then it takes its place.

    Args:
        rate, unit, leads: as `read` takes them, for a file that does not state them.

    Raises:
        FormatError: it reads back as another ECG, or holds a word that it should not. Nothing is left behind.
        EinthovenError: as `read`, `deidentify` and `write`.
    """
    path = Path(source)
    said = told(rate, unit, leads, None)
    original = read(path, rate=rate, unit=unit, leads=leads) if secret is None else _discreetly_read(path, said)
    ecg = original if secret is None else deidentify(original, secret)
    with writing(ecg, out, format, overwrite) as (written, ready):
        largest = verify(ecg, ready, written.encoded)
        words = None if secret is None else _search(path, original, ecg, written, format)
    return Converted(ecg, written, largest, words)


def _discreetly_read(path: Path, said: Told) -> ECG:
    """As `read`, but no error quotes the file, for what is quoted may be a name."""
    read_head(located(split_record(path)[0]), 1)  # whether it is there at all may be said
    try:
        return read(path, rate=said.rate, unit=said.unit, leads=said.leads)
    except EinthovenError as fault:
        raise type(fault)(
            "The file cannot be read; why is not said here, for that may quote it.",
            "Reading it without de-identification (einthoven read) says why.",
        ) from None


def _search(source: Path, original: ECG, ecg: ECG, written: Written, format: str | None) -> int:
    """How many words and phrases of the original were searched in the new file; what may be said does not count."""
    out, patient, record = written.paths[0], original.patient.id, split_record(source)[1]
    named = patient and patient.strip() and patient.casefold() in out.name.casefold()
    # The number of an exam leads to its patient in the data set's own table.
    if named or (record and re.search(rf"(?<!\d){re.escape(record)}(?!\d)", out.name)):
        raise FormatError(
            f"The name of the output holds the {'patient' if named else 'exam'}'s id; it was not written.",
            "Name the output so that it says nothing of the patient.",
        )
    harmless = encode(without_identity(ecg), out.with_name("ecg" + out.suffix), format)
    words, phrases = words_of_file(source), phrases_of(original) | ({record.lower()} if record else set())
    leaked = words & (words_of(written.encoded) - words_of(harmless))
    leaked |= phrases_in(phrases, written.encoded) - phrases_in(phrases, harmless)
    if leaked:
        raise FormatError(
            f"The de-identified file would hold {len(leaked)} word(s) of the original's text; it was not written.",
            "Name the output so that it says nothing of the patient.",
        )
    return len(words | phrases)
